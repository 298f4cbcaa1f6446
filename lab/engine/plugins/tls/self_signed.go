package main

import (
	"context"
	"crypto"
	"crypto/x509"

	"github.com/pulumi/pulumi-go-provider/infer"
)

// SelfSignedCert is a certificate that is signed with its own key: an authority, or a server for tests.
type SelfSignedCert struct{}

// Annotate sets the token that the SDKs use.
func (c *SelfSignedCert) Annotate(a infer.Annotator) {
	a.SetToken("index/selfSignedCert", "SelfSignedCert")
}

// SelfSignedInputs are the inputs of SelfSignedCert.
type SelfSignedInputs struct {
	Terms
	Names
	PrivateKeyPem     string   `pulumi:"privateKeyPem" provider:"secret"`
	SetAuthorityKeyID *bool    `pulumi:"setAuthorityKeyId,optional"`
	Subject           *Subject `pulumi:"subject,optional"`
}

// SelfSignedOutputs are the properties of SelfSignedCert in the state.
type SelfSignedOutputs struct {
	SelfSignedInputs
	Validity
	KeyAlgorithm string `pulumi:"keyAlgorithm"`
}

func (i SelfSignedInputs) complete() SelfSignedInputs {
	i.Terms = i.Terms.complete()
	if i.SetAuthorityKeyID == nil {
		i.SetAuthorityKeyID = new(bool)
	}
	return i
}

// Create issues the certificate; its id in the state is its serial number.
func (*SelfSignedCert) Create(
	_ context.Context, req infer.CreateRequest[SelfSignedInputs],
) (infer.CreateResponse[SelfSignedOutputs], error) {
	inputs := req.Inputs.complete()
	response := infer.CreateResponse[SelfSignedOutputs]{Output: SelfSignedOutputs{SelfSignedInputs: inputs}}
	if req.DryRun {
		return response, nil
	}
	key, algorithm, err := parse(inputs.PrivateKeyPem)
	if err != nil {
		return response, err
	}
	certificate, err := inputs.certificate(key.Public())
	if err != nil {
		return response, err
	}
	response.ID, response.Output.KeyAlgorithm = certificate.SerialNumber.String(), algorithm
	response.Output.Validity, err = issue(certificate, certificate, key.Public(), key)
	return response, err
}

// certificate returns a template with the terms, the subject and the other names.
func (i SelfSignedInputs) certificate(public crypto.PublicKey) (*x509.Certificate, error) {
	certificate, err := i.Terms.certificate(public)
	if err != nil {
		return nil, err
	}
	certificate.Subject, certificate.DNSNames = i.Subject.name(), i.DNSNames
	if certificate.IPAddresses, err = i.ips(); err != nil {
		return nil, err
	}
	if certificate.URIs, err = i.urls(); err != nil {
		return nil, err
	}
	if *i.SetAuthorityKeyID {
		certificate.AuthorityKeyId, err = keyID(public)
	}
	return certificate, err
}

// Diff replaces the certificate if an input has changed or it is due.
func (*SelfSignedCert) Diff(
	_ context.Context, req infer.DiffRequest[SelfSignedInputs, SelfSignedOutputs],
) (infer.DiffResponse, error) {
	return difference(req.State.SelfSignedInputs.complete(), req.Inputs.complete(), req.State.Validity), nil
}

// Update changes the early renewal hours, which do not affect the certificate.
func (*SelfSignedCert) Update(
	_ context.Context, req infer.UpdateRequest[SelfSignedInputs, SelfSignedOutputs],
) (infer.UpdateResponse[SelfSignedOutputs], error) {
	state := req.State
	state.SelfSignedInputs = req.Inputs.complete()
	return infer.UpdateResponse[SelfSignedOutputs]{Output: state}, nil
}

// Read updates readyForRenewal in a refresh.
func (*SelfSignedCert) Read(
	_ context.Context, req infer.ReadRequest[SelfSignedInputs, SelfSignedOutputs],
) (infer.ReadResponse[SelfSignedInputs, SelfSignedOutputs], error) {
	req.State.ReadyForRenewal = req.State.due(req.State.EarlyRenewalHours)
	return infer.ReadResponse[SelfSignedInputs, SelfSignedOutputs](req), nil
}
