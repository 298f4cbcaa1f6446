"""The entry point of the policy pack: the engine starts it for `pulumi preview --policy-pack policy`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from policy.rules.pack import serve

serve()
