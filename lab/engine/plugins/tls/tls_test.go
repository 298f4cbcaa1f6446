package main

import (
	"crypto/x509"
	"encoding/pem"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"golang.org/x/crypto/ssh"

	"deephaven.example/lab/engine/plugins/internal/engine"
)

type values = map[string]property.Value

func text(s string) property.Value { return property.New(s) }

func number(n float64) property.Value { return property.New(n) }

func texts(items ...string) property.Value {
	var all []property.Value
	for _, item := range items {
		all = append(all, text(item))
	}
	return property.New(property.NewArray(all))
}

func subject(name string) property.Value {
	return property.New(property.NewMap(values{"commonName": text(name), "organization": text("lab")}))
}

func create(t *testing.T, kind string, inputs values) *engine.Resource {
	t.Helper()
	r := engine.New(t, provider(), "tls:index/"+strings.ToLower(kind[:1])+kind[1:]+":"+kind)
	up(t, r, "create", inputs)
	return r
}

func up(t *testing.T, r *engine.Resource, want string, inputs values) {
	t.Helper()
	if got, err := r.Up(inputs); err != nil || got != want {
		t.Fatalf("the update was %q (%v), want %q", got, err, want)
	}
}

func key(t *testing.T) *engine.Resource {
	t.Helper()
	return create(t, "PrivateKey", values{"algorithm": text("ECDSA"), "ecdsaCurve": text("P256")})
}

