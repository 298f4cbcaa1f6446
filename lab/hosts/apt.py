"""Derives the package sources of the hosts' Debian release from those of this machine, which may run another release.

A Debian mirror serves all releases under one address. Proxies and logins are not read here: apt takes them from the
machine's configuration.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab.hosts.errors import LabError

RELEASES = {"12": "bookworm", "13": "trixie"}
"""Debian releases that the lab runs on, by the VERSION_ID of os-release."""

HOSTS_RELEASE = "bookworm"
"""The release that the hosts run, whichever release the machine runs."""

_SUITE = re.compile(rf"(?:{'|'.join(RELEASES.values())}|stable|oldstable)(?P<pocket>|-updates|-security)")
_TRUST_OPTIONS = ("Signed-By", "Trusted", "Allow-Insecure", "Allow-Weak", "Check-Valid-Until", "Check-Date")
_LINE = re.compile(
    r"(?P<type>deb|deb-src)\s+(?:\[(?P<options>[^\]]*)\]\s+)?"
    r"(?P<uri>cdrom:\[[^\]]*\]\S*|[^\s\[]\S*)\s+(?P<suite>[^\s\[]\S*)(?P<components>(?:\s+\S+)*)"
)
_OFF = {"no", "false", "without", "off", "disable", "0"}
_ARCHIVE_KEYRING = "debian-archive"


@dataclass(frozen=True)
class Source:
    """One source of binary packages; `options` holds the options by which apt trusts it."""

    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)

    def pockets(self) -> list[str]:
        """Return the parts of a Debian release that it serves: "", "-updates", "-security"."""
        if "main" not in self.components or all(uri.startswith("cdrom:") for uri in self.uris):
            return []
        return [match["pocket"] for match in map(_SUITE.fullmatch, self.suites) if match]


def parse_list(text: str, where: str) -> list[Source]:
    """Parse the one-line format of sources.list(5); raise LabError with the invalid line."""
    sources = []
    for number, line in enumerate(text.splitlines(), 1):
        entry = line.split("#")[0].strip()
        match = _LINE.fullmatch(entry)
        if entry and not match:
            raise LabError(f"{where}:{number}: not a package source: {entry!r}; correct or remove the line")
        if match and match["type"] == "deb":
            options = dict(option.partition("=")[::2] for option in (match["options"] or "").split())
            components = tuple(match["components"].split())
            sources.append(Source((match["uri"],), (match["suite"],), components, _trust_options(options)))
    return sources


def parse_deb822(text: str, where: str) -> list[Source]:
    """Parse the format of .sources files; raise LabError with the invalid stanza."""
    sources = []
    for number, stanza in enumerate(filter(str.strip, re.split(r"\n[ \t]*\n", _without_comments(text))), 1):
        fields = _fields(stanza, f"{where}: stanza {number}")
        missing = [name for name in ("types", "uris", "suites") if not fields.get(name, "").strip()]
        if missing:
            raise LabError(f"{where}: stanza {number}: {', '.join(missing)} missing; complete or remove the stanza")
        if "deb" in fields["types"].split() and fields.get("enabled", "yes").strip().lower() not in _OFF:
            uris, suites, components = (
                tuple(fields.get(name, "").split()) for name in ("uris", "suites", "components")
            )
            sources.append(Source(uris, suites, components, _trust_options(fields)))
    return sources


def derive(sources: Iterable[Source], release: str) -> str:
    """Return a .sources file for another Debian release on the same mirrors; raise LabError if none serves Debian."""
    serving = [source for source in sources if source.pockets()]
    # Other vendors also call a suite "trixie" or "stable", and sign it with their own keys.
    own = [source for source in serving if _ARCHIVE_KEYRING in source.options.get("Signed-By", _ARCHIVE_KEYRING)]
    chosen = own or serving
    if not any("" in source.pockets() for source in chosen):
        names = ", ".join(RELEASES.values())
        raise LabError(f"/etc/apt: no source with the component main of {names} or stable; add Debian's mirror")
    return "\n".join(dict.fromkeys(_stanza(source, release) for source in chosen))


def machine_sources(etc: Path = Path("/etc/apt")) -> list[Source]:
    """Read all sources that apt reads on this machine."""
    sources = []
    for file in (etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))):
        parse = {".list": parse_list, ".sources": parse_deb822}.get(file.suffix)
        if parse and file.is_file():
            sources += parse(file.read_text(), str(file))
    return sources


def write_sources(target: Path) -> None:
    """Write the sources of the hosts' release unless the file already holds them."""
    text = derive(machine_sources(), HOSTS_RELEASE)
    if not target.exists() or target.read_text() != text:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def _without_comments(text: str) -> str:
    return "".join(f"{line}\n" for line in text.splitlines() if not line.startswith("#"))


def _fields(stanza: str, where: str) -> dict[str, str]:
    """Return a stanza's fields by lower-case name; an indented line continues the field above it."""
    fields: dict[str, str] = {}
    name = ""
    for line in filter(str.strip, stanza.splitlines()):
        if line[0].isspace() and name:
            fields[name] += f"\n{line}"
            continue
        name, colon, value = line.partition(":")
        if not colon or line[0].isspace():
            raise LabError(f"{where}: not a field: {line.strip()!r}; write NAME: VALUE")
        name = name.strip().lower()
        fields[name] = value.strip()
    return fields


def _trust_options(options: Mapping[str, str]) -> dict[str, str]:
    values = {name.lower(): value for name, value in options.items()}
    return {name: values[name.lower()] for name in _TRUST_OPTIONS if name.lower() in values}


def _stanza(source: Source, release: str) -> str:
    fields = {
        "Types": "deb",
        "URIs": " ".join(source.uris),
        "Suites": " ".join(dict.fromkeys(f"{release}{pocket}" for pocket in source.pockets())),
        "Components": "main",
        **source.options,
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items())
