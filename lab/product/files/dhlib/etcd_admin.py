"""What the install scripts ask of etcd: turn on authentication, check it, write a key."""

import sys

from .etcd import Etcd, EtcdError


def init(etcd: Etcd) -> None:
    """Make the root user and turn on authentication; refuses when it is already on."""
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


def tolerate(etcd: Etcd, path: str, body: dict[str, str], known: str) -> None:
    """Do what an interrupted run may have done before."""
    try:
        etcd.call(path, body)
    except EtcdError as problem:
        if known not in str(problem):
            raise


def main(verb: str, *rest: str) -> None:
    """Do one thing and tell what went wrong in one line."""
    try:
        etcd = Etcd()
        if verb == "init":
            init(etcd)
        else:
            etcd.enter()
        if verb == "put":
            etcd.put(*rest)
    except EtcdError as problem:
        sys.exit(f"etcd: {problem}")


if __name__ == "__main__":
    main(*sys.argv[1:])
