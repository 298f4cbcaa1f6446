"""Loads the web certificate: reads and checks a provided one, or checks the spec of a private CA's."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from components.config.certificate import PemFile, PrivateCa, Provided
from components.config.loader import ROOT
from components.config.project_file import ProjectFile
from components.errors import ConfigurationError
from components.tls.check import CertificateRequirements, check, check_request
from components.tls.plan import CertificateAndKey, CertificateSpec, request, served
from components.topology.cluster import Cluster

WHERE = f"{ROOT}.certificate"


def load_certificate(cluster: Cluster, *, project: Path, now: datetime) -> CertificateAndKey | CertificateSpec | None:
    """Return the provided certificate or the spec of a private CA's; None for the vendor's own.

    Raises ConfigurationError with one line for each problem.
    """
    match cluster.config.certificate:
        case Provided() as provided:
            pair = _pair(provided, project)
            required = CertificateRequirements(names=served(cluster), now=now, minimum_days=provided.minimum_days)
            _refuse(check(pair, required, WHERE))
            return pair
        case PrivateCa() as private_ca:
            certificate_spec = request(cluster, private_ca)
            required = CertificateRequirements(names=served(cluster), now=now, minimum_days=0)
            _refuse(check_request(certificate_spec, required, WHERE))
            return certificate_spec
        case _:
            return None


def _pair(provided: Provided, project: Path) -> CertificateAndKey:
    findings: list[str] = []
    texts: dict[str, str] = {}
    for part in ("crt", "key", "root"):
        value: str | PemFile | None = getattr(provided, part)
        try:
            text = _file(part, value, project).text() if isinstance(value, PemFile) else value
        except ConfigurationError as error:
            findings += error.findings
        else:
            texts.update({part: text} if text is not None else {})
    _refuse(findings)
    return CertificateAndKey(**texts)


def _file(part: str, named: PemFile, project: Path) -> ProjectFile:
    return ProjectFile(
        where=f"{WHERE}.{part}.file",
        name=named.file,
        path=project / named.file,
        expected="the PEM file",
        not_text="save it as PEM text (openssl converts DER with -inform DER)",
    )


def _refuse(findings: Iterable[str]) -> None:
    if lines := list(findings):
        raise ConfigurationError(lines)
