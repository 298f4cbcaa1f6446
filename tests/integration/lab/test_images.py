"""Images: labs start from the disks of another one, with its identity, and never change them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.hosts import Image, Lab, LabError
from tests.support.labs import lab_name, temporary_lab

pytestmark = pytest.mark.lab
SHARED = "/srv/shared/of-all"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Return an image of two hosts with written files; the second host is openSUSE."""
    image = Image(tmp_path_factory.mktemp("images") / "two")
    with temporary_lab(lab_name("kept")) as lab:
        lab.up(2, os_images={"h2": "opensuse"})
        for host in ("h1", "h2"):
            lab.shell(host, f"mkdir -p /opt/kept/old; hostname >/opt/kept/of; echo {host} >/root/who")
        lab.ssh("h1", f"sudo install -o games /dev/stdin {SHARED}", input="for all\n")
        with pytest.raises(LabError, match="h1, h2: running; stop the hosts before an image is taken"):
            lab.keep(image)
        lab.stop()
        lab.keep(image)
        assert not lab.state.exists()
    return image


@pytest.fixture(scope="module")
def started(image: Image) -> Iterator[Lab]:
    """Return a lab that started from the image."""
    with temporary_lab(lab_name("started")) as lab:
        lab.begin(image)
        yield lab


def test_hosts_keep_files_owners_and_os_image(started: Lab) -> None:
    assert [started.ssh(host, "cat /opt/kept/of").stdout for host in ("h1", "h2")] == [
        "h1.lab.internal\n",
        "h2.lab.internal\n",
    ]
    assert started.ssh("h2", "sh -c '. /etc/os-release; echo $ID'").stdout == "opensuse-tumbleweed\n"
    assert started.ssh("h2", f"stat -c %U {SHARED}").stdout == "games\n"


def test_two_labs_from_one_image_have_the_same_identity_and_are_isolated(started: Lab, image: Image) -> None:
    with temporary_lab(lab_name("apart")) as other:
        other.begin(image)
        assert (other.state / "known_hosts").read_text() == (started.state / "known_hosts").read_text()
        machine = "cat /etc/machine-id"
        assert other.ssh("h1", machine).stdout == started.ssh("h1", machine).stdout
        other.ssh("h1", "sudo rm -r /opt/kept")
        assert started.ssh("h1", "ls -d /opt/kept").stdout == "/opt/kept\n"


def test_a_directory_of_the_image_can_be_renamed(started: Lab) -> None:
    started.ssh("h1", """sudo python3 -c 'import os; os.rename("/opt/kept/old", "/opt/kept/new")'""")
    assert started.ssh("h1", "ls /opt/kept").stdout == "new\nof\n"


def test_hosts_can_be_added_to_a_lab_from_an_image(started: Lab) -> None:
    started.up(3)
    assert started.ssh("h3", "ls /opt").stdout == ""
    assert started.ssh("h1", "ls /opt").stdout == "kept\n"


def test_an_existing_lab_cannot_start_from_an_image(started: Lab, image: Image) -> None:
    with pytest.raises(LabError, match="already exists; take it down before it starts from an image"):
        started.begin(image)


def test_a_missing_image_is_refused(tmp_path: Path) -> None:
    with temporary_lab(lab_name("none")) as lab:
        with pytest.raises(LabError, match="there is no such image"):
            lab.begin(Image(tmp_path / "none"))
        assert not lab.state.exists()


def test_an_image_is_neither_replaced_nor_taken_of_hosts_based_on_another(
    started: Lab, image: Image, tmp_path: Path
) -> None:
    started.stop()
    with pytest.raises(LabError, match="h1, h2: based on a snapshot or an image; use a lab that"):
        started.keep(Image(tmp_path / "second"))
    assert image.exists()
    assert not (tmp_path / "second").exists()
    with pytest.raises(LabError, match="is already an image; remove it first"):
        started.keep(image)
