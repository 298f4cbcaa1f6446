// Command pulumi-resource-tls is a fake of pulumi-tls 5.6.2, for machines that cannot download it.
//
// It has the resources for keys and certificates, with Go's crypto libraries, and leaves out the lookups
// (getCertificate, getPublicKey).
package main

import (
	"context"
	"fmt"
	"os"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

// version is that of the original, marked with build metadata, which comparisons of versions ignore.
const version = "5.6.2+fake"

func main() {
	if err := p.RunProvider(context.Background(), "tls", version, provider()); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-tls: %v\n", err)
		os.Exit(1)
	}
}

func provider() p.Provider {
	return infer.Provider(infer.Options{
		Resources: []infer.InferredResource{
			infer.Resource(&PrivateKey{}),
			infer.Resource(&CertRequest{}),
			infer.Resource(&SelfSignedCert{}),
			infer.Resource(&LocallySignedCert{}),
		},
	})
}
