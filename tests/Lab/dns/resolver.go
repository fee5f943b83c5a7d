package main

import (
	"math/rand"
	"strings"

	"github.com/miekg/dns"
)

const ttl = 30 // seconds, as kubeadm's Corefile says

// resolver answers a message: names of the cluster from the zone, the rest from upstream.
type resolver struct {
	zone    *zone
	forward *forwarder
}

func (r *resolver) ServeDNS(w dns.ResponseWriter, question *dns.Msg) {
	network := w.LocalAddr().Network()
	answer := r.answer(question, network)
	limit := dns.MinMsgSize
	if options := question.IsEdns0(); options != nil && int(options.UDPSize()) > limit {
		limit = int(options.UDPSize())
	}
	if network == "udp" && answer.Len() > limit {
		answer.Truncated, answer.Answer, answer.Ns, answer.Extra = true, nil, nil, nil
	}
	_ = w.WriteMsg(answer)
}

func (r *resolver) answer(question *dns.Msg, network string) *dns.Msg {
	if len(question.Question) != 1 {
		return refusal(question, dns.RcodeFormatError)
	}
	name, kind := strings.ToLower(question.Question[0].Name), question.Question[0].Qtype
	var records []dns.RR
	var exists bool
	switch {
	case dns.IsSubDomain(r.zone.domain, name):
		records, exists = r.zone.forward(name, kind)
	case dns.IsSubDomain("in-addr.arpa.", name) || dns.IsSubDomain("ip6.arpa.", name):
		if records, exists = r.zone.reverse(name, kind); !exists {
			return r.forward.ask(question, network)
		}
	default:
		return r.forward.ask(question, network)
	}

	answer := new(dns.Msg)
	answer.SetReply(question)
	answer.Authoritative, answer.RecursionAvailable = true, true
	answer.Compress = true
	for _, record := range records {
		record.Header().Name = question.Question[0].Name // as it was asked: some clients compare the letters' case
		answer.Answer = append(answer.Answer, record)
	}
	rand.Shuffle(len(records), func(a, b int) { answer.Answer[a], answer.Answer[b] = answer.Answer[b], answer.Answer[a] })
	if alias, ok := first(records).(*dns.CNAME); ok && kind != dns.TypeCNAME {
		answer.Answer = append(answer.Answer, r.follow(alias.Target, kind, network)...)
	}
	if !exists {
		answer.Rcode = dns.RcodeNameError
	}
	if len(records) == 0 {
		answer.Ns = []dns.RR{r.zone.soa()}
	}
	return answer
}

// follow gives the records of an ExternalName's target, which may be a name of the cluster again.
func (r *resolver) follow(target string, kind uint16, network string) []dns.RR {
	if dns.IsSubDomain(r.zone.domain, target) {
		records, _ := r.zone.forward(strings.ToLower(target), kind)
		return records
	}
	question := new(dns.Msg)
	question.SetQuestion(target, kind)
	return r.forward.ask(question, network).Answer
}

func first(records []dns.RR) dns.RR {
	if len(records) == 0 {
		return nil
	}
	return records[0]
}
