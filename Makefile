# What developers and CI do here. `make` alone lists the targets.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# The version comes from git describe. Go's own stamping would make builds
# fail in a checkout that belongs to another user, as CI checkouts often do.
export GOFLAGS := $(strip $(GOFLAGS) -buildvcs=false)
VERSION = $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

TOOL     := go tool -modfile=tools/go.mod
FUZZTIME ?= 10s
ARGS     ?=
BENCH    ?=

# Where the browser tests leave a picture of every page.
export SCOUT_SCREENS ?= $(CURDIR)/build/screens

# Tests with these names take long and run on their own, in `make proof`.
PROOFS := ^Test(Kill|Pipeline)

# with_tests lists the packages whose test files contain a line like $(1).
with_tests = $(shell grep -rlE --include='*_test.go' '$(1)' cmd internal | xargs -r -n 1 dirname | sort -u | sed 's,^,./,')

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: ## run the server; ARGS="--config scout.yaml" are its arguments
	go run ./cmd/scout serve $(ARGS)

.PHONY: demo
demo: ## watch a sample service break and recover, and the webhooks arrive
	go run ./cmd/scout demo

.PHONY: build
build: ## build the static binary bin/scout
	CGO_ENABLED=0 go build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/scout ./cmd/scout

.PHONY: test
test: lint race proof ## everything that must pass before a commit
	@echo "make test: everything passed"

.PHONY: lint
lint: ## go vet, staticcheck, gofumpt
	go vet ./...
	$(TOOL) staticcheck ./...
	cd tools && go vet ./... && go tool staticcheck ./...
	@files=$$($(TOOL) gofumpt -l .); \
	if [ -n "$$files" ]; then printf 'gofumpt would change these files; run %s\n%s\n' '$(TOOL) gofumpt -w .' "$$files"; exit 1; fi

.PHONY: unit
unit: browser ## the tests, quickly: without the long ones and without the race detector
	go test -skip '$(PROOFS)' ./...
	go test -C tools ./...

.PHONY: race
race: compiler browser ## the tests under the race detector, without the long ones
	CGO_ENABLED=1 go test -race -timeout 30m -skip '$(PROOFS)' ./...
	go test -C tools ./...

.PHONY: proof
proof: PACKAGES = $(call with_tests,^func Test(Kill|Pipeline))
proof: compiler browser ## the long tests: kill the process, drive the pipeline at random
	@if [ -z "$(PACKAGES)" ]; then echo "proof: no test is named $(PROOFS)"; \
	else set -x; CGO_ENABLED=1 go test -race -count=1 -timeout 15m -run '$(PROOFS)' $(PACKAGES); fi

# The race detector needs cgo, and so a C compiler.
.PHONY: compiler
compiler:
	@cc=$$(go env CC); command -v "$${cc%% *}" >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q; \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends gcc libc6-dev; \
	else \
		echo "The race detector needs a C compiler. On Debian: sudo apt-get install gcc libc6-dev" >&2; \
		exit 1; \
	fi

# Tests drive a real Chromium, and axe-core looks at every page.
.PHONY: browser
browser: AXE := .cache/axe/node_modules/axe-core/axe.min.js
browser:
	@missing=; \
	command -v "$${CHROMIUM:-chromium}" chromium chromium-browser >/dev/null || missing=chromium; \
	[ -n "$${AXE_CORE-}" ] || [ -e $(AXE) ] || command -v npm >/dev/null || missing="$$missing npm"; \
	if [ -n "$$missing" ]; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -q; \
			DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing; \
		else \
			echo "The tests drive a browser. On Debian: sudo apt-get install $$missing" >&2; \
			exit 1; \
		fi; \
	fi; \
	[ -n "$${AXE_CORE-}" ] || [ -e $(AXE) ] || \
		npm install --no-save --no-package-lock --prefix .cache/axe axe-core@4.14.1

# The pictures of docs/, each by the name that the browser tests give it.
.PHONY: screens
screens: PICTURES = overview-many incident-open webhook-hooks-slack-com history-server check-week add test-404 status-page-public overview-phone
screens: browser ## make the pictures of docs/screens anew
	rm -rf $(SCOUT_SCREENS)
	go test -count=1 -run 'TestEveryPage|TestFormOfEachTarget|TestFirstVisit|TestAnswersOfATest' ./internal/web/browser
	mkdir -p docs/screens
	cp $(PICTURES:%=$(SCOUT_SCREENS)/%.png) docs/screens/

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (10s)
	@go test -list '^Fuzz' ./... | \
	awk '/^Fuzz/ {names[++n] = $$1} /^ok/ {for (i = 1; i <= n; i++) print $$2, names[i]; n = 0}' | \
	while read -r package name; do \
		echo "fuzz $$name in $$package"; \
		go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$package" </dev/null; \
	done

.PHONY: bench
bench: ## measure speed end to end; BENCH="..." are its arguments
	go run ./cmd/scout-bench $(BENCH)

.PHONY: golden
golden: PACKAGES = $(call with_tests,flag\.Bool.*"update")
golden: ## write the golden files anew
	@if [ -z "$(PACKAGES)" ]; then echo "golden: no package has golden files"; \
	else set -x; go test $(PACKAGES) -update; fi

.PHONY: generate
generate: ## run go generate
	go generate ./...

.PHONY: notice
notice: ## write NOTICE anew from the licences of what is linked
	go run -C tools ./notice -C .. -o NOTICE ./cmd/scout

.PHONY: check-clean
check-clean: generate notice golden ## fail if a generated file is not up to date
	@git diff --exit-code --stat || { echo "Generated files differ from the commit: commit them as they are now." >&2; exit 1; }

.PHONY: clean
clean: ## remove what was built
	rm -rf bin build
