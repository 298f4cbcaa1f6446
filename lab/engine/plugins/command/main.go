// Command pulumi-resource-command stands in for pulumi-command 1.2.1 where that cannot be downloaded.
//
// A program cannot tell the two apart: tokens, properties, defaults, order of events and error texts are the same.
// It offers nothing that the original lacks, and less: no CopyFile and no local.run.
package main

import (
	"context"
	"fmt"
	"os"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"

	"deephaven.example/lab/engine/plugins/command/local"
	"deephaven.example/lab/engine/plugins/command/remote"
)

// version is that of the original, marked: build metadata does not count when versions are compared.
const version = "1.2.1+stand-in"

func main() {
	if err := p.RunProvider(context.Background(), "command", version, provider()); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-command: %v\n", err)
		os.Exit(1)
	}
}

func provider() p.Provider {
	return infer.Provider(infer.Options{
		Resources: []infer.InferredResource{
			infer.Resource(&local.Command{}),
			infer.Resource(&remote.Command{}),
			infer.Resource(&remote.CopyToRemote{}),
		},
	})
}
