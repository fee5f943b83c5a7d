package main

import (
	"bufio"
	"net"
	"os"
	"strings"
	"time"

	"github.com/miekg/dns"
)

type corefile struct {
	domain    string   // of the cluster, with the final dot
	upstreams []string // HOST:PORT
	lameduck  time.Duration
}

func readCorefile(path string) (corefile, error) {
	read := corefile{domain: "cluster.local."}
	file, err := os.Open(path)
	if err != nil {
		return read, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) > 1 && words[0] == "kubernetes":
			read.domain = strings.ToLower(dns.Fqdn(words[1]))
		case len(words) > 1 && words[0] == "lameduck":
			if read.lameduck, err = time.ParseDuration(words[1]); err != nil {
				return read, err
			}
		case len(words) > 2 && words[0] == "forward" && words[1] == ".":
			for _, to := range words[2:] {
				if to == "{" {
					break
				}
				addresses, err := upstreamsOf(to)
				if err != nil {
					return read, err
				}
				read.upstreams = append(read.upstreams, addresses...)
			}
		}
	}
	return read, lines.Err()
}

// upstreamsOf is an address, or the name servers of a resolv.conf; those that are this server itself are left out,
// for instance the container engine's 127.0.0.11, which in a pod is the pod.
func upstreamsOf(to string) ([]string, error) {
	servers, port := []string{to}, "53"
	if strings.HasPrefix(to, "/") {
		read, err := dns.ClientConfigFromFile(to)
		if err != nil {
			return nil, err
		}
		servers, port = read.Servers, read.Port
	} else if host, own, err := net.SplitHostPort(to); err == nil {
		servers, port = []string{host}, own
	}
	var found []string
	for _, server := range servers {
		if ip := net.ParseIP(server); ip != nil && !isOwn(ip) {
			found = append(found, net.JoinHostPort(server, port))
		}
	}
	return found, nil
}

func isOwn(ip net.IP) bool {
	if ip.IsLoopback() {
		return true
	}
	addresses, _ := net.InterfaceAddrs()
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok && network.IP.Equal(ip) {
			return true
		}
	}
	return false
}
