"""Run the engine's command: python3 -m lab.engine build | find | test | environment."""

import sys

from lab.engine.command import main

sys.exit(main(sys.argv[1:]))
