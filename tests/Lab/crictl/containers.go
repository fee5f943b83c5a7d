package main

import (
	"bytes"
	"context"
	"fmt"
	"io/ioutil"
	"os"
	"sort"
	"strings"
	"text/tabwriter"
	"time"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1alpha2"
)

func containers(stop context.Context, c client, _ []string) error {
	answer, err := c.ListContainers(stop, &cri.ListContainersRequest{Filter: &cri.ContainerFilter{PodSandboxId: c.text("pod")}})
	if err != nil {
		return err
	}
	var chosen []*cri.Container
	for _, one := range answer.Containers {
		state := strings.ToLower(strings.TrimPrefix(one.State.String(), "CONTAINER_"))
		wanted := c.on("all") || state == "running"
		if c.text("state") != "" {
			wanted = state == strings.ToLower(c.text("state"))
		}
		if wanted && strings.Contains(one.Metadata.Name, c.text("name")) {
			chosen = append(chosen, one)
		}
	}
	sort.Slice(chosen, func(a, b int) bool { return chosen[a].CreatedAt > chosen[b].CreatedAt })
	if c.text("output") == "json" {
		return printJSON(map[string]interface{}{"containers": chosen})
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 4, ' ', 0)
	defer table.Flush()
	if !c.on("quiet") {
		fmt.Fprintln(table, "CONTAINER\tIMAGE\tCREATED\tSTATE\tNAME\tATTEMPT\tPOD ID\tPOD")
	}
	for _, one := range chosen {
		if c.on("quiet") {
			fmt.Fprintln(table, one.Id)
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", short(one.Id), short(one.Image.Image), age(one.CreatedAt),
			strings.TrimPrefix(one.State.String(), "CONTAINER_"), one.Metadata.Name, one.Metadata.Attempt,
			short(one.PodSandboxId), one.Labels["io.kubernetes.pod.name"])
	}
	return nil
}

// container finds the one whose id starts so: tables show shortened ids.
func (c client) container(stop context.Context, id string) (string, error) {
	answer, err := c.ListContainers(stop, &cri.ListContainersRequest{})
	if err != nil {
		return "", err
	}
	var found []string
	for _, one := range answer.Containers {
		if strings.HasPrefix(one.Id, id) {
			found = append(found, one.Id)
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%d containers have an id that starts with %q", len(found), id)
	}
	return found[0], nil
}

func (c client) eachContainer(stop context.Context, ids []string, do func(id string) error) error {
	for _, id := range ids {
		full, err := c.container(stop, id)
		if err != nil {
			return err
		}
		if err := do(full); err != nil {
			return err
		}
	}
	return nil
}

func inspectContainers(stop context.Context, c client, ids []string) error {
	return c.eachContainer(stop, ids, func(id string) error {
		answer, err := c.ContainerStatus(stop, &cri.ContainerStatusRequest{ContainerId: id, Verbose: true})
		if err != nil {
			return err
		}
		return printJSON(withInfo(answer.Status, answer.Info))
	})
}

func stopContainers(stop context.Context, c client, ids []string) error {
	seconds, _ := c.flags.GetInt64("timeout")
	return c.eachContainer(stop, ids, func(id string) error {
		fmt.Println(id)
		_, err := c.StopContainer(stop, &cri.StopContainerRequest{ContainerId: id, Timeout: seconds})
		return err
	})
}

func removeContainers(stop context.Context, c client, ids []string) error {
	return c.eachContainer(stop, ids, func(id string) error {
		if c.on("force") {
			if _, err := c.StopContainer(stop, &cri.StopContainerRequest{ContainerId: id}); err != nil {
				return err
			}
		}
		fmt.Println(id)
		_, err := c.RemoveContainer(stop, &cri.RemoveContainerRequest{ContainerId: id})
		return err
	})
}

// logs prints the messages of a container's log, whose lines are "TIME STREAM P|F MESSAGE"; P is a line to be continued.
func logs(stop context.Context, c client, ids []string) error {
	if c.on("force") {
		return fmt.Errorf("this crictl does not follow logs: leave out -f")
	}
	return c.eachContainer(stop, ids, func(id string) error {
		answer, err := c.ContainerStatus(stop, &cri.ContainerStatusRequest{ContainerId: id})
		if err != nil {
			return err
		}
		content, err := ioutil.ReadFile(answer.Status.LogPath)
		if err != nil {
			return err
		}
		lines := bytes.SplitAfter(content, []byte("\n"))
		if tail, _ := c.flags.GetInt("tail"); tail >= 0 && tail+1 < len(lines) {
			lines = lines[len(lines)-tail-1:] // the last one is empty
		}
		for _, line := range lines {
			parts := bytes.SplitN(line, []byte(" "), 4)
			if len(parts) < 4 {
				continue
			}
			out := os.Stdout
			if string(parts[1]) == "stderr" {
				out = os.Stderr
			}
			if string(parts[2]) == "P" {
				parts[3] = bytes.TrimSuffix(parts[3], []byte("\n"))
			}
			out.Write(parts[3])
		}
		return nil
	})
}

func age(nanoseconds int64) string {
	return time.Since(time.Unix(0, nanoseconds)).Truncate(time.Second).String()
}
