"""One step like those of the project; the stack's configuration has its host and any differing properties."""

import pulumi
import pulumi_command as command
import pulumi_random as random

config = pulumi.Config("try")
password = random.RandomPassword("password", length=32, special=False).result
SCRIPT = "step_limit=60\ntouch {target}  # {word}\n"
STDIN = {
    "no secret": SCRIPT.format(target=config.require("target"), word="a word"),
    "hidden": password.apply(lambda word: SCRIPT.format(target=config.require("target"), word=word)),
    "plain text": pulumi.Output.unsecret(password).apply(
        lambda word: SCRIPT.format(target=config.require("target"), word=word)
    ),
}
LAUNCHER = "sudo -n bash -s -- step"
properties = {
    "create": LAUNCHER,
    "update": LAUNCHER,
    "logging": "none",
    "stdin": STDIN[config.get("stdin") or "no secret"],
    **(config.get_object("properties") or {}),
}
connection = {
    "host": config.require("host"),
    "user": config.require("user"),
    "host_key": config.require("host_key"),
    "dial_error_limit": 3,
    "per_dial_timeout": 5,
    **(config.get_object("connection") or {}),
}
command.remote.Command(
    "step",
    connection=command.remote.ConnectionArgs(**connection),
    **properties,
    opts=pulumi.ResourceOptions(additional_secret_outputs=["stdout", "stderr"]),
)
