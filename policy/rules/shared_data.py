"""Rule shared-data: historical data are on one file system, declared on all hosts, when queries run on several."""

from collections.abc import Iterator

from policy.rules.model import Finding, Resource, RuleContext


def evaluate(resource: Resource, _given: RuleContext) -> Iterator[Finding]:
    """Yield each shared directory that a host does not mount, or mounts from somewhere else."""
    topology = resource.topology
    queries = [key for key, host in topology["hosts"].items() if "query" in host["roles"]]
    if len(queries) < 2:  # noqa: PLR2004 - one query server shares with nobody
        return
    for shared in topology["shared"]:
        path, sources = shared["path"], dict(sorted(shared["sources"].items()))
        if missing := [key for key, source in sources.items() if not source]:
            what = f"is not mounted on {', '.join(missing)}, though {len(queries)} query servers read it"
            yield Finding(path, what, "declare it under mounts", "Historical Data")
        elif len(set(sources.values())) > 1:
            mounted = ", ".join(f"{key} from {source}" for key, source in sources.items())
            what = f"is not the same everywhere: {mounted}"
            yield Finding(path, what, "mount it from one source", "Minimum Hardware Requirements")
