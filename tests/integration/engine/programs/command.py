"""One local command with a secret input; `fail` and `text` come from the stack's configuration."""

import pulumi
from pulumi_command import local

config = pulumi.Config()
command = local.Command(
    "command",
    create=f"cat > /dev/null; echo {config.get('text') or 'created'}; exit {config.get('fail') or 0}",
    delete=f"exit {config.get('fail_delete') or 0}",
    stdin=config.get_secret("hidden"),
    triggers=[config.get("turn") or "1"],
    logging=local.Logging.NONE,
)
pulumi.export("stdout", command.stdout)
