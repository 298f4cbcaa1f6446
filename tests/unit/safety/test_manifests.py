"""Only manifests of declared configuration servers count; without one, an update of an installed cluster is refused."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from components.facts.model import Damaged, Facts, HostFacts
from components.safety.manifests import FoundManifest
from components.topology.manifest import ManifestFile
from tests.unit.safety.recorded_hosts import (
    BEGUN,
    BROKEN,
    DAMAGED,
    FUTURE,
    INFRA,
    MISSING,
    NEW,
    NEWER,
    OLD,
    OTHER,
    QUERY1,
    QUERY2,
    SILENT,
    TWO,
    UNREAD,
    allowed,
    bare,
    complete,
    found_manifest,
    holding,
    installed,
    lines,
    names,
)  # fmt: skip
from tests.unit.safety.shared import cluster, declared

both = pytest.mark.parametrize("preview", [True, False])


@both
def test_without_facts_there_is_no_manifest_and_no_finding(*, preview: bool) -> None:
    assert found_manifest(declared({}), {}) == FoundManifest()
    assert lines(declared({}), {}, preview=preview) == []


@both
def test_the_manifest_of_a_declared_server_counts(*, preview: bool) -> None:
    spec, facts = declared({}), installed(NEWER, "manifest")
    assert found_manifest(spec, facts) == FoundManifest(manifest=NEWER.cluster)
    assert names(spec, facts, preview=preview) == ["downgrade"]
    assert lines(spec, installed(complete(), "manifest"), preview=preview) == []


@both
def test_a_newer_manifest_on_a_query_host_is_ignored(*, preview: bool) -> None:
    forged = complete("1.20200121.001-1", FUTURE)
    query = cluster()["query2"]
    assert isinstance(query, Facts)
    facts = installed(NEWER, "manifest", query2=replace(query, manifest=forged))
    assert found_manifest(declared({}), facts) == FoundManifest(manifest=NEWER.cluster)
    assert names(declared({}), facts, preview=preview) == ["downgrade"]
    # even if the stack names that host, because a declared server has a manifest
    assert names(declared(allowed("query2")), facts, preview=preview) == ["downgrade"]


class TestOnlyAnotherHostHasAManifest:
    """The manifest is forged, or belongs to a previous configuration server."""

    @both
    @pytest.mark.parametrize("manifest", [NEWER, BEGUN, BROKEN])
    def test_an_installation_is_refused_with_the_hosts_name(
        self, manifest: ManifestFile | Damaged, *, preview: bool
    ) -> None:
        facts = bare(query2=holding(manifest))
        assert found_manifest(declared({}), facts).manifest is None
        assert lines(declared({}), facts, preview=preview) == [OTHER]

    @both
    def test_it_counts_if_the_stack_names_the_host(self, *, preview: bool) -> None:
        spec, facts = declared(allowed("query2")), bare(query2=holding(NEWER))
        assert found_manifest(spec, facts) == FoundManifest(manifest=NEWER.cluster)
        assert names(spec, facts, preview=preview) == ["downgrade"]
        assert lines(spec, bare(query2=holding(complete())), preview=preview) == []

    @both
    @pytest.mark.parametrize("host", ["query1", "infra"])
    def test_the_name_of_another_host_does_not_permit_it(self, host: str, *, preview: bool) -> None:
        spec, facts = declared(allowed(host)), bare(query2=holding(NEWER))
        assert found_manifest(spec, facts).manifest is None
        assert lines(spec, facts, preview=preview) == [OTHER]

    @both
    def test_a_damaged_one_never_counts(self, *, preview: bool) -> None:
        assert lines(declared(allowed("query2")), bare(query2=holding(BROKEN)), preview=preview) == [OTHER]

    @both
    def test_each_such_host_is_named_and_one_override_is_enough(self, *, preview: bool) -> None:
        facts = bare(query1=holding(complete()), query2=holding(NEWER))
        reported = lines(declared({}), facts, preview=preview)
        assert [line.partition(":")[0] for line in reported] == [QUERY1, QUERY2]
        assert reported[1] == OTHER
        assert found_manifest(declared(allowed("query2")), facts) == FoundManifest(manifest=NEWER.cluster)


class TestTwoConfigurationServers:
    """The newest of several manifests counts, and differences are reported."""

    @pytest.mark.parametrize(("first", "second"), [(OLD, NEW), (NEW, OLD)])
    def test_the_newest_counts_and_the_other_is_reported(self, first: str, second: str) -> None:
        spec = declared(TWO)
        files = {"infra": complete("1.20200121.007-1", first), "query1": complete("1.20200121.008-1", second)}
        result = found_manifest(spec, bare(**{key: holding(file) for key, file in files.items()}))
        newest, other = (QUERY1, INFRA) if second == NEW else (INFRA, QUERY1)
        assert result.manifest == max(files.values(), key=lambda file: file.written).cluster
        (report,) = result.warnings
        assert report == (
            f"{other}: its cluster manifest of {OLD} differs from that of {newest}, which is newer ({NEW}) and counts;"
            " the next successful update writes both again"
        )
        assert (result.findings, result.doubts) == ((), ())

    def test_equal_manifests_with_other_times_are_not_reported(self) -> None:
        facts = bare(infra=holding(complete(written=OLD)), query1=holding(complete(written=NEW)))
        assert found_manifest(declared(TWO), facts) == FoundManifest(manifest=complete().cluster)

    @pytest.mark.parametrize("infra", [holding(None), holding(BEGUN), SILENT])
    def test_a_server_without_a_manifest_or_an_unreachable_one_is_ignored(self, infra: HostFacts) -> None:
        facts = {**bare(query1=holding(NEWER)), "infra": infra}
        assert found_manifest(declared(TWO), facts) == FoundManifest(manifest=NEWER.cluster)

    @pytest.mark.parametrize("file", [None, BEGUN])
    def test_a_server_that_lost_its_manifest_is_reported(self, file: ManifestFile | None) -> None:
        facts = bare(infra=holding(file, "manifest"), query1=holding(NEWER, "manifest"))
        result = found_manifest(declared(TWO), facts)
        assert (result.manifest, result.doubts) == (NEWER.cluster, ())
        (report,) = result.warnings
        assert report == (
            f"{INFRA}: its cluster manifest is missing or was begun again, and that of {QUERY1} counts; the next"
            " successful update writes both again"
        )

    def test_an_update_is_refused_because_a_damaged_one_may_be_the_newest(self) -> None:
        facts = cluster(infra=holding(BROKEN, "etcd-config", "keygen"), query1=holding(complete(), "etcd-config"))
        spec = declared(TWO)
        assert found_manifest(spec, facts).manifest == complete().cluster
        assert lines(spec, facts, preview=False) == [DAMAGED]
        assert lines(spec, facts, preview=True) == []
        assert lines(declared({**TWO, **allowed("infra")}), facts, preview=False) == []


class TestNoManifestIsUsable:
    """An update is refused; a preview continues and reports the reason."""

    @pytest.mark.parametrize(
        ("infra", "line"),
        [
            (installed(BROKEN, "manifest"), DAMAGED),
            (installed(BROKEN), DAMAGED),
            (installed(None, "manifest"), MISSING),
            (installed(None, "verify"), MISSING),
            (installed(BEGUN, "manifest"), MISSING),
            (cluster(infra=SILENT), UNREAD),
        ],
    )
    def test_an_update_is_refused_and_a_preview_continues(self, infra: Mapping[str, HostFacts], line: str) -> None:
        spec = declared({})
        assert [doubt.line for doubt in found_manifest(spec, infra).doubts] == [line]
        assert lines(spec, infra, preview=False) == [line]
        assert lines(spec, infra, preview=True) == []
        assert lines(declared(allowed("query2")), infra, preview=False) == [line]

    @both
    @pytest.mark.parametrize(
        "infra",
        [
            installed(BROKEN, "manifest"),
            installed(None, "manifest"),
            installed(None, "verify"),
            installed(BEGUN, "manifest"),
        ],
    )
    def test_an_update_continues_without_a_manifest_if_the_stack_names_the_host(
        self, infra: Mapping[str, HostFacts], *, preview: bool
    ) -> None:
        spec = declared(allowed("infra"))
        assert found_manifest(spec, infra) == FoundManifest()
        assert lines(spec, infra, preview=preview) == []

    @pytest.mark.parametrize(
        "manifest", [installed(BROKEN, "manifest"), installed(None, "manifest"), cluster(infra=SILENT)]
    )
    def test_the_manifest_of_another_host_does_not_help(self, manifest: Mapping[str, HostFacts]) -> None:
        query = manifest["query2"]
        assert isinstance(query, Facts)
        facts = {**manifest, "query2": replace(query, manifest=complete(written=FUTURE))}
        result = found_manifest(declared(allowed("query2")), facts)
        assert (result.manifest, len(result.doubts)) == (None, 1)
        assert lines(declared(allowed("query2")), facts, preview=False) == [result.doubts[0].line]

    def test_an_unreachable_host_cannot_be_overridden(self) -> None:
        assert lines(declared(allowed("infra")), cluster(infra=SILENT), preview=False) == [UNREAD]


@both
@pytest.mark.parametrize("receipts", [(), ("host",), ("host", "verify")])
def test_an_incomplete_installation_continues(receipts: tuple[str, ...], *, preview: bool) -> None:
    facts = installed(BEGUN, *receipts)
    assert found_manifest(declared({}), facts) == FoundManifest()
    assert lines(declared({}), facts, preview=preview) == []


@both
def test_a_first_installation_begins(*, preview: bool) -> None:
    assert found_manifest(declared({}), bare()) == FoundManifest()
    assert lines(declared({}), bare(), preview=preview) == []


def test_a_lost_configuration_server_is_ignored_if_another_has_the_manifest() -> None:
    spec = declared({**TWO, "hosts": {"query1": {"lost": True}}})
    facts = {key: host for key, host in installed(NEWER, "manifest").items() if key != "query1"}
    assert found_manifest(spec, facts) == FoundManifest(manifest=NEWER.cluster)


@both
def test_manifests_of_other_hosts_are_ignored_if_the_only_configuration_server_is_lost(*, preview: bool) -> None:
    moved = {"config_servers": ["query1"], "services": {"acl_database": "infra"}, "hosts": {"query1": {"lost": True}}}
    facts = {key: host for key, host in bare(query2=holding(NEWER)).items() if key != "query1"}
    result = found_manifest(declared(moved), facts)
    assert (result.manifest, [finding.line for finding in result.findings]) == (None, [OTHER])
    assert OTHER in lines(declared(moved), facts, preview=preview)
