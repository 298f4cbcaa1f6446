package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"golang.org/x/crypto/ssh"
)

// The algorithms of a private key, and the default curve and size.
const (
	algorithmRSA     = "RSA"
	algorithmECDSA   = "ECDSA"
	algorithmED25519 = "ED25519"
	defaultCurve     = "P224"
	defaultBits      = 2048
)

var curves = map[string]elliptic.Curve{
	"P224": elliptic.P224(), "P256": elliptic.P256(), "P384": elliptic.P384(), "P521": elliptic.P521(),
}

// generate returns a new key.
func generate(algorithm, curve string, bits int) (crypto.Signer, error) {
	switch algorithm {
	case algorithmRSA:
		return rsa.GenerateKey(rand.Reader, bits)
	case algorithmECDSA:
		c, exists := curves[curve]
		if !exists {
			return nil, fmt.Errorf("ecdsaCurve is %q; use P224, P256, P384 or P521", curve)
		}
		return ecdsa.GenerateKey(c, rand.Reader)
	case algorithmED25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, fmt.Errorf("algorithm is %q; use RSA, ECDSA or ED25519", algorithm)
}

// parse returns the private key in any PEM form that this plugin or OpenSSL writes, and its algorithm.
func parse(text string) (crypto.Signer, string, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, "", errors.New("the private key is not PEM")
	}
	key, err := parseBlock(block, text)
	if err != nil {
		return nil, "", fmt.Errorf("private key (%s): %w", block.Type, err)
	}
	switch k := key.(type) {
	case *rsa.PrivateKey:
		return k, algorithmRSA, nil
	case *ecdsa.PrivateKey:
		return k, algorithmECDSA, nil
	case ed25519.PrivateKey:
		return k, algorithmED25519, nil
	case *ed25519.PrivateKey: // from the OpenSSH form
		return *k, algorithmED25519, nil
	}
	return nil, "", fmt.Errorf("private key (%s): unsupported kind %T", block.Type, key)
}

func parseBlock(block *pem.Block, text string) (any, error) {
	switch block.Type {
	case "RSA PRIVATE KEY":
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		return x509.ParseECPrivateKey(block.Bytes)
	case "OPENSSH PRIVATE KEY":
		return ssh.ParseRawPrivateKey([]byte(text))
	}
	return x509.ParsePKCS8PrivateKey(block.Bytes)
}

// traditional returns the key in the usual PEM form of its algorithm.
func traditional(key crypto.Signer) (string, error) {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		return block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k)), nil
	case *ecdsa.PrivateKey:
		der, err := x509.MarshalECPrivateKey(k)
		return block("EC PRIVATE KEY", der), err
	}
	return pkcs8(key)
}

func pkcs8(key crypto.Signer) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return block("PRIVATE KEY", der), err
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
