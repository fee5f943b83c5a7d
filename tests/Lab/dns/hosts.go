package main

import (
	"encoding/hex"
	"net"
	"strings"

	core "k8s.io/api/core/v1"
)

// host is what a service's name leads to: its own address, or an endpoint of a headless service, which has a name.
type host struct {
	name, ip string
	ports    []core.EndpointPort
}

func (z *zone) hosts(service *core.Service) []host {
	if service.Spec.ClusterIP != core.ClusterIPNone {
		var ports []core.EndpointPort
		for _, port := range service.Spec.Ports {
			ports = append(ports, core.EndpointPort{Name: port.Name, Port: port.Port, Protocol: port.Protocol})
		}
		var all []host
		for _, ip := range service.Spec.ClusterIPs {
			all = append(all, host{ip: ip, ports: ports})
		}
		return all
	}
	endpoints, err := z.endpoints.Endpoints(service.Namespace).Get(service.Name)
	if err != nil {
		return nil
	}
	return hosts(endpoints, service)
}

// hosts are the endpoints' ready addresses; of a service that publishes them, also those that are not ready.
func hosts(endpoints *core.Endpoints, service *core.Service) []host {
	var all []host
	for _, subset := range endpoints.Subsets {
		addresses := subset.Addresses
		if service != nil && service.Spec.PublishNotReadyAddresses {
			addresses = append(append([]core.EndpointAddress{}, addresses...), subset.NotReadyAddresses...)
		}
		for _, address := range addresses {
			name := address.Hostname
			if name == "" {
				name = strings.NewReplacer(".", "-", ":", "-").Replace(address.IP)
			}
			all = append(all, host{name, address.IP, subset.Ports})
		}
	}
	return all
}

// undashed is the address written with dashes, or "".
func undashed(label string) string {
	for _, separator := range []string{".", ":"} {
		if ip := net.ParseIP(strings.ReplaceAll(label, "-", separator)); ip != nil {
			return ip.String()
		}
	}
	return ""
}

// reversed is the address that a name below in-addr.arpa or ip6.arpa stands for, or "".
func reversed(name string) string {
	labels := strings.Split(strings.TrimSuffix(strings.TrimSuffix(name, ".in-addr.arpa."), ".ip6.arpa."), ".")
	for a, b := 0, len(labels)-1; a < b; a, b = a+1, b-1 {
		labels[a], labels[b] = labels[b], labels[a]
	}
	ip := net.ParseIP(strings.Join(labels, "."))
	if bytes, err := hex.DecodeString(strings.Join(labels, "")); err == nil && len(bytes) == net.IPv6len && strings.HasSuffix(name, ".ip6.arpa.") {
		ip = bytes
	}
	if ip == nil {
		return ""
	}
	return ip.String()
}
