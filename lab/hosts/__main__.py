"""Run the lab's command: python3 -m lab.hosts."""

import sys

from lab.hosts.command import main

sys.exit(main())
