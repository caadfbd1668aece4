package fake

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// GotifyToken is the token of the one application that the Gotify fake knows.
const GotifyToken = "Anotarealtoken0"

// Gotify is a receiver of messages at /message. It accepts fewer keys than
// Gotify does, and wants texts to be declared as plain.
type Gotify struct{ Recorder }

// ServeHTTP records, judges and answers in Gotify's words.
func (g *Gotify) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	judge := func(got Request) *Rejection {
		switch GotifyToken {
		case r.URL.Query().Get("token"), got.Header.Get("X-Gotify-Key"):
			return CheckGotify(r.URL.Path, got.Body)
		}
		if got.Header.Get("Authorization") == "Bearer "+GotifyToken {
			return CheckGotify(r.URL.Path, got.Body)
		}
		return gotifyError(http.StatusUnauthorized, errors.New("you need to provide a valid access token or user credentials to access this api"))
	}
	g.serve(w, r, judge, Reply(http.StatusOK, `{"id":25,"appid":5,"date":"2024-01-15T10:30:00Z"}`))
}

// CheckGotify returns why Gotify refuses the body when it is posted to the
// path, or nil.
func CheckGotify(path string, body []byte) *Rejection {
	if path != "/message" {
		return gotifyError(http.StatusNotFound, errors.New("page not found: messages go to /message, not to "+path))
	}
	o, err := parseObject(body)
	if err == nil {
		err = checkGotifyMessage(o)
	}
	if err != nil {
		return gotifyError(http.StatusBadRequest, err)
	}
	return nil
}

func gotifyError(status int, why error) *Rejection {
	word, _ := json.Marshal(map[string]any{
		"error": http.StatusText(status), "errorCode": status, "errorDescription": why.Error(),
	}) // never fails
	return &Rejection{status, string(word), why.Error()}
}

func checkGotifyMessage(o object) error {
	if err := o.only("title", "message", "priority", "extras"); err != nil {
		return err
	}
	if err := errors.Join(checkLine(o, "title", 300), checkLines(o, "message")); err != nil {
		return err
	}
	if message, _ := o.text("message"); length(message) > 4000 {
		return fmt.Errorf("message: %d characters are more than 4000", length(message))
	}
	if err := checkInteger(o, "priority", 0, 10); err != nil {
		return err
	}
	extras, ok := o.values["extras"].(object)
	if !ok {
		return errors.New("extras must be an object")
	}
	return checkGotifyExtras(extras)
}

func checkGotifyExtras(extras object) error {
	if err := extras.only("client::display", "client::notification"); err != nil {
		return err
	}
	display, _ := extras.values["client::display"].(object)
	if kind, _ := display.text("contentType"); kind != "text/plain" {
		return fmt.Errorf("contentType %q would not show texts as they are", kind)
	}
	if !extras.has("client::notification") {
		return nil
	}
	notification, _ := extras.values["client::notification"].(object)
	click, ok := notification.values["click"].(object)
	if !ok {
		return errors.New("client::notification must say where a click leads")
	}
	return errors.Join(notification.only("click"), click.only("url"), checkWebAddress(click, "url"))
}
