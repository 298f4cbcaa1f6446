"""Measure what the policy pack adds to a preview: `.venv/bin/python -m tests.integration.policy.measure [STACK]`.

It runs previews of a stack on bare lab hosts with the pack, with a pack of one empty rule, and without a pack. They
alternate, so that the machine's load is the same for all. The result is the difference of the medians.
"""

import statistics
import sys
import time
from collections.abc import Mapping

from tests.support.cluster import Cluster
from tests.support.labs import lab_name, temporary_lab
from tests.support.stacks import bare_stack

PACKS: Mapping[str, tuple[str, ...]] = {
    "with the pack": ("--policy-pack", "policy"),
    "with an empty rule": ("--policy-pack", "tests/integration/policy/empty"),
    "without a pack": (),
}
ROUNDS = 11


def measure(cluster: Cluster, rounds: int = ROUNDS) -> dict[str, float]:
    """Return the median time of a preview in seconds, by its pack."""
    seconds: dict[str, list[float]] = {name: [] for name in PACKS}
    for _ in range(rounds):
        for name, arguments in PACKS.items():
            begin = time.perf_counter()
            cluster.stack.pulumi("preview", "--suppress-progress", *arguments)
            seconds[name].append(time.perf_counter() - begin)
    return {name: statistics.median(times) for name, times in seconds.items()}


def main() -> None:
    """Measure, and print the medians and their difference."""
    with temporary_lab(lab_name("overhead")) as lab:
        medians = measure(bare_stack(lab, sys.argv[1] if len(sys.argv) > 1 else "production"))
    for name, median in medians.items():
        print(f"{name:20} {median:.2f} s")  # noqa: T201 - its result
    print(f"{'the pack adds':20} {medians['with the pack'] - medians['with an empty rule']:.2f} s")  # noqa: T201 - its result


if __name__ == "__main__":
    main()
