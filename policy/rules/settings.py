"""What a stack or `--policy-pack-config` sets for a rule: its limits, and exceptions that end; pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from policy.rules.index import BY_NAME, Rule
from policy.rules.model import Finding

EXCEPTIONS = "exceptions"
KEYS = {"rule", "reason", "until", "where"}


class SettingsError(Exception):
    """Settings that do not fit; `findings` has a line for each."""

    def __init__(self, findings: Sequence[str]) -> None:
        super().__init__("\n".join(findings))
        self.findings = tuple(findings)


@dataclass(frozen=True, kw_only=True)
class Excepted:
    """An exception from a rule: why, up to and with which day, and where, unless it is everywhere."""

    rule: str
    reason: str
    until: date
    where: str = ""

    def covers(self, finding: Finding) -> bool:
        """Say whether a finding is what is excepted."""
        return self.where in {"", finding.where, finding.where.partition(" (")[0]}

    def __str__(self) -> str:
        """Return the exception as messages show it."""
        return f"{self.reason}, until {self.until}"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A rule's limits where they are set, and its exceptions."""

    limits: Mapping[str, Any] = field(default_factory=dict)
    exceptions: Sequence[Excepted] = ()


def stack_settings(raw: object) -> dict[str, Settings]:
    """Return what the stack's `deephaven:policy` sets, by rule; raises SettingsError with a line for each mistake.

    Its `exceptions` name their rule; each rule's limits are under its name.
    """
    if not isinstance(raw, Mapping):
        raise SettingsError(["deephaven:policy: write rules with their limits, and exceptions"])
    excepted = raw.get(EXCEPTIONS, [])
    rest = {key: value for key, value in raw.items() if key != EXCEPTIONS}
    findings = [f"deephaven:policy.{key}: unknown rule; {_known()}" for key in rest if key not in BY_NAME]
    listed: dict[str, list[object]] = {}
    for one in excepted if isinstance(excepted, list) else [excepted]:
        name = one.get("rule") if isinstance(one, Mapping) else None
        if name not in BY_NAME:
            findings.append(f"deephaven:policy.{EXCEPTIONS}: unknown rule {name!r}; {_known()}")
        else:
            listed.setdefault(str(name), []).append(one)
    found: dict[str, Settings] = {}
    for name in [name for name in BY_NAME if name in rest or name in listed]:
        context = rest.get(name, {})
        both = {**context, EXCEPTIONS: listed.get(name, [])} if isinstance(context, Mapping) else context
        try:
            found[name] = settings(BY_NAME[name], both, f"deephaven:policy.{name}")
        except SettingsError as error:
            findings += error.findings
    if findings:
        raise SettingsError(findings)
    return found


def settings(rule: Rule, raw: object, where: str) -> Settings:
    """Return what is set for one rule; raises SettingsError."""
    if not isinstance(raw, Mapping):
        raise SettingsError([f"{where}: write limits and {EXCEPTIONS}"])
    excepted = raw.get(EXCEPTIONS, [])
    entries = excepted if isinstance(excepted, list) else [excepted]
    limits = {key: value for key, value in raw.items() if key != EXCEPTIONS}
    findings = [*_limits(rule, limits, where)]
    findings += [line for one in entries for line in _entry(rule, one, f"{where}.{EXCEPTIONS}")]
    if findings:
        raise SettingsError(findings)
    return Settings(limits=limits, exceptions=tuple(_excepted(rule, one) for one in entries))


def _known() -> str:
    return f"use one of {', '.join(BY_NAME)}"


def _limits(rule: Rule, limits: Mapping[str, Any], where: str) -> Iterator[str]:
    for key, value in limits.items():
        if key not in rule.limits:
            known = ", ".join([*rule.limits, EXCEPTIONS])
            yield f"{where}.{key}: unknown setting of this rule; use one of {known}"
        elif isinstance(rule.limits[key], list):
            if not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
                yield f"{where}.{key}: write a list of names"
        elif isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            yield f"{where}.{key}: write a number"


def _entry(rule: Rule, raw: object, where: str) -> Iterator[str]:
    if not isinstance(raw, Mapping) or not set(raw) <= KEYS:
        yield f"{where}: write {{rule: {rule.name}, reason: WHY, until: DATE}}, and where: NAME for one place"
        return
    if raw.get("rule") != rule.name:
        yield f"{where}: names the rule {raw.get('rule')!r}; write rule: {rule.name}"
    if len(str(raw.get("reason") or "").strip()) < 3:  # noqa: PLR2004 - the shortest word that says anything
        yield f"{where}: has no reason; give the reason in a few words"
    if _day(raw.get("until")) is None:
        yield f'{where}: has no end; write its last day, quoted, like until: "2027-01-31"'


def _excepted(rule: Rule, raw: Mapping[str, Any]) -> Excepted:
    until = _day(raw["until"])
    assert until is not None  # noqa: S101 - checked before
    return Excepted(rule=rule.name, reason=str(raw["reason"]).strip(), until=until, where=str(raw.get("where", "")))


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def merged(both: Iterable[Settings]) -> Settings:
    """Return settings of which a later one's limits go before, and all exceptions count."""
    limits: dict[str, Any] = {}
    exceptions: list[Excepted] = []
    for one in both:
        limits |= one.limits
        exceptions += one.exceptions
    return Settings(limits=limits, exceptions=tuple(exceptions))


def find_exemption(
    finding: Finding, exceptions: Iterable[Excepted], today: date
) -> tuple[Excepted | None, Excepted | None]:
    """Return the exception that covers a finding today, and one that did and has expired."""
    fitting = sorted((one for one in exceptions if one.covers(finding)), key=lambda one: one.until)
    if fitting and fitting[-1].until >= today:
        return fitting[-1], None
    return None, fitting[-1] if fitting else None
