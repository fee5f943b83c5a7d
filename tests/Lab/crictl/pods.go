package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1alpha2"
)

func pods(stop context.Context, c client, _ []string) error {
	answer, err := c.ListPodSandbox(stop, &cri.ListPodSandboxRequest{})
	if err != nil {
		return err
	}
	var chosen []*cri.PodSandbox
	for _, pod := range answer.Items {
		state := strings.ToLower(strings.TrimPrefix(pod.State.String(), "SANDBOX_"))
		if (c.text("state") == "" || state == strings.ToLower(c.text("state"))) &&
			(c.text("namespace") == "" || pod.Metadata.Namespace == c.text("namespace")) &&
			strings.Contains(pod.Metadata.Name, c.text("name")) {
			chosen = append(chosen, pod)
		}
	}
	if c.text("output") == "json" {
		return printJSON(map[string]interface{}{"items": chosen})
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 4, ' ', 0)
	defer table.Flush()
	if !c.on("quiet") {
		fmt.Fprintln(table, "POD ID\tCREATED\tSTATE\tNAME\tNAMESPACE\tATTEMPT")
	}
	for _, pod := range chosen {
		if c.on("quiet") {
			fmt.Fprintln(table, pod.Id)
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\n", short(pod.Id), age(pod.CreatedAt),
			strings.TrimPrefix(pod.State.String(), "SANDBOX_"), pod.Metadata.Name, pod.Metadata.Namespace, pod.Metadata.Attempt)
	}
	return nil
}

func (c client) eachPod(stop context.Context, ids []string, do func(id string) error) error {
	answer, err := c.ListPodSandbox(stop, &cri.ListPodSandboxRequest{})
	if err != nil {
		return err
	}
	if len(ids) == 0 && c.on("all") {
		ids = []string{""}
	}
	for _, id := range ids {
		found := false
		for _, pod := range answer.Items {
			if !strings.HasPrefix(pod.Id, id) {
				continue
			}
			found = true
			if err := do(pod.Id); err != nil {
				return err
			}
		}
		if !found && id != "" {
			return fmt.Errorf("no pod has an id that starts with %q", id)
		}
	}
	return nil
}

func stopPods(stop context.Context, c client, ids []string) error {
	return c.eachPod(stop, ids, func(id string) error {
		_, err := c.StopPodSandbox(stop, &cri.StopPodSandboxRequest{PodSandboxId: id})
		if err == nil {
			fmt.Println("Stopped sandbox", id)
		}
		return err
	})
}

func removePods(stop context.Context, c client, ids []string) error {
	return c.eachPod(stop, ids, func(id string) error {
		if c.on("force") {
			if _, err := c.StopPodSandbox(stop, &cri.StopPodSandboxRequest{PodSandboxId: id}); err != nil {
				return err
			}
		}
		_, err := c.RemovePodSandbox(stop, &cri.RemovePodSandboxRequest{PodSandboxId: id})
		if err == nil {
			fmt.Println("Removed sandbox", id)
		}
		return err
	})
}
