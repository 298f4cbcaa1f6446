package main

import (
	"reflect"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

const earlyRenewalHours = "earlyRenewalHours"

// difference compares complete inputs, field by field. A certificate cannot be changed, so each change replaces it,
// except for the early renewal hours, which are not part of it. A certificate that is due is also replaced.
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

// bothEmpty treats an empty list like a missing one, because certificates do not distinguish them.
func bothEmpty(old, new reflect.Value) bool {
	return old.Kind() == reflect.Slice && old.Len() == 0 && new.Len() == 0
}
