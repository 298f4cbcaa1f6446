package main

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net"
	"net/url"
)

// Subject is the subject of a certificate.
type Subject struct {
	CommonName         *string  `pulumi:"commonName,optional"`
	Country            *string  `pulumi:"country,optional"`
	EmailAddress       *string  `pulumi:"emailAddress,optional"`
	Locality           *string  `pulumi:"locality,optional"`
	Organization       *string  `pulumi:"organization,optional"`
	OrganizationalUnit *string  `pulumi:"organizationalUnit,optional"`
	PostalCode         *string  `pulumi:"postalCode,optional"`
	Province           *string  `pulumi:"province,optional"`
	SerialNumber       *string  `pulumi:"serialNumber,optional"`
	StreetAddresses    []string `pulumi:"streetAddresses,optional"`
}

// Names are the alternative names of a certificate.
type Names struct {
	DNSNames    []string `pulumi:"dnsNames,optional"`
	IPAddresses []string `pulumi:"ipAddresses,optional"`
	URIs        []string `pulumi:"uris,optional"`
}

// emailOID is the attribute of the email address, for which Go's certificates lack a field.
var emailOID = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}

func (s *Subject) name() pkix.Name {
	if s == nil {
		return pkix.Name{}
	}
	name := pkix.Name{
		Country: list(s.Country), Locality: list(s.Locality), Organization: list(s.Organization),
		OrganizationalUnit: list(s.OrganizationalUnit), PostalCode: list(s.PostalCode),
		Province: list(s.Province), StreetAddress: s.StreetAddresses,
	}
	if s.CommonName != nil {
		name.CommonName = *s.CommonName
	}
	if s.SerialNumber != nil {
		name.SerialNumber = *s.SerialNumber
	}
	if s.EmailAddress != nil {
		name.ExtraNames = append(name.ExtraNames, pkix.AttributeTypeAndValue{
			Type:  emailOID,
			Value: asn1.RawValue{Tag: asn1.TagIA5String, Bytes: []byte(*s.EmailAddress)},
		})
	}
	return name
}

func list(value *string) []string {
	if value == nil {
		return nil
	}
	return []string{*value}
}

func (n Names) ips() ([]net.IP, error) {
	var all []net.IP
	for _, text := range n.IPAddresses {
		ip := net.ParseIP(text)
		if ip == nil {
			return nil, fmt.Errorf("ipAddresses: %q is not an IP address", text)
		}
		all = append(all, ip)
	}
	return all, nil
}

func (n Names) urls() ([]*url.URL, error) {
	var all []*url.URL
	for _, text := range n.URIs {
		u, err := url.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("uris: %w", err)
		}
		all = append(all, u)
	}
	return all, nil
}
