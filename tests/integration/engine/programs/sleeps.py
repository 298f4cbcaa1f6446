"""One local command that takes long enough for the engine to be killed meanwhile."""

from pulumi_command import local

local.Command("sleeps", create="sleep 300")
