"""Rule shared-data: with several query servers, all hosts declare the same file system for historical data."""

from collections.abc import Iterator

from policy.rules.model import Finding, Resource, RuleContext


def evaluate(resource: Resource, _context: RuleContext) -> Iterator[Finding]:
    """Yield each shared directory that a host does not mount, or mounts from another source."""
    topology = resource.topology
    queries = [key for key, host in topology["hosts"].items() if "query" in host["roles"]]
    if len(queries) < 2:  # noqa: PLR2004 - a single query server shares nothing
        return
    for shared in topology["shared"]:
        path, sources = shared["path"], dict(sorted(shared["sources"].items()))
        if missing := [key for key, source in sources.items() if not source]:
            what = f"is not mounted on {', '.join(missing)}, but {len(queries)} query servers read it"
            yield Finding(path, what, "declare it under mounts", "Historical Data")
        elif len(set(sources.values())) > 1:
            mounted = ", ".join(f"{key} from {source}" for key, source in sources.items())
            what = f"has several sources: {mounted}"
            yield Finding(path, what, "mount it from the same source on all hosts", "Minimum Hardware Requirements")
