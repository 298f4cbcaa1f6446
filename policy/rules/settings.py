"""Settings of rules from a stack or from `--policy-pack-config`: limits, and exceptions with an end; pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from policy.rules.index import BY_NAME, Rule
from policy.rules.model import Finding

EXCEPTIONS = "exceptions"
KEYS = {"rule", "reason", "until", "where"}


class SettingsError(Exception):
    """Settings are invalid; `findings` has a line for each problem."""

    def __init__(self, findings: Sequence[str]) -> None:
        super().__init__("\n".join(findings))
        self.findings = tuple(findings)


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """An exception from a rule: the reason, the last day, and where it applies, empty for everywhere."""

    rule: str
    reason: str
    until: date
    where: str = ""

    def covers(self, finding: Finding) -> bool:
        """Return whether the exception applies to a finding."""
        return self.where in {"", finding.where, finding.where.partition(" (")[0]}

    def __str__(self) -> str:
        """Return the exception in messages."""
        return f"{self.reason}, until {self.until}"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The changed limits of a rule, and its exceptions."""

    limits: Mapping[str, Any] = field(default_factory=dict)
    exceptions: Sequence[Exemption] = ()


def stack_settings(raw: object) -> dict[str, Settings]:
    """Return the settings in the stack's `deephaven:policy` by rule; raises SettingsError with all findings.

    Its `exceptions` name their rule; each rule's limits are under its name.
    """
    if not isinstance(raw, Mapping):
        raise SettingsError(["deephaven:policy: is not a mapping; write rules with their limits, and exceptions"])
    excepted = raw.get(EXCEPTIONS, [])
    rest = {key: value for key, value in raw.items() if key != EXCEPTIONS}
    findings = [f"deephaven:policy.{key}: unknown rule; {_remedy()}" for key in rest if key not in BY_NAME]
    listed: dict[str, list[object]] = {}
    for entry in excepted if isinstance(excepted, list) else [excepted]:
        name = entry.get("rule") if isinstance(entry, Mapping) else None
        if name not in BY_NAME:
            findings.append(f"deephaven:policy.{EXCEPTIONS}: unknown rule {name!r}; {_remedy()}")
        else:
            listed.setdefault(str(name), []).append(entry)
    by_rule: dict[str, Settings] = {}
    for name in [name for name in BY_NAME if name in rest or name in listed]:
        limits = rest.get(name, {})
        both = {**limits, EXCEPTIONS: listed.get(name, [])} if isinstance(limits, Mapping) else limits
        try:
            by_rule[name] = settings(BY_NAME[name], both, f"deephaven:policy.{name}")
        except SettingsError as error:
            findings += error.findings
    if findings:
        raise SettingsError(findings)
    return by_rule


def settings(rule: Rule, raw: object, where: str) -> Settings:
    """Return the settings of one rule; raises SettingsError."""
    if not isinstance(raw, Mapping):
        raise SettingsError([f"{where}: is not a mapping; write limits and {EXCEPTIONS}"])
    excepted = raw.get(EXCEPTIONS, [])
    entries = excepted if isinstance(excepted, list) else [excepted]
    limits = {key: value for key, value in raw.items() if key != EXCEPTIONS}
    findings = [*_limits(rule, limits, where)]
    findings += [line for entry in entries for line in _entry(rule, entry, f"{where}.{EXCEPTIONS}")]
    if findings:
        raise SettingsError(findings)
    return Settings(limits=limits, exceptions=tuple(_exemption(rule, entry) for entry in entries))


def _remedy() -> str:
    return f"use one of {', '.join(BY_NAME)}"


def _limits(rule: Rule, limits: Mapping[str, Any], where: str) -> Iterator[str]:
    for key, value in limits.items():
        if key not in rule.limits:
            settings = ", ".join([*rule.limits, EXCEPTIONS])
            yield f"{where}.{key}: unknown setting of this rule; use one of {settings}"
        elif isinstance(rule.limits[key], list):
            if not (isinstance(value, list) and all(isinstance(name, str) for name in value)):
                yield f"{where}.{key}: is not a list of names; write one, like [centos]"
        elif isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            yield f"{where}.{key}: is not a number; write a number of at least 0"


def _entry(rule: Rule, raw: object, where: str) -> Iterator[str]:
    if not isinstance(raw, Mapping) or not set(raw) <= KEYS:
        yield f"{where}: invalid exception; write {{rule: {rule.name}, reason: WHY, until: DATE}}, perhaps where: NAME"
        return
    if raw.get("rule") != rule.name:
        yield f"{where}: names the rule {raw.get('rule')!r}; write rule: {rule.name}"
    if len(str(raw.get("reason") or "").strip()) < 3:  # noqa: PLR2004 - the shortest useful word
        yield f"{where}: has no reason; give the reason in a few words"
    if _day(raw.get("until")) is None:
        yield f'{where}: has no last day; write it quoted, like until: "2027-01-31"'


def _exemption(rule: Rule, raw: Mapping[str, Any]) -> Exemption:
    until = _day(raw["until"])
    assert until is not None  # noqa: S101 - checked before
    return Exemption(rule=rule.name, reason=str(raw["reason"]).strip(), until=until, where=str(raw.get("where", "")))


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def merged(both: Iterable[Settings]) -> Settings:
    """Return merged settings: later limits override earlier ones, and all exceptions count."""
    limits: dict[str, Any] = {}
    exceptions: list[Exemption] = []
    for item in both:
        limits |= item.limits
        exceptions += item.exceptions
    return Settings(limits=limits, exceptions=tuple(exceptions))


def find_exemption(
    finding: Finding, exceptions: Iterable[Exemption], today: date
) -> tuple[Exemption | None, Exemption | None]:
    """Return the exception that covers a finding today, or else the latest expired one."""
    matching = sorted((item for item in exceptions if item.covers(finding)), key=lambda item: item.until)
    if matching and matching[-1].until >= today:
        return matching[-1], None
    return None, matching[-1] if matching else None
