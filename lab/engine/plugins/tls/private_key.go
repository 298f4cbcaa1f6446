package main

import (
	"context"
	"crypto"
	"crypto/sha1" //nolint:gosec // an identifier, not a protection
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"

	"github.com/pulumi/pulumi-go-provider/infer"
	"golang.org/x/crypto/ssh"
)

// PrivateKey is a key pair, generated once and kept in the state.
type PrivateKey struct{}

// Annotate sets the token that the SDKs use.
func (k *PrivateKey) Annotate(a infer.Annotator) { a.SetToken("index/privateKey", "PrivateKey") }

// KeyInputs are the inputs of PrivateKey.
type KeyInputs struct {
	Algorithm  string  `pulumi:"algorithm"`
	EcdsaCurve *string `pulumi:"ecdsaCurve,optional"`
	RsaBits    *int    `pulumi:"rsaBits,optional"`
}

// KeyOutputs are the properties of PrivateKey in the state.
type KeyOutputs struct {
	KeyInputs
	PrivateKeyOpenssh          string `pulumi:"privateKeyOpenssh"`
	PrivateKeyPem              string `pulumi:"privateKeyPem"`
	PrivateKeyPemPkcs8         string `pulumi:"privateKeyPemPkcs8"`
	PublicKeyFingerprintMd5    string `pulumi:"publicKeyFingerprintMd5"`
	PublicKeyFingerprintSha256 string `pulumi:"publicKeyFingerprintSha256"`
	PublicKeyOpenssh           string `pulumi:"publicKeyOpenssh"`
	PublicKeyPem               string `pulumi:"publicKeyPem"`
}

// Annotate sets the defaults, which the state contains for every algorithm.
func (i *KeyInputs) Annotate(a infer.Annotator) {
	a.SetDefault(&i.EcdsaCurve, defaultCurve)
	a.SetDefault(&i.RsaBits, defaultBits)
}

// WireDependencies marks the private forms as secret, whatever their inputs are.
func (*PrivateKey) WireDependencies(f infer.FieldSelector, _ *KeyInputs, state *KeyOutputs) {
	f.OutputField(&state.PrivateKeyOpenssh).AlwaysSecret()
	f.OutputField(&state.PrivateKeyPem).AlwaysSecret()
	f.OutputField(&state.PrivateKeyPemPkcs8).AlwaysSecret()
}

// Create generates the key.
func (*PrivateKey) Create(
	_ context.Context, req infer.CreateRequest[KeyInputs],
) (infer.CreateResponse[KeyOutputs], error) {
	inputs := req.Inputs
	response := infer.CreateResponse[KeyOutputs]{Output: KeyOutputs{KeyInputs: inputs}}
	if req.DryRun {
		return response, nil
	}
	key, err := generate(inputs.Algorithm, *inputs.EcdsaCurve, *inputs.RsaBits)
	if err == nil {
		response.ID, err = response.Output.write(key)
	}
	return response, err
}

// write sets every form of the key, and returns its id in the state, the digest of the public part.
func (o *KeyOutputs) write(key crypto.Signer) (id string, err error) {
	if o.PrivateKeyPem, err = traditional(key); err != nil {
		return "", err
	}
	if o.PrivateKeyPemPkcs8, err = pkcs8(key); err != nil {
		return "", err
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return "", err
	}
	o.PublicKeyPem = block("PUBLIC KEY", der)
	return digest(der), o.writeOpenSSH(key)
}

// writeOpenSSH leaves the fields empty for a curve that SSH does not support (P224).
func (o *KeyOutputs) writeOpenSSH(key crypto.Signer) error {
	public, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		return nil //nolint:nilerr // the documented behaviour for P224
	}
	private, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		return err
	}
	o.PrivateKeyOpenssh = string(pem.EncodeToMemory(private))
	o.PublicKeyOpenssh = string(ssh.MarshalAuthorizedKey(public))
	o.PublicKeyFingerprintMd5 = ssh.FingerprintLegacyMD5(public)
	o.PublicKeyFingerprintSha256 = ssh.FingerprintSHA256(public)
	return nil
}

func digest(data []byte) string {
	sum := sha1.Sum(data) //nolint:gosec // an identifier, not a protection
	return hex.EncodeToString(sum[:])
}
