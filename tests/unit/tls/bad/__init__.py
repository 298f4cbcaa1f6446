"""Bad certificates, each with its expected line; each is created when its test runs."""

from tests.unit.tls.bad import chains, hosts, keys, texts
from tests.unit.tls.bad.cases import BAD

__all__ = ["BAD", "chains", "hosts", "keys", "texts"]
