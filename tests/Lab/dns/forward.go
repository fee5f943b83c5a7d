package main

import (
	"time"

	"github.com/miekg/dns"
)

// forwarder asks the upstreams in turn. A loop through them ends at the limit of questions under way.
type forwarder struct {
	upstreams []string
	underWay  chan struct{}
}

func newForwarder(upstreams []string) *forwarder {
	return &forwarder{upstreams, make(chan struct{}, 1000)}
}

func (f *forwarder) ask(question *dns.Msg, network string) *dns.Msg {
	select {
	case f.underWay <- struct{}{}:
		defer func() { <-f.underWay }()
	default:
		return refusal(question, dns.RcodeRefused)
	}
	client := dns.Client{Net: network, Timeout: 2 * time.Second}
	for _, upstream := range f.upstreams {
		if answer, _, err := client.Exchange(question, upstream); err == nil {
			return answer
		}
	}
	return refusal(question, dns.RcodeServerFailure)
}

func refusal(question *dns.Msg, code int) *dns.Msg {
	answer := new(dns.Msg)
	answer.SetRcode(question, code)
	return answer
}
