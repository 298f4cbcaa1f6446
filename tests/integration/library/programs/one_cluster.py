"""A program that registers a resource of its own, then a cluster with an invalid configuration."""

from pathlib import Path

import pulumi
import pulumi_random as random

from components import DeephavenCluster, DeephavenClusterArgs

random.RandomPassword("before", length=8)
DeephavenCluster("wrong", DeephavenClusterArgs(config={"environment": "test"}, project_dir=Path(__file__).parent))
pulumi.export("reached", value=True)
