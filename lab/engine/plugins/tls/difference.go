package main

import (
	"reflect"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

const earlyRenewalHours = "earlyRenewalHours"

// difference compares complete inputs, field by field. A certificate cannot be changed: everything replaces it but the
// early renewal hours, which are about the resource alone. A certificate whose time is up is replaced too.
func difference[I any](old, new I, issued Validity) infer.DiffResponse {
	detail := map[string]p.PropertyDiff{}
	compare(reflect.ValueOf(old), reflect.ValueOf(new), detail)
	early := reflect.ValueOf(new).FieldByName("EarlyRenewalHours").Interface().(*int)
	if issued.due(early) {
		detail["readyForRenewal"] = p.PropertyDiff{Kind: p.UpdateReplace}
	}
	return infer.DiffResponse{HasChanges: len(detail) > 0, DetailedDiff: detail}
}

func compare(old, new reflect.Value, detail map[string]p.PropertyDiff) {
	for i := range old.NumField() {
		field := old.Type().Field(i)
		if field.Anonymous {
			compare(old.Field(i), new.Field(i), detail)
			continue
		}
		if reflect.DeepEqual(old.Field(i).Interface(), new.Field(i).Interface()) || bothEmpty(old.Field(i), new.Field(i)) {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("pulumi"), ",")
		kind := p.UpdateReplace
		if name == earlyRenewalHours {
			kind = p.Update
		}
		detail[name] = p.PropertyDiff{Kind: kind, InputDiff: true}
	}
}

// bothEmpty takes an empty list for none: the two look alike in a certificate.
func bothEmpty(old, new reflect.Value) bool {
	return old.Kind() == reflect.Slice && old.Len() == 0 && new.Len() == 0
}
