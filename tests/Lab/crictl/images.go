package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1alpha2"
)

func version(stop context.Context, c client, _ []string) error {
	answer, err := c.Version(stop, &cri.VersionRequest{})
	if err != nil {
		return err
	}
	fmt.Printf("Version:  %s\nRuntimeName:  %s\nRuntimeVersion:  %s\nRuntimeApiVersion:  %s\n",
		answer.Version, answer.RuntimeName, answer.RuntimeVersion, answer.RuntimeApiVersion)
	return nil
}

func info(stop context.Context, c client, _ []string) error {
	answer, err := c.RuntimeServiceClient.Status(stop, &cri.StatusRequest{Verbose: true})
	if err != nil {
		return err
	}
	return printJSON(withInfo(answer.Status, answer.Info))
}

// withInfo is the shape of the upstream tool: the status, and beside it the runtime's own details, which come as JSON.
func withInfo(status interface{}, details map[string]string) map[string]interface{} {
	all := map[string]interface{}{"status": status}
	for name, detail := range details {
		if json.Valid([]byte(detail)) {
			all[name] = json.RawMessage(detail)
		} else {
			all[name] = detail
		}
	}
	return all
}

func pull(stop context.Context, c client, names []string) error {
	if len(names) != 1 {
		return fmt.Errorf("pull takes one image")
	}
	answer, err := c.PullImage(stop, &cri.PullImageRequest{Image: &cri.ImageSpec{Image: names[0]}})
	if err != nil {
		return err
	}
	fmt.Println("Image is up to date for", answer.ImageRef)
	return nil
}

func images(stop context.Context, c client, names []string) error {
	filter := &cri.ImageFilter{}
	if len(names) > 0 {
		filter.Image = &cri.ImageSpec{Image: names[0]}
	}
	answer, err := c.ListImages(stop, &cri.ListImagesRequest{Filter: filter})
	if err != nil {
		return err
	}
	if c.text("output") == "json" {
		return printJSON(answer)
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 4, ' ', 0)
	defer table.Flush()
	if !c.on("quiet") {
		fmt.Fprintln(table, "IMAGE\tIMAGE ID\tSIZE")
	}
	for _, image := range answer.Images {
		if c.on("quiet") {
			fmt.Fprintln(table, image.Id)
			continue
		}
		name := "<none>"
		if len(image.RepoTags) > 0 {
			name = strings.Join(image.RepoTags, ",")
		}
		fmt.Fprintf(table, "%s\t%s\t%.1fMB\n", name, short(image.Id), float64(image.Size_)/1e6)
	}
	return nil
}

func inspectImages(stop context.Context, c client, names []string) error {
	for _, name := range names {
		answer, err := c.ImageStatus(stop, &cri.ImageStatusRequest{Image: &cri.ImageSpec{Image: name}, Verbose: true})
		if err != nil {
			return err
		}
		if answer.Image == nil {
			return fmt.Errorf("no such image %q present", name)
		}
		if err := printJSON(withInfo(answer.Image, answer.Info)); err != nil {
			return err
		}
	}
	return nil
}

func short(id string) string {
	id = strings.TrimPrefix(id, "sha256:")
	if len(id) > 13 {
		id = id[:13]
	}
	return id
}
