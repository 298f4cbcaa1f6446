"""File transfers from host to host: the vendor's archives, which contain private keys, and single files."""

from collections.abc import Sequence

from components.installation import Row
from components.release.spec import DeploymentSpec
from components.steps.model import FileTransfer, Step
from components.topology.cluster import Node

EXPORT = "steps/scripts/export-file.sh"
LIMIT = 60  # seconds for steps that run no vendor script


def archive(  # noqa: PLR0913 - the fields of a transfer
    spec: DeploymentSpec,
    row: Row,
    *,
    source: Node,
    target: Node,
    file: str,
    export: str | None,
    contents: Sequence[str] = (),
    import_: str,
    arguments: Sequence[str] = (),
    results: Sequence[str],
    after: Sequence[str],
) -> FileTransfer:
    """Return the transfer of an archive: the profile's script `export` packs it, if given, and `import_` unpacks it."""
    return FileTransfer(
        row=row,
        node=target,
        source=source,
        file=file,
        export=_export(
            row,
            source,
            file,
            command=spec.command(export) if export else (),
            contents=contents,
            owners=[spec.profile.archives.owner],
            limit=spec.profile.limit(export) if export else LIMIT,
        ),
        import_=Step(
            row=row,
            node=target,
            after=(),
            limit=spec.profile.limit(import_),
            inputs={"file": file, "command": (*spec.command(import_), *arguments), "results": tuple(results)},
        ),
        after=tuple(after),
    )


def plain(  # noqa: PLR0913 - the fields of a transfer
    row: Row,
    *,
    source: Node,
    target: Node,
    file: str,
    owners: Sequence[str],
    mode: str,
    after: Sequence[str],
    generation: str | None = None,
) -> FileTransfer:
    """Return the transfer of a file that is used as it is, with its mode; another generation transfers it again.

    `owners` are the accounts that may own the file on the source.
    """
    inputs = {"file": file, "mode": mode, **({"generation": generation} if generation else {})}
    return FileTransfer(
        row=row,
        node=target,
        source=source,
        file=file,
        export=_export(row, source, file, owners=owners),
        import_=Step(row=row, node=target, after=(), limit=LIMIT, inputs=inputs),
        after=tuple(after),
    )


def _export(  # noqa: PLR0913 - the fields of a step
    row: Row,
    node: Node,
    file: str,
    *,
    command: Sequence[str] = (),
    contents: Sequence[str] = (),
    owners: Sequence[str],
    limit: int = LIMIT,
) -> Step:
    return Step(
        row=Row(f"{row.step}-export", row.guide, row.where, row.phase, EXPORT),
        node=node,
        after=(),
        limit=limit,
        inputs={"file": file, "command": tuple(command), "contents": tuple(contents), "owners": tuple(owners)},
    )
