// Server Scout's browser code. It only enhances: pages are complete without it.
"use strict";

const root = document.querySelector("base").href;
const $ = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// The reader's time zone, for the server to show times in.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes("zone=" + encodeURIComponent(zone))) {
	document.cookie = "zone=" + encodeURIComponent(zone) + ";path=" + new URL(root).pathname + ";max-age=31536000;samesite=lax";
}

// Relative times go on by themselves, in the words of the server (ui.Span).
function ago(seconds) {
	const s = Math.floor(seconds);
	if (s < 5) return "just now";
	if (s < 60) return s + " s ago";
	if (s < 3600) return Math.floor(s / 60) + " min ago";
	const [size, unit, part, name] = s < 86400 ? [3600, " h", 60, " min"] : [86400, " d", 3600, " h"];
	const rest = Math.floor(s % size / part);
	return Math.floor(s / size) + unit + (rest ? " " + rest + name : "") + " ago";
}
function age() {
	for (const t of all("time[data-ago]")) {
		const text = ago((Date.now() - Date.parse(t.dateTime)) / 1000);
		if (t.textContent !== text) t.textContent = text;
	}
}
setInterval(age, 5000);

// Live: the server hints that something changed; the page reads itself again
// and takes over the parts that are marked as live and differ.
const pulse = $("#pulse");
let heard = 0, patching = false, again = false;
function beat(ok) {
	if (!pulse) return;
	pulse.className = "pulse " + (ok ? "on" : "off");
	pulse.textContent = ok ? "Live" : "Connection lost: what you see is from " + new Date(heard || Date.now()).toLocaleTimeString();
}
async function patch() {
	if (patching) { again = true; return; }
	patching = true;
	try {
		const answer = await fetch(location.href, { headers: { "X-Live": "1" }, redirect: "manual" });
		if (answer.type === "opaqueredirect") { location.reload(); return; }
		if (!answer.ok) return;
		const next = new DOMParser().parseFromString(await answer.text(), "text/html");
		for (const now of all("[data-live]")) {
			const then = next.getElementById(now.id);
			if (then && then.outerHTML !== now.outerHTML) take(now, then);
		}
		document.title = next.title;
		const icon = $("link[rel=icon]"), nextIcon = $("link[rel=icon]", next);
		if (icon && nextIcon && icon.href !== nextIcon.href) icon.href = nextIcon.href;
		document.dispatchEvent(new Event("patched"));
	} catch { /* the stream tells when the server is back */ } finally {
		patching = false;
		if (again) { again = false; setTimeout(patch, 1000); }
	}
}
// take replaces one part by its next state, keeping the focus, what is folded
// out and what is being typed in.
function take(now, then) {
	if (now.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
	const focus = now.contains(document.activeElement) ? document.activeElement.id : "";
	const open = all("details[open][id]", now).map((d) => d.id);
	const fresh = document.importNode(then, true);
	now.replaceWith(fresh);
	for (const id of open) document.getElementById(id)?.setAttribute("open", "");
	if (focus) document.getElementById(focus)?.focus();
	fresh.classList.add("changed");
}
if (pulse && pulse.dataset.stream) {
	const stream = new EventSource(pulse.dataset.stream);
	stream.addEventListener("hello", () => { if (heard) patch(); heard = Date.now(); beat(true); });
	stream.addEventListener("changed", () => { heard = Date.now(); beat(true); patch(); });
	stream.addEventListener("alive", () => { heard = Date.now(); beat(true); });
	stream.addEventListener("error", () => beat(false));
	addEventListener("pagehide", () => stream.close());
}

// Keys: / or Ctrl-K search; j and k or the arrows walk the rows of a table.
document.addEventListener("keydown", (e) => {
	const typing = e.target.matches("input, textarea, select, [contenteditable]");
	if ((e.key === "/" && !typing) || (e.key === "k" && (e.ctrlKey || e.metaKey))) {
		const box = $("#search");
		if (box) { e.preventDefault(); box.focus(); box.select(); }
		return;
	}
	if (typing || e.ctrlKey || e.metaKey || e.altKey) return;
	const step = { j: 1, k: -1 }[e.key];
	if (!step) return;
	const rows = all("tbody a.rowlink");
	const at = rows.indexOf(document.activeElement);
	(rows[at + step] || rows[step > 0 ? 0 : rows.length - 1])?.focus();
});

// Buttons that copy what stands beside them.
document.addEventListener("click", async (e) => {
	const button = e.target.closest("button[data-copy]");
	if (!button) return;
	const from = document.getElementById(button.dataset.copy);
	if (navigator.clipboard) {
		await navigator.clipboard.writeText(from.value ?? from.textContent);
	} else { // the page came by plain HTTP from another machine
		getSelection().selectAllChildren(from);
		document.execCommand("copy");
	}
	const was = button.textContent;
	button.textContent = "Copied";
	setTimeout(() => { button.textContent = was; }, 1500);
});

// Leaving a form with changes that were not saved asks first.
let changed = false;
document.addEventListener("input", (e) => { if (e.target.closest("form[data-guard]")) changed = true; });
document.addEventListener("submit", (e) => { if (!e.defaultPrevented) changed = false; });
addEventListener("beforeunload", (e) => { if (changed) e.preventDefault(); });

// Parts that the server draws from a form as it is being filled in: the form
// names the address, and the answer replaces the part. data-on is input or
// click.
const turns = new WeakMap(); // by part: an answer that a later question has overtaken is dropped
async function draw(part, address, body) {
	const turn = (turns.get(part) ?? 0) + 1;
	turns.set(part, turn);
	part.setAttribute("aria-busy", "true");
	let text;
	try {
		const answer = await fetch(new URL(address, root), { method: "POST", body, headers: { "X-Part": "1" } });
		if (answer.status !== 204) text = await answer.text(); // 204: it is right as it is
	} catch {
		text = "The server did not answer. Try again.";
	}
	if (turns.get(part) !== turn) return;
	if (text !== undefined) part.innerHTML = text;
	part.removeAttribute("aria-busy");
	document.dispatchEvent(new Event("patched"));
}
const timers = new WeakMap();
document.addEventListener("input", (e) => {
	const form = e.target.form ?? e.target.closest("form"); // an input may stand outside of its form
	if (!form?.matches("[data-draw]")) return;
	clearTimeout(timers.get(form));
	timers.set(form, setTimeout(() => {
		for (const part of all("[data-draw-from=" + form.id + "]")) draw(part, part.dataset.address, new FormData(form));
	}, 250));
});
document.addEventListener("click", (e) => {
	const button = e.target.closest("button[data-part]");
	if (!button || !button.form) return;
	e.preventDefault();
	const part = document.getElementById(button.dataset.part);
	button.disabled = true;
	part.textContent = button.dataset.wait || "One moment";
	stream(part, new URL(button.getAttribute("formaction") || button.form.action, root), new FormData(button.form, button))
		.finally(() => { button.disabled = false; });
});
// stream shows an answer as it comes, so that long work shows its steps.
async function stream(part, address, body) {
	part.setAttribute("aria-busy", "true");
	try {
		const answer = await fetch(address, { method: "POST", body, headers: { "X-Part": "1" } });
		const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
		let text = "";
		for (;;) {
			const { done, value } = await reader.read();
			if (done) break;
			text += value;
			part.innerHTML = text;
		}
	} catch {
		part.textContent = "The server did not answer. Try again.";
	} finally {
		part.removeAttribute("aria-busy");
	}
}

// Charts: a read-out under the pointer and by the arrow keys.
function readout(chart) {
	const points = JSON.parse(chart.dataset.points || "[]");
	const out = document.getElementById(chart.dataset.readout);
	const cursor = $(".cursor", chart);
	if (!points.length || !out) return;
	let at = points.length - 1;
	function show(i) {
		at = Math.max(0, Math.min(points.length - 1, i));
		const [x, text] = points[at];
		cursor.setAttribute("x1", x);
		cursor.setAttribute("x2", x);
		cursor.removeAttribute("visibility");
		out.textContent = text;
	}
	chart.addEventListener("pointermove", (e) => {
		const box = chart.getBoundingClientRect();
		const x = (e.clientX - box.left) * chart.viewBox.baseVal.width / box.width;
		let best = 0;
		points.forEach(([px], i) => { if (Math.abs(px - x) < Math.abs(points[best][0] - x)) best = i; });
		show(best);
	});
	chart.addEventListener("keydown", (e) => {
		const step = { ArrowLeft: -1, ArrowRight: 1, Home: -points.length, End: points.length }[e.key];
		if (step) { e.preventDefault(); show(at + step); }
	});
}
function charts() {
	for (const chart of all("svg[data-points]")) {
		if (chart.dataset.ready) continue;
		chart.dataset.ready = "1";
		readout(chart);
	}
}
document.addEventListener("patched", charts);
charts();

// Rows that can be added and removed, such as headers: a template holds one.
document.addEventListener("click", (e) => {
	const add = e.target.closest("button[data-add]");
	if (add) {
		const list = document.getElementById(add.dataset.add);
		list.append($("template", list.parentElement).content.cloneNode(true));
		$("input", list.lastElementChild)?.focus();
	}
	const remove = e.target.closest("button[data-remove]");
	if (remove) {
		const form = remove.form;
		remove.closest("[data-row]").remove();
		form?.dispatchEvent(new Event("input", { bubbles: true }));
	}
});

// What still lasts counts on, as HH:MM:SS.
setInterval(() => {
	for (const t of all("time[data-lasting]")) {
		const s = Math.max(0, Math.floor((Date.now() - Date.parse(t.dateTime)) / 1000));
		t.textContent = [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60].map((n) => String(n).padStart(2, "0")).join(":");
	}
}, 1000);
