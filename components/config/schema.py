"""Print the JSON Schema of the configuration: `python -m components.config.schema`.

The stack files refer to it, so that editors complete and check them; `make schema` writes it to
stacks/cluster.schema.json.
"""

import json
import sys
from typing import Any

from components.config.models import ClusterConfig
from components.config.stack_hosts import StackHosts


def schema() -> dict[str, Any]:
    """Return the schema of a stack file: the cluster's configuration under its key, and any other key."""
    cluster = ClusterConfig.model_json_schema(ref_template="#/$defs/{model}")
    definitions = cluster.pop("$defs")
    hosts = cluster["properties"]["hosts"]
    cluster["properties"]["hosts"] = {"anyOf": [hosts, StackHosts.model_json_schema()]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A Deephaven stack file",
        "type": "object",
        "properties": {"config": {"type": "object", "properties": {"deephaven:cluster": cluster}}},
        "$defs": definitions,
    }


if __name__ == "__main__":
    json.dump(schema(), sys.stdout, indent=2)
    sys.stdout.write("\n")
