"""Files that travel from host to host: the vendor's archives, which hold private keys, and what must follow them."""

from collections.abc import Sequence

from components.release.spec import Site
from components.steps.plan import Action, Relay
from components.topology.cluster import Node

AUTH = "auth"  # the step after which a host has the cluster's keys
LIMIT = 60  # seconds for what runs none of the vendor's scripts


def archive(  # noqa: PLR0913 - the fields of a relay
    site: Site,
    step: str,
    *,
    source: Node,
    target: Node,
    file: str,
    pack: str | None,
    contents: Sequence[str] = (),
    unpack: str,
    arguments: Sequence[str] = (),
    results: Sequence[str],
    after: Sequence[str],
) -> Relay:
    """Return the relay of an archive that a vendor's script unpacks.

    `pack` and `unpack` are entries of the profile's scripts; `pack` is None where an earlier step made the archive.
    """
    command = site.command(pack) if pack else ()
    limit = site.profile.limit(pack) if pack else LIMIT
    return Relay(
        node=target,
        step=step,
        source=source,
        file=file,
        pack=_offer(
            source,
            f"{step}-offer",
            file,
            command=command,
            contents=contents,
            owners=[site.profile.archives.owner],
            limit=limit,
        ),
        unpack=Action(
            node=target,
            step=step,
            script="steps/scripts/import-archive.sh",
            after=(),
            limit=site.profile.limit(unpack),
            inputs={"file": file, "command": (*site.command(unpack), *arguments), "results": tuple(results)},
        ),
        after=tuple(after),
    )


def plain(  # noqa: PLR0913 - the fields of a relay
    step: str,
    *,
    source: Node,
    target: Node,
    file: str,
    owners: Sequence[str],
    mode: str,
    after: Sequence[str],
    generation: str | None = None,
) -> Relay:
    """Return the relay of a file that is used as it is, with its mode; another generation carries it again.

    `owners` are the accounts whose file it may be on the source.
    """
    inputs = {"file": file, "mode": mode, **({"generation": generation} if generation else {})}
    return Relay(
        node=target,
        step=step,
        source=source,
        file=file,
        pack=_offer(source, f"{step}-offer", file, owners=owners),
        unpack=Action(
            node=target,
            step=step,
            script="steps/scripts/place-file.sh",
            after=(),
            limit=LIMIT,
            inputs=inputs,
        ),
        after=tuple(after),
    )


def _offer(  # noqa: PLR0913 - the fields of a step
    node: Node,
    step: str,
    file: str,
    *,
    command: Sequence[str] = (),
    contents: Sequence[str] = (),
    owners: Sequence[str],
    limit: int = LIMIT,
) -> Action:
    return Action(
        node=node,
        step=step,
        script="steps/scripts/export-file.sh",
        after=(),
        limit=limit,
        inputs={"file": file, "command": tuple(command), "contents": tuple(contents), "owners": tuple(owners)},
    )
