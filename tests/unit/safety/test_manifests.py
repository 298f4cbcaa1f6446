"""Only declared configuration servers say what is there; where they do not say it, an update is refused."""

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
    found,
    holding,
    installed,
    names,
    recorded,
)  # fmt: skip
from tests.unit.safety.shared import cluster, declared

both = pytest.mark.parametrize("preview", [True, False])


@both
def test_without_facts_nothing_is_known_and_nothing_is_refused(*, preview: bool) -> None:
    assert recorded(declared({}), {}) == FoundManifest()
    assert found(declared({}), {}, preview=preview) == []


@both
def test_the_record_of_a_declared_server_counts(*, preview: bool) -> None:
    spec, facts = declared({}), installed(NEWER, "manifest")
    assert recorded(spec, facts) == FoundManifest(manifest=NEWER.cluster)
    assert names(spec, facts, preview=preview) == ["downgrade"]
    assert found(spec, installed(complete(), "manifest"), preview=preview) == []


@both
def test_a_later_record_on_a_query_host_lifts_nothing(*, preview: bool) -> None:
    forged = complete("1.20200121.001-1", FUTURE)
    query = cluster()["query2"]
    assert isinstance(query, Facts)
    facts = installed(NEWER, "manifest", query2=replace(query, manifest=forged))
    assert recorded(declared({}), facts) == FoundManifest(manifest=NEWER.cluster)
    assert names(declared({}), facts, preview=preview) == ["downgrade"]
    # not even when the stack names that host, for a declared server has the record
    assert names(declared(allowed("query2")), facts, preview=preview) == ["downgrade"]


class TestWhereOnlyAnotherHostHasARecord:
    """A forged record, or a former configuration server that is declared as such no longer."""

    @both
    @pytest.mark.parametrize("record", [NEWER, BEGUN, BROKEN])
    def test_a_bare_installation_is_refused_with_the_hosts_name(
        self, record: ManifestFile | Damaged, *, preview: bool
    ) -> None:
        facts = bare(query2=holding(record))
        assert recorded(declared({}), facts).manifest is None
        assert found(declared({}), facts, preview=preview) == [OTHER]

    @both
    def test_it_counts_when_the_stack_names_that_host(self, *, preview: bool) -> None:
        spec, facts = declared(allowed("query2")), bare(query2=holding(NEWER))
        assert recorded(spec, facts) == FoundManifest(manifest=NEWER.cluster)
        assert names(spec, facts, preview=preview) == ["downgrade"]
        assert found(spec, bare(query2=holding(complete())), preview=preview) == []

    @both
    @pytest.mark.parametrize("host", ["query1", "infra"])
    def test_another_hosts_name_does_not_lift_it(self, host: str, *, preview: bool) -> None:
        spec, facts = declared(allowed(host)), bare(query2=holding(NEWER))
        assert recorded(spec, facts).manifest is None
        assert found(spec, facts, preview=preview) == [OTHER]

    @both
    def test_a_damaged_one_does_not_count_even_when_the_stack_names_its_host(self, *, preview: bool) -> None:
        assert found(declared(allowed("query2")), bare(query2=holding(BROKEN)), preview=preview) == [OTHER]

    @both
    def test_each_such_host_is_named_and_one_allowed_is_enough(self, *, preview: bool) -> None:
        facts = bare(query1=holding(complete()), query2=holding(NEWER))
        lines = found(declared({}), facts, preview=preview)
        assert [line.partition(":")[0] for line in lines] == [QUERY1, QUERY2]
        assert lines[1] == OTHER
        assert recorded(declared(allowed("query2")), facts) == FoundManifest(manifest=NEWER.cluster)


