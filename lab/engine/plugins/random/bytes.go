package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"

	"github.com/pulumi/pulumi-go-provider/infer"
)

// RandomBytes is a number of secret bytes, generated once and kept.
type RandomBytes struct{}

// Annotate sets the token that the SDKs use.
func (r *RandomBytes) Annotate(a infer.Annotator) { a.SetToken("index/randomBytes", "RandomBytes") }

// BytesInputs are the inputs of RandomBytes.
type BytesInputs struct {
	Keepers map[string]string `pulumi:"keepers,optional"`
	Length  int               `pulumi:"length"`
}

// BytesOutputs are the properties of RandomBytes in the state.
type BytesOutputs struct {
	BytesInputs
	Base64 string `pulumi:"base64"`
	Hex    string `pulumi:"hex"   `
}

// WireDependencies marks the bytes as secret, whatever their inputs are.
func (*RandomBytes) WireDependencies(f infer.FieldSelector, _ *BytesInputs, state *BytesOutputs) {
	f.OutputField(&state.Base64).AlwaysSecret()
	f.OutputField(&state.Hex).AlwaysSecret()
}

// Create generates the bytes.
func (*RandomBytes) Create(
	_ context.Context, req infer.CreateRequest[BytesInputs],
) (infer.CreateResponse[BytesOutputs], error) {
	response := infer.CreateResponse[BytesOutputs]{ID: "none", Output: BytesOutputs{BytesInputs: req.Inputs}}
	if req.DryRun {
		return response, nil
	}
	drawn, err := drawBytes(req.Inputs.Length)
	response.Output.Base64 = base64.StdEncoding.EncodeToString(drawn)
	response.Output.Hex = hex.EncodeToString(drawn)
	return response, err
}

func drawBytes(length int) ([]byte, error) {
	if length < 1 {
		return nil, fmt.Errorf("length: %d random bytes cannot be generated; request at least one", length)
	}
	drawn := make([]byte, length)
	_, err := rand.Read(drawn)
	return drawn, err
}

// RandomId is a public identifier, generated once and kept.
type RandomId struct{} //nolint:revive // the SDKs' name

// Annotate sets the token that the SDKs use.
func (r *RandomId) Annotate(a infer.Annotator) { a.SetToken("index/randomId", "RandomId") }

// IDInputs are the inputs of RandomId.
type IDInputs struct {
	ByteLength int               `pulumi:"byteLength"`
	Keepers    map[string]string `pulumi:"keepers,optional"`
	Prefix     *string           `pulumi:"prefix,optional"`
}

// IDOutputs are the properties of RandomId in the state.
type IDOutputs struct {
	IDInputs
	B64Std string `pulumi:"b64Std"`
	B64URL string `pulumi:"b64Url"`
	Dec    string `pulumi:"dec"`
	Hex    string `pulumi:"hex"`
}

// Create generates the identifier; its id in the state is its URL-safe form, without the prefix.
func (*RandomId) Create(_ context.Context, req infer.CreateRequest[IDInputs]) (infer.CreateResponse[IDOutputs], error) {
	response := infer.CreateResponse[IDOutputs]{Output: IDOutputs{IDInputs: req.Inputs}}
	if req.DryRun {
		return response, nil
	}
	drawn, err := drawBytes(req.Inputs.ByteLength)
	if err != nil {
		return response, err
	}
	prefix := ""
	if req.Inputs.Prefix != nil {
		prefix = *req.Inputs.Prefix
	}
	response.ID = base64.RawURLEncoding.EncodeToString(drawn)
	response.Output.B64URL = prefix + response.ID
	response.Output.B64Std = prefix + base64.StdEncoding.EncodeToString(drawn)
	response.Output.Hex = prefix + hex.EncodeToString(drawn)
	response.Output.Dec = prefix + new(big.Int).SetBytes(drawn).String()
	return response, nil
}
