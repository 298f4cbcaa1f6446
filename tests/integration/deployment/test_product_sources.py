"""The product's RPM from a URL and from a repository; any other RPM is refused before it is installed."""

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
    failed_output,
    installed_product,
    serving,
    staged,
)
from tests.support.cluster import Cluster
from tests.support.labs import lab_name, temporary_lab
from tests.support.stack_file import edited_copy, write_config
from tests.support.stacks import bare_stack
from tests.unit.config.cases import changed

pytestmark = pytest.mark.lab
URL = f"http://ops.lab.internal:8000/{DECLARED}"
DIGEST = hashlib.sha256((BUILDS / DECLARED).read_bytes()).hexdigest()
STEP = "infra (h1.lab.internal): step"
REPOSITORY = """cat >/etc/{directory}/vendor.repo <<X
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
    """Return the stack with the RPM at a URL."""
    rpm = {"file": None, "url": URL, "sha256": DIGEST}
    return edited_copy(cluster, tmp_path_factory.mktemp("url"), {"release": {"rpm": rpm}})


@pytest.fixture(scope="class")
def by_package(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Return the stack with the RPM in a repository, which its hosts are configured to use."""
    for host, directory in HOSTS.items():
        cluster.root(REPOSITORY.format(directory=directory), host=host)
    change = {"release": {"rpm": {"file": None, "package": "illumon-db"}}}
    return edited_copy(cluster, tmp_path_factory.mktemp("package"), change)


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """Return the directory that the web server serves."""
    directory = tmp_path / "served"
    directory.mkdir()
    return directory


class TestAUrl:
    """Each test continues from the one before, on one host, on which nothing is installed before the last test."""

    stack = "test"

    def test_an_unreachable_server_is_reported_in_one_line(self, by_url: Cluster) -> None:
        output = failed_output(by_url, *PREPARED)
        (line,) = (line.strip() for line in output.splitlines() if "step rpm: " in line)
        message = "curl exited with status 7: curl: (7) Failed to connect to ops.lab.internal"
        assert line.startswith(f"{STEP} rpm: {message}")
        assert f"what to do: check that this host reaches it: curl -I {URL}" in output
        assert staged(by_url) == {}
        assert "not installed" in installed_product(by_url)

    @pytest.mark.parametrize("size", [None, 1_000_000])
    def test_other_content_and_a_truncated_file_are_refused(
        self, by_url: Cluster, served: Path, size: int | None
    ) -> None:
        source = BUILDS / (DECLARED if size else PATCH)
        content = source.read_bytes()[:size]
        (served / DECLARED).write_bytes(content)
        with serving(by_url.lab, served):
            output = failed_output(by_url, *PREPARED)
        digest = hashlib.sha256(content).hexdigest()
        assert f"{STEP} rpm: the file at {URL} is not the declared RPM: its digest is {digest}" in output
        assert "what to do: compare it with release.rpm.sha256 and correct the wrong one" in output
        assert staged(by_url) == {}
        assert "not installed" in installed_product(by_url)

    def test_another_build_with_a_matching_digest_is_refused(self, by_url: Cluster, served: Path) -> None:
        before = by_url.configuration()
        shutil.copy(BUILDS / PATCH, served / DECLARED)
        digest = hashlib.sha256((BUILDS / PATCH).read_bytes()).hexdigest()
        write_config(by_url, changed(before, {"release": {"rpm": {"sha256": digest}}}))
        try:
            with serving(by_url.lab, served):
                output = failed_output(by_url, *PREPARED)
        finally:
            write_config(by_url, before)
        message = "the RPM is illumon-db-1.20200121.012-1, the stack declares illumon-db-1.20200121.008-1"
        assert f"{STEP} product: {message}" in output
        assert staged(by_url) == {f"{digest}.rpm": digest}
        assert "not installed" in installed_product(by_url)

    def test_the_declared_file_is_downloaded_once_and_installed(self, by_url: Cluster, served: Path) -> None:
        shutil.copy(BUILDS / DECLARED, served)
        with serving(by_url.lab, served) as requests:
            by_url.deploy()
        assert requests.read_text().count(f'"GET /{DECLARED} HTTP/1.1" 200') == 1
        assert staged(by_url) == {f"{DIGEST}.rpm": DIGEST}
        assert installed_product(by_url) == INSTALLED
        assert by_url.has_no_changes()


class TestARepository:
    """Each test continues from the one before, on a host with yum and one with zypper."""

    stack = "test-opensuse"

    @staticmethod
    def create_repository(cluster: Cluster, served: Path, *names: str) -> None:
        """Create a repository of RPMs."""
        for name in names:
            shutil.copy(BUILDS / name, served)
        cluster.lab.exec(["createrepo_c", "--quiet", str(served)])

    def test_a_repository_without_the_declared_build_is_reported(self, by_package: Cluster, served: Path) -> None:
        self.create_repository(by_package, served, PATCH)
        with serving(by_package.lab, served):
            output = failed_output(by_package, *PREPARED)
        assert "step product: yum exited with status" in output or "step product: zypper exited with status" in output
        assert "what to do: give this host a repository with illumon-db-1.20200121.008-1" in output
        assert all("not installed" in installed_product(by_package, host) for host in HOSTS)

    def test_the_declared_build_is_installed_even_if_the_repository_has_a_newer_one(
        self, by_package: Cluster, served: Path
    ) -> None:
        self.create_repository(by_package, served, DECLARED, PATCH)
        with serving(by_package.lab, served):
            by_package.deploy(*PREPARED)
        assert [installed_product(by_package, host) for host in HOSTS] == [INSTALLED, INSTALLED]
        by_package.deploy(*PREPARED, "--expect-no-changes")

    @pytest.mark.parametrize("source", ["package", "file"])
    def test_the_package_manager_upgrades_to_another_build_and_downgrades_again(
        self, by_package: Cluster, served: Path, source: str
    ) -> None:
        self.create_repository(by_package, served, DECLARED, PATCH)
        before = by_package.configuration()
        with serving(by_package.lab, served):
            for build, file in (("012", PATCH), ("008", DECLARED)):
                rpm = {"rpm": {"file": f"lab/.build/{file}", "package": None}} if source == "file" else {}
                write_config(by_package, changed(before, {"release": {"build": build, **rpm}}))
                by_package.deploy(*PREPARED)
                products = [installed_product(by_package, host) for host in HOSTS]
                assert products == [f"illumon-db-1.20200121.{build}-1.x86_64"] * len(HOSTS)
        write_config(by_package, before)
