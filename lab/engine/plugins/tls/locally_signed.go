package main

import (
	"context"
	"crypto"
	"crypto/x509"

	"github.com/pulumi/pulumi-go-provider/infer"
)

// LocallySignedCert is a certificate that is signed with the key of an authority.
type LocallySignedCert struct{}

// Annotate sets the token that the SDKs use.
func (c *LocallySignedCert) Annotate(a infer.Annotator) {
	a.SetToken("index/locallySignedCert", "LocallySignedCert")
}

// LocallySignedInputs are the inputs of LocallySignedCert.
type LocallySignedInputs struct {
	Terms
	CaCertPem       string `pulumi:"caCertPem"`
	CaPrivateKeyPem string `pulumi:"caPrivateKeyPem" provider:"secret"`
	CertRequestPem  string `pulumi:"certRequestPem"`
}

// LocallySignedOutputs are the properties of LocallySignedCert in the state.
type LocallySignedOutputs struct {
	LocallySignedInputs
	Validity
	CaKeyAlgorithm string `pulumi:"caKeyAlgorithm"`
}

func (i LocallySignedInputs) complete() LocallySignedInputs {
	i.Terms = i.Terms.complete()
	return i
}

// Create issues the certificate; its id in the state is its serial number.
func (*LocallySignedCert) Create(
	_ context.Context, req infer.CreateRequest[LocallySignedInputs],
) (infer.CreateResponse[LocallySignedOutputs], error) {
	inputs := req.Inputs.complete()
	response := infer.CreateResponse[LocallySignedOutputs]{Output: LocallySignedOutputs{LocallySignedInputs: inputs}}
	if req.DryRun {
		return response, nil
	}
	key, algorithm, err := parse(inputs.CaPrivateKeyPem)
	if err != nil {
		return response, err
	}
	response.Output.CaKeyAlgorithm = algorithm
	response.ID, response.Output.Validity, err = inputs.issue(key)
	return response, err
}

// issue signs a certificate with the names of the request; everything else follows from the terms.
func (i LocallySignedInputs) issue(key crypto.Signer) (string, Validity, error) {
	authority, err := readCertificate(i.CaCertPem)
	if err != nil {
		return "", Validity{}, err
	}
	request, err := readRequest(i.CertRequestPem)
	if err != nil {
		return "", Validity{}, err
	}
	certificate, err := i.certificate(request.PublicKey)
	if err != nil {
		return "", Validity{}, err
	}
	setNames(certificate, request)
	validity, err := issue(certificate, authority, request.PublicKey, key)
	return certificate.SerialNumber.String(), validity, err
}

func setNames(certificate *x509.Certificate, request *x509.CertificateRequest) {
	certificate.RawSubject, certificate.Subject = request.RawSubject, request.Subject
	certificate.DNSNames, certificate.EmailAddresses = request.DNSNames, request.EmailAddresses
	certificate.IPAddresses, certificate.URIs = request.IPAddresses, request.URIs
}

// Diff replaces the certificate if an input has changed or it is due.
func (*LocallySignedCert) Diff(
	_ context.Context, req infer.DiffRequest[LocallySignedInputs, LocallySignedOutputs],
) (infer.DiffResponse, error) {
	return difference(req.State.LocallySignedInputs.complete(), req.Inputs.complete(), req.State.Validity), nil
}

// Update changes the early renewal hours, which do not affect the certificate.
func (*LocallySignedCert) Update(
	_ context.Context, req infer.UpdateRequest[LocallySignedInputs, LocallySignedOutputs],
) (infer.UpdateResponse[LocallySignedOutputs], error) {
	state := req.State
	state.LocallySignedInputs = req.Inputs.complete()
	return infer.UpdateResponse[LocallySignedOutputs]{Output: state}, nil
}

// Read updates readyForRenewal in a refresh.
func (*LocallySignedCert) Read(
	_ context.Context, req infer.ReadRequest[LocallySignedInputs, LocallySignedOutputs],
) (infer.ReadResponse[LocallySignedInputs, LocallySignedOutputs], error) {
	req.State.ReadyForRenewal = req.State.due(req.State.EarlyRenewalHours)
	return infer.ReadResponse[LocallySignedInputs, LocallySignedOutputs](req), nil
}
