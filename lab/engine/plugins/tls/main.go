// Command pulumi-resource-tls stands in for pulumi-tls 5.6.2 where that cannot be downloaded.
//
// It has the resources for keys and certificates, on Go's crypto libraries; the lookups (getCertificate,
// getPublicKey) are not there.
package main

import (
	"context"
	"fmt"
	"os"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

// version is that of the original, marked: build metadata does not count when versions are compared.
const version = "5.6.2+stand-in"

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
