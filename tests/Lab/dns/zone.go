package main

import (
	"fmt"
	"net"
	"strings"

	"github.com/miekg/dns"
	core "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
)

const byAddress = "address"

// zone holds a cluster's names: https://github.com/kubernetes/dns/blob/master/docs/specification.md
type zone struct {
	domain        string
	services      listers.ServiceLister
	endpoints     listers.EndpointsLister
	serviceIndex  cache.Indexer
	endpointIndex cache.Indexer
}

func newZone(domain string, factory informers.SharedInformerFactory) (*zone, error) {
	services, endpoints := factory.Core().V1().Services(), factory.Core().V1().Endpoints()
	z := &zone{domain, services.Lister(), endpoints.Lister(), services.Informer().GetIndexer(), endpoints.Informer().GetIndexer()}
	if err := services.Informer().AddIndexers(cache.Indexers{byAddress: func(object interface{}) ([]string, error) {
		return object.(*core.Service).Spec.ClusterIPs, nil
	}}); err != nil {
		return nil, err
	}
	return z, endpoints.Informer().AddIndexers(cache.Indexers{byAddress: func(object interface{}) ([]string, error) {
		var ips []string
		for _, host := range hosts(object.(*core.Endpoints), nil) {
			ips = append(ips, host.ip)
		}
		return ips, nil
	}})
}

// forward gives the records of a name below the domain, and whether the name exists at all.
func (z *zone) forward(name string, kind uint16) ([]dns.RR, bool) {
	labels := dns.SplitDomainName(strings.TrimSuffix(name, z.domain))
	count := len(labels)
	switch {
	case count == 0:
		if kind == dns.TypeSOA {
			return []dns.RR{z.soa()}, true
		}
		return nil, true
	case count == 1:
		return nil, labels[0] == "svc" || labels[0] == "pod"
	case labels[count-1] == "pod" && count == 3:
		// An address in a name: 10-77-1-2.NAMESPACE.pod stands for 10.77.1.2, unverified ("pods insecure").
		return addresses(name, kind, undashed(labels[0])), undashed(labels[0]) != ""
	case labels[count-1] != "svc" || count > 5:
		return nil, false
	case count == 2:
		return nil, z.hasNamespace(labels[0])
	}
	service, err := z.services.Services(labels[count-2]).Get(labels[count-3])
	if err != nil {
		return nil, false
	}
	return z.service(name, kind, service, labels[:count-3])
}

func (z *zone) service(name string, kind uint16, service *core.Service, prefix []string) ([]dns.RR, bool) {
	if service.Spec.Type == core.ServiceTypeExternalName {
		alias := &dns.CNAME{Hdr: header(name, dns.TypeCNAME), Target: dns.Fqdn(service.Spec.ExternalName)}
		return []dns.RR{alias}, len(prefix) == 0
	}
	found := z.hosts(service)
	switch {
	case len(prefix) == 2 && strings.HasPrefix(prefix[0], "_") && strings.HasPrefix(prefix[1], "_"):
		return z.ports(name, kind, service, found, prefix[0][1:], prefix[1][1:])
	case len(prefix) == 1 && service.Spec.ClusterIP == core.ClusterIPNone:
		var ips []string
		for _, host := range found {
			if host.name == prefix[0] {
				ips = append(ips, host.ip)
			}
		}
		return addresses(name, kind, ips...), len(ips) > 0
	case len(prefix) > 0:
		return nil, false
	case kind == dns.TypeSRV:
		return z.ports(name, kind, service, found, "", "")
	}
	var ips []string
	for _, host := range found {
		ips = append(ips, host.ip)
	}
	return addresses(name, kind, ips...), true
}

// ports gives the SRV records of one port, or of all where port is empty.
func (z *zone) ports(name string, kind uint16, service *core.Service, found []host, port, protocol string) ([]dns.RR, bool) {
	var records []dns.RR
	for _, host := range found {
		target := z.nameOf(service.Namespace, service.Name)
		if host.name != "" {
			target = host.name + "." + target
		}
		for _, one := range host.ports {
			if one.Name == port && strings.EqualFold(string(one.Protocol), protocol) || port == "" {
				records = append(records, &dns.SRV{Hdr: header(name, dns.TypeSRV), Weight: 100, Port: uint16(one.Port), Target: target})
			}
		}
	}
	if kind != dns.TypeSRV {
		return nil, len(records) > 0
	}
	return records, len(records) > 0 || port == ""
}

// reverse gives the name of a service's or an endpoint's address.
func (z *zone) reverse(name string, kind uint16) ([]dns.RR, bool) {
	ip := reversed(name)
	var target string
	if objects, _ := z.serviceIndex.ByIndex(byAddress, ip); len(objects) > 0 {
		service := objects[0].(*core.Service)
		target = z.nameOf(service.Namespace, service.Name)
	} else if objects, _ := z.endpointIndex.ByIndex(byAddress, ip); len(objects) > 0 {
		endpoints := objects[0].(*core.Endpoints)
		for _, host := range hosts(endpoints, nil) {
			if host.ip == ip {
				target = host.name + "." + z.nameOf(endpoints.Namespace, endpoints.Name)
			}
		}
	}
	if target == "" {
		return nil, false
	}
	if kind != dns.TypePTR {
		return nil, true
	}
	return []dns.RR{&dns.PTR{Hdr: header(name, dns.TypePTR), Ptr: target}}, true
}

func (z *zone) nameOf(namespace, service string) string {
	return fmt.Sprintf("%s.%s.svc.%s", service, namespace, z.domain)
}

func (z *zone) hasNamespace(namespace string) bool {
	objects, err := z.serviceIndex.ByIndex(cache.NamespaceIndex, namespace)
	return err == nil && len(objects) > 0
}

func (z *zone) soa() dns.RR {
	return &dns.SOA{Hdr: header(z.domain, dns.TypeSOA), Ns: "ns.dns." + z.domain, Mbox: "hostmaster." + z.domain,
		Serial: 1, Refresh: 7200, Retry: 1800, Expire: 86400, Minttl: ttl}
}

func header(name string, kind uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET, Ttl: ttl}
}

func addresses(name string, kind uint16, ips ...string) []dns.RR {
	var records []dns.RR
	for _, text := range ips {
		ip := net.ParseIP(text)
		switch {
		case ip == nil:
		case ip.To4() != nil && kind == dns.TypeA:
			records = append(records, &dns.A{Hdr: header(name, dns.TypeA), A: ip})
		case ip.To4() == nil && kind == dns.TypeAAAA:
			records = append(records, &dns.AAAA{Hdr: header(name, dns.TypeAAAA), AAAA: ip})
		}
	}
	return records
}
