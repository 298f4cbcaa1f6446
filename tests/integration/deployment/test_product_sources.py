"""The product's RPM by url and from a repository; what is not the declared one is refused before it is installed."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.deployment.sources import (
    BUILDS,
    DECLARED,
    INSTALLED,
    PATCH,
    PREPARED,
    product,
    refused,
    serving,
    staged,
)
from tests.support.cluster import Cluster
from tests.support.stack_file import edited_copy, write_config
from tests.support.labs import lab_name, temporary_lab
from tests.support.stacks import bare_stack
from tests.unit.config.cases import changed

pytestmark = pytest.mark.lab
URL = f"http://ops.lab.internal:8000/{DECLARED}"
DIGEST = hashlib.sha256((BUILDS / DECLARED).read_bytes()).hexdigest()
STEP = "infra (h1.lab.internal): step"
REPOSITORY = """cat >/etc/{place}/vendor.repo <<X
[vendor]
name=vendor
baseurl=http://ops.lab.internal:8000/
enabled=1
autorefresh=1
gpgcheck=0
X"""
HOSTS = {"h1": "yum.repos.d", "h2": "zypp/repos.d"}


@pytest.fixture(scope="class")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Return the class's stack on bare hosts."""
    with temporary_lab(lab_name("sources")) as lab:
        yield bare_stack(lab, request.cls.stack)


@pytest.fixture(scope="class")
def by_url(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Return the stack with the RPM at a url."""
    rpm = {"file": None, "url": URL, "sha256": DIGEST}
    return edited_copy(cluster, tmp_path_factory.mktemp("url"), {"release": {"rpm": rpm}})


@pytest.fixture(scope="class")
def by_package(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Return the stack with the RPM in a repository that its hosts know."""
    for host, place in HOSTS.items():
        cluster.root(REPOSITORY.format(place=place), host=host)
    change = {"release": {"rpm": {"file": None, "package": "illumon-db"}}}
    return edited_copy(cluster, tmp_path_factory.mktemp("package"), change)


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """Return a directory to be served."""
    directory = tmp_path / "served"
    directory.mkdir()
    return directory


class TestAUrl:
    """The tests follow one another on one host, on which nothing is installed until the last."""

    stack = "test"

    def test_a_server_that_is_down_is_told_in_one_line(self, by_url: Cluster) -> None:
        said = refused(by_url, *PREPARED)
        told = [line.strip() for line in said.splitlines() if "step rpm: " in line]
        assert len(told) == 1
        assert told[0].startswith(
            f"{STEP} rpm: curl exited with status 7: curl: (7) Failed to connect to ops.lab.internal"
        )
        assert f"what to do: check that this host reaches it: curl -I {URL}" in said
        assert staged(by_url) == {}
        assert "not installed" in product(by_url)

    @pytest.mark.parametrize("size", [None, 1_000_000])
    def test_another_content_and_a_part_of_it_are_refused(
        self, by_url: Cluster, served: Path, size: int | None
    ) -> None:
        source = BUILDS / (DECLARED if size else PATCH)
        content = source.read_bytes()[:size]
        (served / DECLARED).write_bytes(content)
        with serving(by_url.lab, served):
            said = refused(by_url, *PREPARED)
        digest = hashlib.sha256(content).hexdigest()
        assert f"{STEP} rpm: the file at {URL} is not the declared RPM: its digest is {digest}" in said
        assert "what to do: compare it with release.rpm.sha256 and correct the wrong one" in said
        assert staged(by_url) == {}
        assert "not installed" in product(by_url)

    def test_another_build_with_a_digest_that_fits_is_refused(self, by_url: Cluster, served: Path) -> None:
        before = by_url.configuration()
        shutil.copy(BUILDS / PATCH, served / DECLARED)
        other = hashlib.sha256((BUILDS / PATCH).read_bytes()).hexdigest()
        write_config(by_url, changed(before, {"release": {"rpm": {"sha256": other}}}))
        try:
            with serving(by_url.lab, served):
                said = refused(by_url, *PREPARED)
        finally:
            write_config(by_url, before)
        what = "the RPM is illumon-db-1.20200121.012-1, the stack declares illumon-db-1.20200121.008-1"
        assert f"{STEP} product: {what}" in said
        assert staged(by_url) == {f"{other}.rpm": other}
        assert "not installed" in product(by_url)

    def test_the_declared_file_is_fetched_once_and_the_cluster_deployed(self, by_url: Cluster, served: Path) -> None:
        shutil.copy(BUILDS / DECLARED, served)
        with serving(by_url.lab, served) as requests:
            by_url.deploy()
        assert requests.read_text().count(f'"GET /{DECLARED} HTTP/1.1" 200') == 1
        assert staged(by_url) == {f"{DIGEST}.rpm": DIGEST}
        assert product(by_url) == INSTALLED
        assert by_url.has_no_changes()


class TestARepository:
    """The tests follow one another on a host with yum and one with zypper; both know the repository."""

    stack = "test-opensuse"

    @staticmethod
    def fill(cluster: Cluster, served: Path, *names: str) -> None:
        """Make a repository of RPMs."""
        for name in names:
            shutil.copy(BUILDS / name, served)
        cluster.lab.exec(["createrepo_c", "--quiet", str(served)])

    def test_a_repository_without_the_declared_build_is_told(self, by_package: Cluster, served: Path) -> None:
        self.fill(by_package, served, PATCH)
        with serving(by_package.lab, served):
            said = refused(by_package, *PREPARED)
        assert "step product: yum ended with" in said or "step product: zypper ended with" in said
        assert "what to do: give this host a repository with illumon-db-1.20200121.008-1" in said
        assert all("not installed" in product(by_package, host) for host in HOSTS)

    def test_the_declared_build_is_installed_though_a_newer_one_is_there(
        self, by_package: Cluster, served: Path
    ) -> None:
        self.fill(by_package, served, DECLARED, PATCH)
        with serving(by_package.lab, served):
            by_package.deploy(*PREPARED)
        assert [product(by_package, host) for host in HOSTS] == [INSTALLED, INSTALLED]
        by_package.deploy(*PREPARED, "--expect-no-changes")

    @pytest.mark.parametrize("source", ["package", "file"])
    def test_another_build_is_gone_to_and_back_from_by_the_package_managers_own_commands(
        self, by_package: Cluster, served: Path, source: str
    ) -> None:
        self.fill(by_package, served, DECLARED, PATCH)
        before = by_package.configuration()
        with serving(by_package.lab, served):
            for build, file in (("012", PATCH), ("008", DECLARED)):
                rpm = {"rpm": {"file": f"lab/.build/{file}", "package": None}} if source == "file" else {}
                write_config(by_package, changed(before, {"release": {"build": build, **rpm}}))
                by_package.deploy(*PREPARED)
                there = [product(by_package, host) for host in HOSTS]
                assert there == [f"illumon-db-1.20200121.{build}-1.x86_64"] * len(HOSTS)
        write_config(by_package, before)