class TestTwoConfigurationServers:
    """Of several records the newest counts, and what differs is reported."""

    @pytest.mark.parametrize(("first", "second"), [(OLD, NEW), (NEW, OLD)])
    def test_the_newest_counts_and_the_other_is_reported(self, first: str, second: str) -> None:
        spec = declared(TWO)
        files = {"infra": complete("1.20200121.007-1", first), "query1": complete("1.20200121.008-1", second)}
        known = recorded(spec, bare(**{key: holding(file) for key, file in files.items()}))
        newest, other = (QUERY1, INFRA) if second == NEW else (INFRA, QUERY1)
        assert known.manifest == max(files.values(), key=lambda file: file.written).cluster
        (report,) = known.warnings
        assert report == (
            f"{other}: its cluster manifest of {OLD} differs from that of {newest}, which is newer ({NEW}) and counts;"
            " the next successful update writes both again"
        )
        assert (known.findings, known.doubts) == ((), ())

    def test_the_same_record_written_at_other_times_is_not_reported(self) -> None:
        facts = bare(infra=holding(complete(written=OLD)), query1=holding(complete(written=NEW)))
        assert recorded(declared(TWO), facts) == FoundManifest(manifest=complete().cluster)

    @pytest.mark.parametrize("infra", [holding(None), holding(BEGUN), SILENT])
    def test_a_server_that_has_none_yet_or_cannot_be_read_is_not_missed(self, infra: HostFacts) -> None:
        facts = {**bare(query1=holding(NEWER)), "infra": infra}
        assert recorded(declared(TWO), facts) == FoundManifest(manifest=NEWER.cluster)

    @pytest.mark.parametrize("file", [None, BEGUN])
    def test_a_server_that_lost_its_record_is_reported(self, file: ManifestFile | None) -> None:
        facts = bare(infra=holding(file, "manifest"), query1=holding(NEWER, "manifest"))
        known = recorded(declared(TWO), facts)
        assert (known.manifest, known.doubts) == (NEWER.cluster, ())
        (report,) = known.warnings
        assert report == (
            f"{INFRA}: its cluster manifest is missing or was begun again, and that of {QUERY1} counts; the next"
            " successful update writes both again"
        )

    def test_a_damaged_one_may_have_been_the_newest_so_an_update_is_refused(self) -> None:
        facts = cluster(infra=holding(BROKEN, "etcd-config", "keygen"), query1=holding(complete(), "etcd-config"))
        spec = declared(TWO)
        assert recorded(spec, facts).manifest == complete().cluster
        assert found(spec, facts, preview=False) == [DAMAGED]
        assert found(spec, facts, preview=True) == []
        assert found(declared({**TWO, **allowed("infra")}), facts, preview=False) == []


class TestWhereItIsNotKnown:
    """An update is refused; a preview goes on and says why."""

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
    def test_an_update_is_refused_and_a_preview_goes_on(self, infra: Mapping[str, HostFacts], line: str) -> None:
        spec = declared({})
        assert [doubt.line for doubt in recorded(spec, infra).doubts] == [line]
        assert found(spec, infra, preview=False) == [line]
        assert found(spec, infra, preview=True) == []
        assert found(declared(allowed("query2")), infra, preview=False) == [line]

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
    def test_it_goes_on_without_the_record_when_the_stack_names_that_host(
        self, infra: Mapping[str, HostFacts], *, preview: bool
    ) -> None:
        spec = declared(allowed("infra"))
        assert recorded(spec, infra) == FoundManifest()
        assert found(spec, infra, preview=preview) == []

    @pytest.mark.parametrize(
        "record", [installed(BROKEN, "manifest"), installed(None, "manifest"), cluster(infra=SILENT)]
    )
    def test_another_hosts_record_does_not_help(self, record: Mapping[str, HostFacts]) -> None:
        query = record["query2"]
        assert isinstance(query, Facts)
        facts = {**record, "query2": replace(query, manifest=complete(written=FUTURE))}
        known = recorded(declared(allowed("query2")), facts)
        assert (known.manifest, len(known.doubts)) == (None, 1)
        assert found(declared(allowed("query2")), facts, preview=False) == [known.doubts[0].line]

    def test_an_unread_host_is_never_allowed_away(self) -> None:
        assert found(declared(allowed("infra")), cluster(infra=SILENT), preview=False) == [UNREAD]


@both
@pytest.mark.parametrize("receipts", [(), ("host",), ("host", "verify")])
def test_an_installation_that_was_begun_goes_on(receipts: tuple[str, ...], *, preview: bool) -> None:
    facts = installed(BEGUN, *receipts)
    assert recorded(declared({}), facts) == FoundManifest()
    assert found(declared({}), facts, preview=preview) == []


@both
def test_a_bare_installation_begins(*, preview: bool) -> None:
    assert recorded(declared({}), bare()) == FoundManifest()
    assert found(declared({}), bare(), preview=preview) == []


def test_a_lost_configuration_server_is_not_missed_where_another_one_has_the_record() -> None:
    spec = declared({**TWO, "hosts": {"query1": {"lost": True}}})
    facts = {key: host for key, host in installed(NEWER, "manifest").items() if key != "query1"}
    assert recorded(spec, facts) == FoundManifest(manifest=NEWER.cluster)


@both
def test_when_the_only_configuration_server_is_lost_other_hosts_still_have_no_say(*, preview: bool) -> None:
    moved = {"config_servers": ["query1"], "services": {"acl_database": "infra"}, "hosts": {"query1": {"lost": True}}}
    facts = {key: host for key, host in bare(query2=holding(NEWER)).items() if key != "query1"}
    known = recorded(declared(moved), facts)
    assert (known.manifest, [one.line for one in known.findings]) == (None, [OTHER])
    assert OTHER in found(declared(moved), facts, preview=preview)
