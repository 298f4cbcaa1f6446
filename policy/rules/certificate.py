"""Rule certificate: in production from an authority; key and lifetime within limits; itself not an authority."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from policy.rules.model import UNKNOWN, Finding, NotEvaluated, Resource, Result, RuleContext
from policy.rules.tokens import LOCALLY_SIGNED, PRIVATE_KEY, SELF_SIGNED

REQUIREMENTS = "Certificate Requirements"
ISSUED = "declare a certificate of kind private-ca or provided"
HOURS = 24
# The inputs of a private authority's resources that the rule evaluates.
EVALUATED = {
    PRIVATE_KEY: ("algorithm", "rsaBits", "ecdsaCurve"),
    SELF_SIGNED: ("isCaCertificate", "validityPeriodHours"),
    LOCALLY_SIGNED: ("isCaCertificate", "validityPeriodHours", "earlyRenewalHours"),
}


def evaluate(resource: Resource, context: RuleContext) -> Iterator[Result]:
    """Yield the problems with the cluster's certificate or with one resource of a private authority."""
    unknown = [key for key in EVALUATED.get(resource.type, ()) if resource.get(key) is UNKNOWN]
    yield from (NotEvaluated(resource.name, key) for key in unknown)
    if resource.topology:
        yield from _declared(resource.topology, context)
    elif resource.type == PRIVATE_KEY and not unknown:
        yield from _generated_key(resource, context)
    elif resource.type == SELF_SIGNED:
        yield from _authority(resource, context)
    elif resource.type == LOCALLY_SIGNED:
        yield from _signed(resource, context)


def _generated_key(resource: Resource, context: RuleContext) -> Iterator[Finding]:
    bits = resource.get("rsaBits") or context.limits["rsa_bits"]  # the provider's default is sufficient
    curve = str(resource.get("ecdsaCurve") or "P224").removeprefix("P")  # the provider's default is not sufficient
    algorithm = str(resource.get("algorithm"))
    yield from _key(resource.name, algorithm, int(bits if algorithm == "RSA" else curve), context)


def _declared(topology: Mapping[str, Any], context: RuleContext) -> Iterator[Finding]:
    certificate = topology["certificate"]
    if topology["environment"] == "production":
        if certificate["kind"] == "self-signed":
            yield Finding("certificate", "is the vendor's self-signed certificate", ISSUED, REQUIREMENTS)
        if topology["update_service"] == "insecure":
            what = "the Client Update Service would be insecure"
            yield Finding("certificate", what, f"{ISSUED}, or services: {{cus: false}}", "step 18")
    if "valid_until" in certificate:
        yield from _provided(certificate, context)


def _provided(certificate: Mapping[str, Any], context: RuleContext) -> Iterator[Finding]:
    start, end = (datetime.fromisoformat(certificate[when]) for when in ("valid_from", "valid_until"))
    left, least = (end - context.now).days, int(context.limits["days_left"])
    if left < least:
        what = f"is valid for {max(left, 0)} more days, until {end:%Y-%m-%d}, but {least} are required"
        yield Finding("certificate", what, "renew it")
    yield from _lifetime("certificate", (end - start).days, context)
    yield from _key("certificate", certificate["key_type"], int(certificate["key_bits"]), context)
    if certificate["authority"]:
        what = "has the CA flag: whoever compromises a host could sign other certificates"
        yield Finding("certificate", what, "have it issued without the CA flag", REQUIREMENTS)


def _lifetime(where: str, days: int, context: RuleContext) -> Iterator[Finding]:
    most = int(context.limits["lifetime_days"])
    if days > most:
        yield Finding(
            where, f"is valid for {days} days, but browsers accept at most {most}", "have it issued for fewer"
        )


def _key(where: str, kind: str, bits: int, context: RuleContext) -> Iterator[Finding]:
    least = {"RSA": int(context.limits["rsa_bits"]), "ECDSA": int(context.limits["ecdsa_bits"])}
    if kind not in least:
        yield Finding(where, f"has a key of type {kind}, which Java 8 does not support", "use RSA or ECDSA")
    elif bits < least[kind]:
        yield Finding(where, f"has an {kind} key of {bits} bits", f"use {least[kind]} or more")


def _authority(resource: Resource, context: RuleContext) -> Iterator[Finding]:
    if not resource.get("isCaCertificate"):
        yield Finding(resource.name, "is self-signed and not an authority, so no client trusts it", ISSUED)
    days, most = _days(resource, "validityPeriodHours"), int(context.limits["authority_days"])
    if days is not None and days > most:
        yield Finding(
            resource.name, f"is valid for {days} days, but at most {most} are allowed", "lower ca_validity_days"
        )


def _signed(resource: Resource, context: RuleContext) -> Iterator[Finding]:
    if resource.get("isCaCertificate") is True:
        what = "has the CA flag, which only the authority may have"
        yield Finding(resource.name, what, "sign it without the CA flag", REQUIREMENTS)
    if (days := _days(resource, "validityPeriodHours")) is not None:
        yield from _lifetime(resource.name, days, context)
    renewed, least = _days(resource, "earlyRenewalHours"), int(context.limits["days_left"])
    if renewed is not None and renewed < least:
        what = f"is renewed when {renewed} days are left, but {least} are required"
        yield Finding(resource.name, what, "raise renewal_days")


def _days(resource: Resource, key: str) -> int | None:
    hours = resource.get(key)
    return None if hours is UNKNOWN else int(hours or 0) // HOURS
