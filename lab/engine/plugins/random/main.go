// Command pulumi-resource-random stands in for pulumi-random 4.21.4 where that cannot be downloaded.
//
// It has the resources for secrets (RandomPassword, RandomBytes, RandomId), on the operating system's random source.
package main

import (
	"context"
	"fmt"
	"os"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

// version is that of the original, marked: build metadata does not count when versions are compared.
const version = "4.21.4+stand-in"

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
