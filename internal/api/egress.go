package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// EgressView says where the requests to webhooks come from, and by which way.
type EgressView struct {
	SourceAddresses []string `json:"source_addresses" nullable:"false" doc:"The addresses of this machine that they come from: those of egress.source, or those that the system chooses now; empty with a proxy, whose address receivers see."`
	Proxy           string   `json:"proxy" example:"http://proxy.example.com:3128" doc:"The forward proxy they go through, credentials masked; empty for none."`
	Limits          string   `json:"limits" doc:"In one sentence, which addresses can be reached."`
}

func (a *api) registerEgress() {
	serve(a, huma.Operation{
		OperationID: "show_egress", Method: http.MethodGet, Path: "/egress",
		Summary: "Show where the requests to webhooks come from",
	}, a.showEgress)
}

func (a *api) showEgress(context.Context, *nothing) (*answer[EgressView], error) {
	v := a.egress()
	v.SourceAddresses = append([]string{}, v.SourceAddresses...)
	return &answer[EgressView]{v}, nil
}
