// crictl speaks to a container runtime over CRI, with the commands and flags of the upstream tool that kubeadm
// and a person looking for a fault use. It stands in for the upstream tool in offline labs.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"google.golang.org/grpc"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1alpha2"
)

type client struct {
	cri.RuntimeServiceClient
	cri.ImageServiceClient
	flags *pflag.FlagSet
}

type command struct {
	help string
	run  func(context.Context, client, []string) error
}

var commands = map[string]command{
	"version":  {"Display runtime version information", version},
	"info":     {"Display information of the container runtime", info},
	"pull":     {"Pull an image", pull},
	"images":   {"List images", images},
	"inspecti": {"Return the status of one or more images", inspectImages},
	"ps":       {"List containers", containers},
	"inspect":  {"Display the status of one or more containers", inspectContainers},
	"logs":     {"Fetch the logs of a container", logs},
	"stop":     {"Stop one or more running containers", stopContainers},
	"rm":       {"Remove one or more containers", removeContainers},
	"pods":     {"List pods", pods},
	"stopp":    {"Stop one or more running pods", stopPods},
	"rmp":      {"Remove one or more pods", removePods},
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "crictl:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	endpoint := os.Getenv("CONTAINER_RUNTIME_ENDPOINT")
	if endpoint == "" {
		endpoint = "/run/containerd/containerd.sock"
	}
	global := pflag.NewFlagSet("crictl", pflag.ContinueOnError)
	global.SetInterspersed(false)
	global.StringVarP(&endpoint, "runtime-endpoint", "r", endpoint, "socket of the runtime")
	limit := global.DurationP("timeout", "t", time.Hour, "time limit for the whole command")
	global.Usage = func() { usage(global) }
	if err := global.Parse(arguments); err == pflag.ErrHelp {
		return nil
	} else if err != nil {
		return err
	}
	chosen, known := commands[global.Arg(0)]
	if !known {
		usage(global)
		return fmt.Errorf("%q is not a command", global.Arg(0))
	}

	flags := pflag.NewFlagSet(global.Arg(0), pflag.ContinueOnError)
	flags.BoolP("quiet", "q", false, "only ids")
	flags.BoolP("all", "a", false, "all, whatever the state")
	flags.BoolP("force", "f", false, "stop first")
	flags.StringP("output", "o", "table", "table or json")
	flags.String("name", "", "only of this name")
	flags.String("namespace", "", "only pods of this namespace")
	flags.StringP("pod", "p", "", "only of the pod with this id")
	flags.String("state", "", "only in this state")
	flags.Int("tail", -1, "lines from the end")
	flags.Int64("timeout", 10, "seconds before a container is killed")
	if err := flags.Parse(global.Args()[1:]); err == pflag.ErrHelp {
		return nil
	} else if err != nil {
		return err
	}

	stop, cancel := context.WithTimeout(context.Background(), *limit)
	defer cancel()
	socket := endpoint
	if !strings.Contains(socket, "://") {
		socket = "unix://" + socket
	}
	dialing, connected := context.WithTimeout(stop, 10*time.Second)
	defer connected()
	connection, err := grpc.DialContext(dialing, socket, grpc.WithInsecure(), grpc.WithBlock(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(16<<20)))
	if err != nil {
		return fmt.Errorf("no runtime answers at %s: %v", endpoint, err)
	}
	defer connection.Close()
	return chosen.run(stop, client{cri.NewRuntimeServiceClient(connection), cri.NewImageServiceClient(connection), flags}, flags.Args())
}

func usage(global *pflag.FlagSet) {
	var names []string
	for name := range commands {
		names = append(names, name)
	}
	sort.Strings(names)
	fmt.Fprintln(os.Stderr, "crictl [global options] command [options] [arguments]")
	for _, name := range names {
		fmt.Fprintf(os.Stderr, "  %-10s %s\n", name, commands[name].help)
	}
	fmt.Fprint(os.Stderr, global.FlagUsages())
}

func (c client) on(flag string) bool {
	on, _ := c.flags.GetBool(flag)
	return on
}

func (c client) text(flag string) string {
	return c.flags.Lookup(flag).Value.String()
}

func printJSON(value interface{}) error {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
