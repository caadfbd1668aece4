package integration

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"serverscout/internal/scout"
)

const telegramName = "telegram"

func init() {
	register(Format{
		FormatMeta: scout.FormatMeta{
			Name:  telegramName,
			Title: "Telegram",
			Help:  "A message from a Telegram bot; the URL is https://api.telegram.org/botTOKEN/sendMessage with the token from @BotFather.",
			Fields: []scout.Field{
				{
					Name:    "chat_id",
					Type:    scout.TypeString,
					Help:    "The chat: its number, which is negative for groups (in a file between quotes), or the @name of a public channel; not needed when the URL ends in ?chat_id=CHAT.",
					Example: "-1001234567890",
					Max:     64,
				},
				{
					Name:    "thread_id",
					Type:    scout.TypeInteger,
					Help:    "The topic inside a group that has topics; left out, the general one.",
					Example: "42",
					Min:     1,
					Max:     1<<31 - 1,
				},
			},
		},
		Recognise: isTelegram,
		MaskURL:   maskTelegram,
		Validate:  validateTelegram,
		Render:    renderTelegram,
		Classify:  classifyTelegram,
		Preview:   previewTelegram,
	})
}

type telegramSettings struct {
	ChatID   string `json:"chat_id"`
	ThreadID int64  `json:"thread_id"`
}

var (
	// telegramPath finds what stands before /bot, and the token.
	telegramPath      = regexp.MustCompile(`^(.*)/bot([^/]+)(?:/(?i:sendMessage))?/?$`)
	telegramBotPart   = regexp.MustCompile(`/bot[^/]+`)
	telegramTokenForm = regexp.MustCompile(`^[0-9]+:[-_A-Za-z0-9]+$`)
	telegramChatForm  = regexp.MustCompile(`^(-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,31})$`)
)

// isTelegram recognises the address of a bot, with or without the method.
func isTelegram(u *url.URL) bool {
	parts := telegramPath.FindStringSubmatch(u.Path)
	return secureHost(u) == "api.telegram.org" && parts != nil && parts[1] == ""
}

// maskTelegram masks the token, also in the path of another method.
func maskTelegram(u *url.URL) string {
	return displayWithPath(u, telegramBotPart.ReplaceAllLiteralString(u.EscapedPath(), "/bot"+scout.Masked))
}

// telegramPlace is where a message goes. The settings come before the URL's
// query, of which nothing but chat and thread is used: what else stands there
// would contend with the body.
type telegramPlace struct {
	url    *url.URL
	token  string // "" where the path has none
	chat   string
	thread int64 // 0 for none
}

// telegramPlaceOf reads a target.
func telegramPlaceOf(t Target) (telegramPlace, error) {
	var settings telegramSettings
	if err := t.Settings.Decode(&settings); err != nil {
		return telegramPlace{}, err
	}
	u, err := url.Parse(t.URL)
	if err != nil {
		return telegramPlace{}, badURL("cannot be read")
	}
	query := u.Query()
	place := telegramPlace{chat: cmp.Or(settings.ChatID, query.Get("chat_id")), thread: settings.ThreadID}
	if asked := query.Get("message_thread_id"); asked != "" && place.thread == 0 {
		place.thread, err = strconv.ParseInt(asked, 10, 32)
		if err != nil || place.thread < 1 {
			return telegramPlace{}, badURL("message_thread_id must be a positive number")
		}
	}
	place.url = withPath(u, u.Path)
	if parts := telegramPath.FindStringSubmatch(u.Path); parts != nil {
		place.token = parts[2]
		place.url = withPath(u, parts[1]+"/bot"+parts[2]+"/sendMessage")
	}
	place.url.RawQuery = ""
	return place, nil
}

func validateTelegram(t Target) error {
	var faults scout.Faults
	place, err := telegramPlaceOf(t)
	if err != nil {
		faults.Join("", err)
		return faults.Err()
	}
	if !telegramTokenForm.MatchString(place.token) {
		faults.Add("url", "", "must be https://api.telegram.org/botTOKEN/sendMessage, with a token such as 123456:ABC… in place of TOKEN: ask @BotFather for it")
	}
	switch {
	case place.chat == "":
		faults.Add("chat_id", "", "Telegram needs a chat: give its number or the @name of a channel, here or in the URL as ?chat_id=CHAT")
	case !telegramChatForm.MatchString(place.chat):
		faults.Add("chat_id", "", "must be a number, such as -1001234567890, or the @name of a public channel")
	}
	return faults.Err()
}

func renderTelegram(n scout.Notice, t Target) (scout.Request, error) {
	place, err := telegramPlaceOf(t)
	if err != nil {
		return scout.Request{}, fmt.Errorf("telegram: %w", err)
	}
	body, err := encode(telegramMessage{
		ChatID:      place.chat,
		ThreadID:    place.thread,
		Text:        telegramText(n),
		ParseMode:   "HTML",
		LinkPreview: telegramLinkPreview{IsDisabled: true},
	})
	if err != nil {
		return scout.Request{}, fmt.Errorf("telegram: %w", err)
	}
	return scout.Request{
		URL:         place.url.String(),
		ContentType: jsonContentType,
		Body:        body,
		Secrets:     secretsOf(place.url, place.token),
	}, nil
}

// telegramAnswer is what every method answers.
type telegramAnswer struct {
	OK          bool   `json:"ok"`
	ErrorCode   int    `json:"error_code"`
	Description string `json:"description"`
	Parameters  struct {
		RetryAfter int64 `json:"retry_after"` // seconds
		MigratedTo int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// classifyTelegram accepts nothing but Telegram's own word of success. Of an
// error it takes the sentence and the time to wait.
func classifyTelegram(r scout.Response) (scout.Verdict, bool) {
	var answer telegramAnswer
	if json.Unmarshal(r.Body, &answer) != nil {
		answer = telegramAnswer{} // it may be read in part
	}
	if isSuccess(r.Status) && answer.OK {
		return scout.Verdict{Outcome: scout.OutcomeDelivered}, true
	}
	said := answer.Description
	if id := answer.Parameters.MigratedTo; id != 0 {
		said += fmt.Sprintf("; the new chat_id is %d", id)
	}
	v, ok := inOwnWords(telegramName, r, said)
	if isSuccess(r.Status) {
		said = cmp.Or(said, excerpt(r.Body), "nothing readable")
		v, ok = scout.Verdict{
			Outcome: scout.OutcomeRetry,
			Fault:   scout.FaultRejected,
			Detail:  fmt.Sprintf("Telegram answered %d but not with ok: %s", r.Status, said),
		}, true
	}
	if answer.ErrorCode == http.StatusTooManyRequests {
		v.Fault = scout.FaultRateLimited
	}
	v.RetryAfter = time.Duration(min(max(answer.Parameters.RetryAfter, 0), int64(maxRetryAfter/time.Second))) * time.Second
	return v, ok
}
