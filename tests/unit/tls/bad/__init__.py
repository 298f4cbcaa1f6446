"""Bad certificates, each with the one line that is said of it; all are made when they are asked for."""

from tests.unit.tls.bad import chains, hosts, keys, texts
from tests.unit.tls.bad.cases import BAD

__all__ = ["BAD", "chains", "hosts", "keys", "texts"]
