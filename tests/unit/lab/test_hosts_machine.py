"""Machine settings that labs share: the first lab sets them, and the last one restores them."""

from pathlib import Path

import pytest

from lab.hosts import LabError, machine

ROUTE = "unreachable 10.77.0.0/24 \n"


class Machine:
    """A machine with its limit in a file and its routes in a string."""

    def __init__(self, directory: Path) -> None:
        self.limit = directory / "max_user_instances"
        self.limit.write_text("128\n")
        self.run = directory / "run"
        self.routes = ""

    def ip(self, *argv: str) -> str:
        """Change the routes like `ip route`, and return them."""
        if argv[2] == "replace":
            self.routes = ROUTE
        if argv[2] == "flush":
            self.routes = ""
        return self.routes


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    stub = Machine(tmp_path)
    monkeypatch.setattr(machine, "INOTIFY", stub.limit)
    monkeypatch.setattr(machine, "RUN", stub.run)
    monkeypatch.setattr(machine, "_LABS", stub.run / "labs")
    monkeypatch.setattr(machine, "_LOCK", stub.run / "lock")
    monkeypatch.setattr(machine, "_INOTIFY_BEFORE", stub.run / "inotify.before")
    monkeypatch.setattr(machine, "run", stub.ip)
    return stub


def test_settings_are_kept_from_the_first_lab_to_the_last(fake: Machine) -> None:
    machine.claim("one")
    machine.claim("two")
    machine.claim("one")
    machine.release("one")
    assert (fake.limit.read_text(), fake.routes) == ("4096", ROUTE)
    machine.release("two")
    assert (fake.limit.read_text(), fake.routes) == ("128\n", "")
    assert not fake.run.exists()


def test_a_sufficient_limit_is_not_changed(fake: Machine) -> None:
    fake.limit.write_text("8192\n")
    machine.claim("one")
    assert fake.limit.read_text() == "8192\n"
    machine.release("one")
    assert fake.limit.read_text() == "8192\n"


def test_the_name_of_another_checkouts_lab_is_refused_and_its_mark_is_kept(
    fake: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.claim("one")
    monkeypatch.setattr(machine, "STATE", Path("/elsewhere/lab/.state"))
    with pytest.raises(LabError, match=r"lab one: the name is in use by .*state"):
        machine.claim("one")
    machine.release("one")
    assert (fake.run / "labs/one").exists()
    assert fake.routes == ROUTE


def test_releasing_an_unknown_lab_changes_nothing(fake: Machine) -> None:
    machine.release("never")
    assert not fake.run.exists()
    assert fake.limit.read_text() == "128\n"
