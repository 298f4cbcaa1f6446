// Command pulumi-resource-command is a fake of pulumi-command 1.2.1, for machines that cannot download it.
//
// A program cannot distinguish the two: tokens, properties, defaults, order of events and error texts are the same.
// The fake has no feature that the original lacks, and leaves out CopyFile and local.run.
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

// version is that of the original, marked with build metadata, which comparisons of versions ignore.
const version = "1.2.1+fake"

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
