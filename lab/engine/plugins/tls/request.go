package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-go-provider/infer"
)

// CertRequest is a request for a certificate, signed with the certificate's key.
type CertRequest struct{}

// Annotate sets the token that the SDKs use.
func (r *CertRequest) Annotate(a infer.Annotator) { a.SetToken("index/certRequest", "CertRequest") }

// RequestInputs are the inputs of CertRequest.
type RequestInputs struct {
	Names
	PrivateKeyPem string   `pulumi:"privateKeyPem" provider:"secret"`
	Subject       *Subject `pulumi:"subject,optional"`
}

// RequestOutputs are the properties of CertRequest in the state.
type RequestOutputs struct {
	RequestInputs
	CertRequestPem string `pulumi:"certRequestPem"`
	KeyAlgorithm   string `pulumi:"keyAlgorithm"`
}

// Create signs the request.
func (*CertRequest) Create(
	_ context.Context, req infer.CreateRequest[RequestInputs],
) (infer.CreateResponse[RequestOutputs], error) {
	response := infer.CreateResponse[RequestOutputs]{Output: RequestOutputs{RequestInputs: req.Inputs}}
	if req.DryRun {
		return response, nil
	}
	der, algorithm, err := req.Inputs.sign()
	response.ID = digest(der)
	response.Output.CertRequestPem = block("CERTIFICATE REQUEST", der)
	response.Output.KeyAlgorithm = algorithm
	return response, err
}

func (i RequestInputs) sign() (der []byte, algorithm string, err error) {
	key, algorithm, err := parse(i.PrivateKeyPem)
	if err != nil {
		return nil, "", err
	}
	template := x509.CertificateRequest{Subject: i.Subject.name(), DNSNames: i.DNSNames}
	if template.IPAddresses, err = i.ips(); err != nil {
		return nil, "", err
	}
	if template.URIs, err = i.urls(); err != nil {
		return nil, "", err
	}
	der, err = x509.CreateCertificateRequest(rand.Reader, &template, key)
	return der, algorithm, err
}

// readRequest parses a request, and refuses one that is not signed with its own key.
func readRequest(text string) (*x509.CertificateRequest, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("certRequestPem is not PEM")
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("certRequestPem: %w", err)
	}
	if err := request.CheckSignature(); err != nil {
		return nil, fmt.Errorf("certRequestPem: %w", err)
	}
	return request, nil
}
