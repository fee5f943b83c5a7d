// dns answers the names of a Kubernetes cluster as CoreDNS does with the Corefile that kubeadm writes, and stands in
// for it in offline labs, because Debian does not package CoreDNS. Of the Corefile it reads the cluster's domain, the
// forwarder and the lameduck time. It does not cache and does not reload.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

func main() {
	path := flag.String("conf", "Corefile", "path of the Corefile")
	flag.Parse()
	config, err := readCorefile(*path)
	check(err)
	access, err := rest.InClusterConfig()
	check(err)
	kubernetes, err := kubernetes.NewForConfig(access)
	check(err)

	stopped := make(chan struct{})
	var ready int32
	serveHTTP(":8080", "/health", func() bool { return true })
	serveHTTP(":8181", "/ready", func() bool { return atomic.LoadInt32(&ready) == 1 })
	go func() { check(http.ListenAndServe(":9153", promhttp.Handler())) }()

	factory := informers.NewSharedInformerFactory(kubernetes, 0)
	zone, err := newZone(config.domain, factory)
	check(err)
	factory.Start(stopped)
	factory.WaitForCacheSync(stopped)

	handler := &resolver{zone: zone, forward: newForwarder(config.upstreams)}
	var servers []*dns.Server
	for _, network := range []string{"udp", "tcp"} {
		server := &dns.Server{Addr: ":53", Net: network, Handler: handler}
		servers = append(servers, server)
		go func() { check(server.ListenAndServe()) }()
	}
	atomic.StoreInt32(&ready, 1)
	log.Printf("answering for %s, forwarding to %v", config.domain, handler.forward.upstreams)

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	<-signals
	atomic.StoreInt32(&ready, 0)
	time.Sleep(config.lameduck) // clients are still sent here until the endpoints are updated everywhere
	stop, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for _, server := range servers {
		_ = server.ShutdownContext(stop)
	}
	close(stopped)
}

func serveHTTP(address, path string, good func() bool) {
	mux := http.NewServeMux()
	mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
		if !good() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("OK"))
	})
	go func() { check(http.ListenAndServe(address, mux)) }()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
