// Command pulumi-resource-random is a fake of pulumi-random 4.21.4, for machines that cannot download it.
//
// It has the resources for secrets (RandomPassword, RandomBytes, RandomId), with the operating system's random source.
package main

import (
	"context"
	"fmt"
	"os"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

// version is that of the original, marked with build metadata, which comparisons of versions ignore.
const version = "4.21.4+fake"

func main() {
	if err := p.RunProvider(context.Background(), "random", version, provider()); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-random: %v\n", err)
		os.Exit(1)
	}
}

func provider() p.Provider {
	return infer.Provider(infer.Options{
		Resources: []infer.InferredResource{
			infer.Resource(&RandomPassword{}),
			infer.Resource(&RandomBytes{}),
			infer.Resource(&RandomId{}),
		},
	})
}