func certificate(t *testing.T, r *engine.Resource) *x509.Certificate {
	t.Helper()
	read, err := readCertificate(r.Text("certPem"))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func authorityInputs(k *engine.Resource) values {
	return values{
		"privateKeyPem": text(k.Text("privateKeyPem")), "isCaCertificate": property.New(true),
		"allowedUses": texts("cert_signing", "crl_signing"), "validityPeriodHours": number(1000),
		"subject": subject("authority"), "setSubjectKeyId": property.New(true),
	}
}

// chain returns an authority, and the inputs of a server's certificate that it issues.
func chain(t *testing.T) (*engine.Resource, values) {
	t.Helper()
	authorityKey, serverKey := key(t), key(t)
	authority := create(t, "SelfSignedCert", authorityInputs(authorityKey))
	request := create(t, "CertRequest", values{
		"privateKeyPem": text(serverKey.Text("privateKeyPem")), "subject": subject("server"),
		"dnsNames": texts("server.lab"), "ipAddresses": texts("10.1.2.3"), "uris": texts("spiffe://lab/server"),
	})
	return authority, values{
		"caCertPem": text(authority.Text("certPem")), "caPrivateKeyPem": text(authorityKey.Text("privateKeyPem")),
		"certRequestPem": text(request.Text("certRequestPem")),
		"allowedUses":    texts("server_auth", "digital_signature"), "validityPeriodHours": number(100),
	}
}

func TestSignedCertificateVerifiesUnderItsAuthorityForItsUseOnly(t *testing.T) {
	authority, inputs := chain(t)
	server := certificate(t, create(t, "LocallySignedCert", inputs))
	roots := x509.NewCertPool()
	roots.AddCert(certificate(t, authority))
	verify := func(name string, use x509.ExtKeyUsage) error {
		_, err := server.Verify(x509.VerifyOptions{Roots: roots, DNSName: name, KeyUsages: []x509.ExtKeyUsage{use}})
		return err
	}
	for _, name := range []string{"server.lab", "10.1.2.3"} {
		if err := verify(name, x509.ExtKeyUsageServerAuth); err != nil {
			t.Fatal(err)
		}
	}
	if verify("server.lab", x509.ExtKeyUsageClientAuth) == nil {
		t.Fatal("a server's certificate is valid for clients")
	}
	if verify("other.lab", x509.ExtKeyUsageServerAuth) == nil {
		t.Fatal("the certificate is valid for another name")
	}
	other, _ := chain(t)
	otherRoots := x509.NewCertPool()
	otherRoots.AddCert(certificate(t, other))
	if _, err := server.Verify(x509.VerifyOptions{Roots: otherRoots}); err == nil {
		t.Fatal("the certificate verifies under another authority")
	}
}

func TestCertificateHasTheNamesOfTheRequest(t *testing.T) {
	_, inputs := chain(t)
	server := certificate(t, create(t, "LocallySignedCert", inputs))
	if server.Subject.CommonName != "server" || server.Subject.Organization[0] != "lab" || server.IsCA {
		t.Fatalf("subject %v, authority %t", server.Subject, server.IsCA)
	}
	if !server.IPAddresses[0].Equal(net.ParseIP("10.1.2.3")) || server.URIs[0].Host != "lab" {
		t.Fatalf("addresses %v, uris %v", server.IPAddresses, server.URIs)
	}
	if server.KeyUsage != x509.KeyUsageDigitalSignature {
		t.Fatalf("key usage %v", server.KeyUsage)
	}
}

func TestAuthorityCanSign(t *testing.T) {
	authority, _ := chain(t)
	c := certificate(t, authority)
	if !c.IsCA || c.KeyUsage != x509.KeyUsageCertSign|x509.KeyUsageCRLSign || len(c.SubjectKeyId) == 0 {
		t.Fatalf("authority %t, usage %v, key id %x", c.IsCA, c.KeyUsage, c.SubjectKeyId)
	}
	if authority.ID != c.SerialNumber.String() {
		t.Fatalf("the id is %s", authority.ID)
	}
}

// later advances the plugin's time until the end of the test.
func later(t *testing.T, passed time.Duration) {
	t.Helper()
	now = func() time.Time { return time.Now().Add(passed) }
	t.Cleanup(func() { now = time.Now })
}

func TestCertificateIsRenewedEarly(t *testing.T) {
	_, inputs := chain(t)
	inputs["earlyRenewalHours"] = number(10)
	r := create(t, "LocallySignedCert", inputs)
	if r.State.Get("readyForRenewal").AsBool() {
		t.Fatal("a new certificate is ready for renewal")
	}
	later(t, 89*time.Hour)
	up(t, r, "same", inputs)

	later(t, 91*time.Hour)
	if err := r.Refresh(); err != nil || !r.State.Get("readyForRenewal").AsBool() {
		t.Fatalf("ten hours before its end the certificate is not ready for renewal (%v)", err)
	}
	first := r.ID
	up(t, r, "replace", inputs)
	if _, due := r.Details["readyForRenewal"]; !due || r.ID == first {
		t.Fatalf("replaced because of %v", r.Details)
	}
	if r.State.Get("readyForRenewal").AsBool() {
		t.Fatal("the renewed certificate is ready for renewal")
	}
}

func TestSelfSignedCertificateIsRenewedToo(t *testing.T) {
	inputs := authorityInputs(key(t))
	r := create(t, "SelfSignedCert", inputs)
	up(t, r, "same", inputs)
	later(t, 1001*time.Hour)
	if err := r.Refresh(); err != nil || !r.State.Get("readyForRenewal").AsBool() {
		t.Fatalf("an expired certificate is not ready for renewal (%v)", err)
	}
	up(t, r, "replace", inputs)
}

func TestOtherRenewalHoursKeepTheCertificateAndOtherUsesDoNot(t *testing.T) {
	_, inputs := chain(t)
	r := create(t, "LocallySignedCert", inputs)
	first := r.Text("certPem")
	inputs["earlyRenewalHours"] = number(5)
	up(t, r, "update", inputs)
	if r.Text("certPem") != first || r.State.Get("earlyRenewalHours").AsNumber() != 5 {
		t.Fatal("other renewal hours replaced the certificate, or were not kept")
	}
	inputs["allowedUses"] = texts("client_auth")
	up(t, r, "replace", inputs)
	if r.Text("certPem") == first {
		t.Fatal("other uses kept the certificate")
	}
}

func TestBadInputsAreRefused(t *testing.T) {
	_, good := chain(t)
	for name, value := range map[string]property.Value{
		"allowedUses": texts("fly"), "caCertPem": text("nothing"), "certRequestPem": text("nothing"),
		"caPrivateKeyPem": text("nothing"),
	} {
		bad := values{}
		for k, v := range good {
			bad[k] = v
		}
		bad[name] = value
		r := engine.New(t, provider(), "tls:index/locallySignedCert:LocallySignedCert")
		if _, err := r.Up(bad); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestKeysOfEachAlgorithmReadBackInEveryForm(t *testing.T) {
	for algorithm, heads := range map[string][2]string{
		"RSA":     {"RSA PRIVATE KEY", "ssh-rsa "},
		"ECDSA":   {"EC PRIVATE KEY", "ecdsa-sha2-nistp384 "},
		"ED25519": {"PRIVATE KEY", "ssh-ed25519 "},
	} {
		r := create(t, "PrivateKey", values{"algorithm": text(algorithm), "ecdsaCurve": text("P384")})
		block, _ := pem.Decode([]byte(r.Text("privateKeyPem")))
		if block.Type != heads[0] || !strings.HasPrefix(r.Text("publicKeyOpenssh"), heads[1]) {
			t.Errorf("%s: %s, %s", algorithm, block.Type, r.Text("publicKeyOpenssh"))
		}
		public, _, _, _, err := ssh.ParseAuthorizedKey([]byte(r.Text("publicKeyOpenssh")))
		if err != nil {
			t.Fatal(err)
		}
		if r.Text("publicKeyFingerprintSha256") != ssh.FingerprintSHA256(public) {
			t.Errorf("%s: another fingerprint", algorithm)
		}
		for _, form := range []string{"privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"} {
			read, kind, err := parse(r.Text(form))
			if err != nil || kind != algorithm {
				t.Fatalf("%s %s: %v, %v", algorithm, form, kind, err)
			}
			again, err := ssh.NewPublicKey(read.Public())
			if err != nil || ssh.FingerprintSHA256(again) != ssh.FingerprintSHA256(public) {
				t.Errorf("%s: %s is another key (%v)", algorithm, form, err)
			}
			if !r.State.Get(form).Secret() {
				t.Errorf("%s is not a secret", form)
			}
		}
		der, _ := pem.Decode([]byte(r.Text("publicKeyPem")))
		if r.ID != digest(der.Bytes) {
			t.Errorf("%s: the id is %s", algorithm, r.ID)
		}
	}
}

func TestCurveThatSSHDoesNotSupportHasNoSSHForm(t *testing.T) {
	r := create(t, "PrivateKey", values{"algorithm": text("ECDSA")})
	if r.Text("ecdsaCurve") != "P224" || r.Text("publicKeyOpenssh") != "" || r.Text("privateKeyPem") == "" {
		t.Fatalf("curve %s", r.Text("ecdsaCurve"))
	}
}

func TestUnknownAlgorithmsAndCurvesAreRefused(t *testing.T) {
	for _, inputs := range []values{
		{"algorithm": text("DSA")}, {"algorithm": text("ECDSA"), "ecdsaCurve": text("P1")},
	} {
		if _, err := engine.New(t, provider(), "tls:index/privateKey:PrivateKey").Up(inputs); err == nil {
			t.Errorf("accepted: %v", inputs)
		}
	}
}

func TestRequestWithAWrongSignatureIsRefused(t *testing.T) {
	_, inputs := chain(t)
	block, _ := pem.Decode([]byte(inputs["certRequestPem"].AsString()))
	block.Bytes[len(block.Bytes)-1] ^= 1
	if _, err := readRequest(string(pem.EncodeToMemory(block))); err == nil {
		t.Fatal("a request with a wrong signature was accepted")
	}
}

func TestRenewalIsNotDueBeforeAnythingIsIssued(t *testing.T) {
	if (Validity{}).due(nil) {
		t.Fatal("a certificate that is not issued is due")
	}
}
