"""From the stack's configuration to registered resources; every refusal comes before the first of them."""

import json
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

import pulumi

from components.cluster import Deployment, DeploymentArgs
from components.config.loader import ROOT, advice, read
from components.config.project_file import ProjectFile
from components.config_server.routing import document
from components.drift import installed, reasons
from components.errors import ChangeRefusal, Refusal
from components.facts.gather import inspect
from components.installation import areas
from components.preflight.report import require
from components.release.profile import load
from components.release.spec import Site
from components.safety.checks import refusals
from components.safety.recorded import recorded
from components.steps.connection import endpoints
from components.tls.load import admit
from components.topology.cluster import Cluster

PROJECT = Path(__file__).parent.parent
SHOWN = 32  # exit status: the program has said itself what is wrong, so nothing is added
INTERRUPTED = 130


def run() -> None:
    """Deploy the stack's cluster, or say why not in one line for each finding."""
    signal.signal(signal.SIGINT, _leave)
    try:
        args = prepare(_configuration(), PROJECT, preview=pulumi.runtime.is_dry_run())
    except Refusal as refusal:
        _refuse(refusal)
    deployment = Deployment("deephaven", args)
    for key, value in deployment.summary.items():
        pulumi.export(key, value)


def prepare(raw: object, project: Path, *, preview: bool) -> DeploymentArgs:
    """Return all that a deployment needs, from the raw configuration object and the hosts' facts; raises Refusal."""
    config = read(raw)
    for line in advice(raw):
        pulumi.log.warn(line)
    profile = load(config.release.version, config.release.overrides)
    cluster = Cluster(config)
    site = Site(cluster, profile, document(cluster, project=project))
    digest = _rpm_digest(project, config.release.rpm.file)
    planned = areas(site, digest=digest)
    certificate = admit(site.cluster, project=project, now=datetime.now(UTC))
    reached = endpoints(config, project=project)
    facts = inspect(site, reached, preview=preview)
    known = recorded(site, facts)
    if findings := refusals(site, facts, known, preview=preview):
        raise ChangeRefusal(finding.line for finding in findings)
    for line in (*known.reports, *(doubt.line for doubt in known.doubts)):
        pulumi.log.warn(line)
    require(site, facts)
    tasks = [task for area in planned.values() for task in area]
    drifted = reasons(tasks, facts, lost=installed(facts, known.record), now=datetime.now(UTC))
    return DeploymentArgs(site=site, areas=planned, certificate=certificate, endpoints=reached, reasons=drifted)


def _configuration() -> object:
    """Return the raw configuration object, in clear also when a part of it is a secret.

    The SDK's own reader of objects would show all of a text that is none, and one day warn of the secret.
    """
    text = pulumi.Config("deephaven").get("cluster")
    try:
        return json.loads(text or "null")
    except ValueError:
        return text


def _rpm_digest(project: Path, file: str | None) -> str:
    if file is None:
        return ""
    where = f"{ROOT}.release.rpm.file"
    return ProjectFile(where=where, name=file, path=project / file, wanted="the vendor's RPM").sha256()


def _refuse(refusal: Refusal) -> NoReturn:
    pulumi.log.error("\n".join(refusal.findings))
    sys.exit(SHOWN)


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Leave at once: the engine interrupts a failing program, and a traceback would hide the host's own error."""
    os._exit(INTERRUPTED)
