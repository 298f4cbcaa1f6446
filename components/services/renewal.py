"""How what serves the web certificate comes to use a renewed one; the guide has no step for that."""

from collections.abc import Iterator

from components.release.spec import Site
from components.services.gate import wait
from components.steps.plan import Action, name
from components.tls.plan import CRT, cus, users
from components.topology.cluster import Node

RENEWED = "certificate-renewed"


def plan_renewal(site: Site, *, after: str) -> Iterator[Action]:
    """Yield what the hosts do that use the certificate; the vendor's own is never renewed.

    `after` is the last task that may restart the same services. Only the host can tell whether another certificate was
    installed than its services were started with: one of a private CA is not known while this is planned.
    """
    certificate, cluster = site.cluster.config.certificate, site.cluster
    if certificate.kind == "self-signed":
        return
    place = site.profile.certificate
    for node in users(cluster):
        again = node == cluster.cus and place.cus_again
        yield wait(
            site,
            node,
            RENEWED,
            "renew-certificate.sh",
            after=[after, name(node, "certificate")],
            secrets={"crt": CRT},
            crt_file=place.crt,
            key_file=place.key,
            keystores=tuple(store.file for store in place.keystores),
            passphrases=tuple(store.passphrase for store in place.keystores),
            aliases=tuple(store.alias for store in place.keystores),
            again=site.command(cus(certificate)) if again else (),
            services=tuple(service for service in site.services_of(node) if service in place.services),
            web=_web(site, node),
        )


def _web(site: Site, node: Node) -> str:
    return f"{node.fqdn}:{site.profile.web.port}" if node == site.cluster.web_api else ""
