package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// againView is what became of sending many deliveries again.
type againView struct {
	DryRun bool           `json:"dry_run"`
	Count  int            `json:"count" doc:"How many are sent again; with dry_run, how many failed ones were found."`
	More   bool           `json:"more" doc:"Whether there are further ones: one request takes the latest 1000."`
	Left   []notAgainView `json:"left" nullable:"false" doc:"Those that were not sent again."`
}

// notAgainView is a delivery that was not sent again.
type notAgainView struct {
	DeliveryID int64  `json:"delivery_id"`
	Webhook    string `json:"webhook" doc:"The webhook's name."`
	Why        string `json:"why" doc:"In a sentence."`
}

func (a *api) registerSendAgain() {
	serve(a, huma.Operation{
		OperationID: "send_failed_again", Method: http.MethodPost, Path: "/deliveries/send-again",
		Summary: "Send all failed deliveries again now",
		Description: "Those that were given up, tests aside, the oldest of them first. Each keeps its Webhook-Id and starts its retry schedule anew. " +
			"Ask with dry_run first to see how many there are.",
	}, a.sendFailedAgain)
}

type sendAgainRequest struct {
	Since     time.Time `query:"since" doc:"Only those that failed then or later."`
	WebhookID int64     `query:"webhook_id" minimum:"1" doc:"Only those to this webhook."`
	Server    string    `query:"server" doc:"Only those about the server of this name."`
	Service   string    `query:"service" doc:"Only those about checks of this name."`
	DryRun    bool      `query:"dry_run" doc:"Count them and send nothing."`
}

func (a *api) sendFailedAgain(ctx context.Context, in *sendAgainRequest) (*answer[againView], error) {
	f := scout.DeliveryFilter{EndedSince: in.Since, WebhookID: in.WebhookID, Server: in.Server, Service: in.Service}
	if in.DryRun {
		found, more, err := a.manager.FailedDeliveries(ctx, f, manage.MostAgain)
		return &answer[againView]{againView{DryRun: true, Count: len(found), More: more, Left: []notAgainView{}}}, err
	}
	done, err := a.manager.SendAgainAll(ctx, f, manage.MostAgain)
	if err != nil && done.Sent == 0 {
		return nil, err
	}
	if err != nil { // those that are sent again are the news, and left names the others
		a.log.Error("not all failed deliveries were sent again", "sent", done.Sent, "left", len(done.Left), "error", err)
	}
	return &answer[againView]{againView{Count: done.Sent, More: done.More, Left: views(done.Left, viewNotAgain)}}, nil
}

func viewNotAgain(n manage.NotSentAgain) notAgainView {
	return notAgainView{DeliveryID: n.Delivery.ID, Webhook: n.Delivery.Webhook, Why: n.Why}
}
