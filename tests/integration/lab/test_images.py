"""Images: labs begin from what another one left, with its identity, and never change it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.hosts import Image, Lab, LabError
from tests.support.labs import lab_name, temporary_lab

pytestmark = pytest.mark.lab
SHARED = "/srv/shared/of-all"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Return an image of two hosts, the second of openSUSE, on which something was written."""
    kept = Image(tmp_path_factory.mktemp("images") / "two")
    with temporary_lab(lab_name("kept")) as lab:
        lab.up(2, dress={"h2": "opensuse"})
        for host in ("h1", "h2"):
            lab.shell(host, f"mkdir -p /opt/kept/old; hostname >/opt/kept/of; echo {host} >/root/who")
        lab.ssh("h1", f"sudo install -o games /dev/stdin {SHARED}", input="for all\n")
        with pytest.raises(LabError, match="h1, h2: running; stop the hosts before an image is taken"):
            lab.keep(kept)
        lab.stop()
        lab.keep(kept)
        assert not lab.state.exists()
    return kept


@pytest.fixture(scope="module")
def begun(image: Image) -> Iterator[Lab]:
    """Return a lab that began from it."""
    with temporary_lab(lab_name("begun")) as lab:
        lab.begin(image)
        yield lab


def test_hosts_are_what_they_were(begun: Lab) -> None:
    assert [begun.ssh(host, "cat /opt/kept/of").stdout for host in ("h1", "h2")] == [
        "h1.lab.internal\n",
        "h2.lab.internal\n",
    ]
    assert begun.ssh("h2", "sh -c '. /etc/os-release; echo $ID'").stdout == "opensuse-tumbleweed\n"
    assert begun.ssh("h2", f"stat -c %U {SHARED}").stdout == "games\n"


def test_two_labs_from_one_image_are_the_same_hosts_and_apart(begun: Lab, image: Image) -> None:
    with temporary_lab(lab_name("apart")) as other:
        other.begin(image)
        assert (other.state / "known_hosts").read_text() == (begun.state / "known_hosts").read_text()
        machine = "cat /etc/machine-id"
        assert other.ssh("h1", machine).stdout == begun.ssh("h1", machine).stdout
        other.ssh("h1", "sudo rm -r /opt/kept")
        assert begun.ssh("h1", "ls -d /opt/kept").stdout == "/opt/kept\n"


def test_a_directory_below_is_renamed_as_on_any_disk(begun: Lab) -> None:
    begun.ssh("h1", """sudo python3 -c 'import os; os.rename("/opt/kept/old", "/opt/kept/new")'""")
    assert begun.ssh("h1", "ls /opt/kept").stdout == "new\nof\n"


def test_further_hosts_come_to_it(begun: Lab) -> None:
    begun.up(3)
    assert begun.ssh("h3", "ls /opt").stdout == ""
    assert begun.ssh("h1", "ls /opt").stdout == "kept\n"


def test_a_lab_that_is_there_does_not_begin_again(begun: Lab, image: Image) -> None:
    with pytest.raises(LabError, match="is there already; take it down before it begins from an image"):
        begun.begin(image)


def test_no_image_is_refused(tmp_path: Path) -> None:
    with temporary_lab(lab_name("none")) as lab:
        with pytest.raises(LabError, match="there is no such image"):
            lab.begin(Image(tmp_path / "none"))
        assert not lab.state.exists()


def test_an_image_is_not_taken_twice_nor_of_hosts_that_stand_on_another(
    begun: Lab, image: Image, tmp_path: Path
) -> None:
    begun.stop()
    with pytest.raises(LabError, match="h1, h2: on a snapshot or an image, which others need; make the lab again"):
        begun.keep(Image(tmp_path / "second"))
    assert image.exists()
    assert not (tmp_path / "second").exists()
    with pytest.raises(LabError, match="is an image already; remove it first"):
        begun.keep(image)
