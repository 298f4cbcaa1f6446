"""Writes monit's configuration files for the services of a role."""

import sys

from . import vocabulary

FRAGMENT = """check process {name} with pidfile {run}/{name}.pid
  start program = "/usr/illumon/latest/bin/dh_service start {name}" with timeout 5 seconds
  stop program = "/usr/illumon/latest/bin/dh_service stop {name}" with timeout 20 seconds
  if failed host 127.0.0.1 port {port} type tcp for 3 cycles then restart
"""


# Monit starts services in reverse order of their files, and waits for each.
RANKS = {"config": 90, "auth": 80}


def main(role: str) -> None:
    """Add the services of one role; keep those of other roles."""
    names = vocabulary.load()
    if role not in names["roles"]:
        sys.exit(f"unknown role {role}: use one of {', '.join(names['roles'])}")
    directory = vocabulary.SITE / "monit"
    for kind in names["roles"][role]:
        service = vocabulary.service(kind)
        path = directory / f"{RANKS.get(kind, 50)}-{service.name}.conf"
        new = path.with_suffix(".new")
        new.write_text(FRAGMENT.format(name=service.name, port=service.port, run=vocabulary.RUN))
        new.chmod(0o600)
        new.rename(path)
        print(f"{service.name} is now monitored")


if __name__ == "__main__":
    main(sys.argv[1])
