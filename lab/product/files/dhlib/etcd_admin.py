"""Administers etcd for the install scripts: turns on authentication, checks it, writes a key."""

import sys

from .etcd import Etcd, EtcdError


def init(etcd: Etcd) -> None:
    """Create the root user and turn on authentication; raise EtcdError if it is already on."""
    if etcd.login():
        raise EtcdError("authentication is already enabled")
    user, password = etcd.account()
    account = {"name": user, "password": password}
    tolerate(etcd, "auth/user/add", account, "user name already exists")
    etcd.call("auth/user/changepw", account)
    tolerate(etcd, "auth/role/add", {"name": "root"}, "role name already exists")
    etcd.call("auth/user/grant", {"user": user, "role": "root"})
    etcd.call("auth/enable", {})
    print("etcd authentication enabled")


def tolerate(etcd: Etcd, path: str, body: dict[str, str], error: str) -> None:
    """Send a request, and ignore the error that it causes if an interrupted run has already sent it."""
    try:
        etcd.call(path, body)
    except EtcdError as problem:
        if error not in str(problem):
            raise


def main(verb: str, *rest: str) -> None:
    """Run one verb; a failure is reported in one line."""
    try:
        etcd = Etcd()
        if verb == "init":
            init(etcd)
        else:
            etcd.require_login()
        if verb == "put":
            etcd.put(*rest)
    except EtcdError as problem:
        sys.exit(f"etcd: {problem}")


if __name__ == "__main__":
    main(*sys.argv[1:])
