"""One command and one file on the host from the stack's configuration."""

import pulumi
from pulumi_command import remote

config = pulumi.Config()
connection = remote.ConnectionArgs(
    host="127.0.0.1",
    port=config.require_float("port"),
    user=config.require("user"),
    private_key=config.require_secret("key"),
    host_key=config.require("host_key"),
    dial_error_limit=1,
)
copied = remote.CopyToRemote(
    "copied",
    connection=connection,
    source=pulumi.FileAsset("payload"),
    remote_path=config.require("target"),
)
ran = remote.Command(
    "ran",
    connection=connection,
    create=pulumi.Output.concat("cat ", copied.remote_path),
    opts=pulumi.ResourceOptions(depends_on=[copied]),
)
pulumi.export("stdout", ran.stdout)
