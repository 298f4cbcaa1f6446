package main

import (
	"crypto"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 5280 derives key identifiers this way
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// serialBits is the length of a serial number.
const serialBits = 128

// now is a variable so that tests can set the time.
var now = time.Now

// Terms are the common inputs of both kinds of certificates.
type Terms struct {
	AllowedUses         []string `pulumi:"allowedUses"`
	EarlyRenewalHours   *int     `pulumi:"earlyRenewalHours,optional"`
	IsCaCertificate     *bool    `pulumi:"isCaCertificate,optional"`
	MaxPathLength       *int     `pulumi:"maxPathLength,optional"`
	SetSubjectKeyID     *bool    `pulumi:"setSubjectKeyId,optional"`
	ValidityPeriodHours int      `pulumi:"validityPeriodHours"`
}

// Validity contains the common outputs of an issued certificate.
type Validity struct {
	CertPem           string `pulumi:"certPem"`
	ReadyForRenewal   bool   `pulumi:"readyForRenewal"`
	ValidityEndTime   string `pulumi:"validityEndTime"`
	ValidityStartTime string `pulumi:"validityStartTime"`
}

func (t Terms) complete() Terms {
	if t.EarlyRenewalHours == nil {
		t.EarlyRenewalHours = new(int)
	}
	for _, flag := range []**bool{&t.IsCaCertificate, &t.SetSubjectKeyID} {
		if *flag == nil {
			*flag = new(bool)
		}
	}
	return t
}

// certificate returns a template that follows from the terms, which must be complete.
func (t Terms) certificate(public crypto.PublicKey) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), serialBits))
	if err != nil {
		return nil, err
	}
	from := now()
	certificate := &x509.Certificate{
		SerialNumber: serial, NotBefore: from, NotAfter: from.Add(hours(t.ValidityPeriodHours)),
		BasicConstraintsValid: true, IsCA: *t.IsCaCertificate, MaxPathLen: -1,
	}
	if t.MaxPathLength != nil && *t.IsCaCertificate {
		certificate.MaxPathLen, certificate.MaxPathLenZero = *t.MaxPathLength, *t.MaxPathLength == 0
	}
	if *t.SetSubjectKeyID {
		if certificate.SubjectKeyId, err = keyID(public); err != nil {
			return nil, err
		}
	}
	return certificate, use(certificate, t.AllowedUses)
}

// issue signs the certificate with the issuer's key.
func issue(certificate, issuer *x509.Certificate, public crypto.PublicKey, key crypto.Signer) (Validity, error) {
	der, err := x509.CreateCertificate(rand.Reader, certificate, issuer, public, key)
	return Validity{
		CertPem:           block("CERTIFICATE", der),
		ValidityStartTime: certificate.NotBefore.Format(time.RFC3339),
		ValidityEndTime:   certificate.NotAfter.Format(time.RFC3339),
	}, err
}

// due returns whether the certificate has expired, or will within the early renewal hours.
func (v Validity) due(early *int) bool {
	end, err := time.Parse(time.RFC3339, v.ValidityEndTime)
	if err != nil {
		return false // nothing issued yet
	}
	if early != nil {
		end = end.Add(-hours(*early))
	}
	return !now().Before(end)
}

func hours(n int) time.Duration { return time.Duration(n) * time.Hour }

func keyID(public crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, err
	}
	var info struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, err
	}
	sum := sha1.Sum(info.Key.Bytes) //nolint:gosec // see the import
	return sum[:], nil
}

func readCertificate(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("caCertPem is not PEM")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("caCertPem: %w", err)
	}
	return certificate, nil
}
