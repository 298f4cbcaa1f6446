"""Plans how services pick up a renewed web certificate; the guide has no step for that."""

from collections.abc import Iterator

from components.installation import Installation
from components.release.spec import DeploymentSpec
from components.services.gate import service_gate
from components.steps.model import Step
from components.tls.plan import CRT, cus, users
from components.topology.cluster import Node


def plan_renewal(spec: DeploymentSpec, *, after: str) -> Iterator[Step]:
    """Yield a step on each host that uses the certificate; the vendor's own is never renewed.

    `after` is the last step that may restart the same services. Only the host can tell whether its services were
    started with another certificate: that of a private CA is unknown while this is planned.
    """
    certificate, cluster = spec.cluster.config.certificate, spec.cluster
    if certificate.kind == "self-signed":
        return
    place = spec.profile.certificate
    for node in users(cluster):
        again = node == cluster.cus and place.cus_again
        yield service_gate(
            spec,
            Installation.RENEWED,
            node,
            after=[after, Installation.CERTIFICATE.on(node)],
            secrets={"crt": CRT},
            crt_file=place.crt,
            key_file=place.key,
            certificate=spec.certificate,
            keystores=tuple(store.file for store in place.keystores),
            passphrases=tuple(store.passphrase for store in place.keystores),
            aliases=tuple(store.alias for store in place.keystores),
            again=spec.command(cus(certificate)) if again else (),
            services=tuple(service for service in spec.services_of(node) if service in place.services),
            web=_web(spec, node),
        )


def _web(spec: DeploymentSpec, node: Node) -> str:
    return f"{node.fqdn}:{spec.profile.web.port}" if node == spec.cluster.web_api else ""
