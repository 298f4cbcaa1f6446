"""A program that registers something of its own first, then a cluster whose configuration is wrong."""

from pathlib import Path

import pulumi
import pulumi_random as random

from components import DeephavenCluster, DeephavenClusterArgs

random.RandomPassword("before", length=8)
DeephavenCluster("wrong", DeephavenClusterArgs(config={"environment": "test"}, project_dir=Path(__file__).parent))
pulumi.export("reached", value=True)
