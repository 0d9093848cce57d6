"""What a manager of scanned documents needs of an engine, need by need, over the public names alone.

The needs are those of paperless-ngx, as its module of search uses its engine: a test for each, in its words.
"""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from naidi import (
    Document,
    IndexLocked,
    IndexMissing,
    InvalidDocument,
    InvalidSchema,
    Searcher,
    Writer,
    field,
    fields,
    open_index,
    quote,
    upgrade,
)

UTC = datetime.timezone.utc
SCHEMA: dict[str, fields.Field] = {
    # Words beside those of title and content. To sort by a name, it is a Keyword too.
    "correspondent": fields.Text(),
    "type": fields.Text(),
    "tag": fields.Text(),
    "storage_path": fields.Text(weight=0.5),
    "filename": fields.Text(weight=0.5),
    "notes": fields.Text(),
    "correspondent_name": fields.Keyword(),
    "notes_by.*": fields.Keyword(multiple=True),
    "custom_fields.*": fields.Keyword(multiple=True),
    "tag_id": fields.Number(multiple=True),
    "correspondent_id": fields.Number(),
    "owner_id": fields.Number(),
    "viewer_id": fields.Number(multiple=True),
    "viewer_group_id": fields.Number(multiple=True),
    "created": fields.DateTime(zone="Europe/Berlin"),
    "added": fields.DateTime(zone="Europe/Berlin"),
    "modified": fields.DateTime(zone="Europe/Berlin"),
    "asn": fields.Number(),
    "page_count": fields.Number(),
    "num_notes": fields.Number(),
}


def day(month: int, number: int, hour: int = 12) -> datetime.datetime:
    return datetime.datetime(2024, month, number, hour, 30, tzinfo=UTC)


DOCUMENTS = [
    Document(
        id="1", title="Invoice for March", text="Electricity of the office, 120 kWh. Payable at once.",
        fields={
            "correspondent": "Municipal Utilities", "correspondent_name": "Municipal Utilities", "type": "bill",
            "tag": "energy taxes", "tag_id": [3, 4], "correspondent_id": 7, "owner_id": 1, "created": day(3, 1), "added": day(3, 5),
            "modified": day(6, 1), "asn": 100, "page_count": 2, "num_notes": 1, "notes": "Paid by standing order",
            "notes_by": {"alice": ["Paid by standing order"]}, "custom_fields": {"project": "Alpha", "state": ["open", "late"]},
            "storage_path": "2024/utilities", "filename": "scan0001.pdf",
        },
    ),
    Document(
        id="2", title="Letter", text="An invoice of the insurance company is enclosed.",
        fields={
            "correspondent": "Insurance", "correspondent_name": "Insurance", "type": "letter", "tag_id": [4],
            "correspondent_id": 8, "owner_id": 2, "viewer_id": [1, 5], "created": day(5, 3, 23), "added": day(5, 9),
            "modified": day(5, 9), "asn": 20, "page_count": 1, "num_notes": 0, "custom_fields": {"project": "Beta"},
        },
    ),
    Document(
        id="3", title="Contract", text="A contract about the insurance of the office. No invoices.",
        fields={
            "correspondent_name": "Agency", "owner_id": 2, "viewer_group_id": [9], "created": day(4, 1), "added": day(4, 2),
            "modified": day(4, 3), "asn": 30, "page_count": 12, "num_notes": 3,
        },
    ),
    Document(id="4", title="Menu", text="Soup, bread, an office party.", fields={"created": day(1, 1), "page_count": 1}),
    Document(id="5", title="Secret", text="An invention that is nobody's business.", fields={"owner_id": 3, "tag_id": [9]}),
]  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("paperless")
    with Writer(place, schema=SCHEMA) as writer:
        writer.add_many(DOCUMENTS)
    return place


@pytest.fixture(scope="module")
def searcher(place: Path) -> Iterator[Searcher]:
    with open_index(place) as searcher:
        yield searcher


def ids(searcher: Searcher, query: str, **options: Any) -> str:
    results = searcher.search(query, **options)
    assert not results.warnings
    return "".join(hit.id for hit in results)


def visible_to(user: int, *groups: int) -> Any:
    """What a user may see: what has no owner, is his, or was shared with him or a group of his."""
    return (
        ~field("owner_id").exists()
        | (field("owner_id") == user)
        | (field("viewer_id") == user)
        | field("viewer_group_id").isin(groups)
    )


def test_01_full_text_in_title_and_content_with_a_boost_of_titles(searcher: Searcher) -> None:
    assert ids(searcher, "invoice") == "123"  # the title first
    assert set(ids(searcher, "office")) == {"1", "3", "4"}
    typed = quote("office contract")
    assert ids(searcher, f"{typed} title:{typed}^2")[0] == "3"


def test_02_further_text_fields_in_the_default_search(searcher: Searcher) -> None:
    for query, found in [
        ("utilities", "1"),
        ("bills", "1"),
        ("taxes", "1"),
        ("scan0001", "1"),
        ("standing order", "1"),
    ]:
        assert ids(searcher, query) == found
    assert ids(searcher, "correspondent:insurance") == "2"
    assert set(ids(searcher, "insurance")) == {"2", "3"}


@pytest.mark.xfail(strict=True, reason="naidi knows the forms of English and Russian words: Häuser does not find Haus")
def test_03_an_analysis_for_eighteen_languages(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        writer.add(Document(id="fr", text="Les assurances des maisons", language="fr"))
        writer.add(Document(id="de", text="Die Versicherung der Häuser", language="de"))
    with open_index(tmp_path) as found:
        assert ids(found, "haus", exact=True) == "de"
        assert ids(found, "assurance", exact=True) == "fr"


@pytest.mark.xfail(
    strict=True, reason="naidi finds no words in texts that have no spaces between them, such as Japanese ones"
)
def test_04_bigrams_of_chinese_and_japanese(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        writer.add(Document(id="ja", text="東京都の天気"))
    with open_index(tmp_path) as found:
        assert ids(found, "東京") == "ja"


def test_05_fields_of_users_by_dotted_names(searcher: Searcher) -> None:
    assert ids(searcher, "custom_fields.project:Alpha") == "1"
    assert ids(searcher, "invoice custom_fields.project:(Alpha OR Beta)") == "12"
    assert ids(searcher, "custom_fields.state:late") == "1"
    assert ids(searcher, "notes_by.alice:*") == "1"
    assert ids(searcher, "notes:paid") == "1"


def test_06_numeric_ids_one_or_several(searcher: Searcher) -> None:
    assert ids(searcher, "*", where={"correspondent_id": 7}) == "1"
    assert ids(searcher, "*", where={"tag_id": [3, 9]}) == "15"
    assert ids(searcher, "*", where=(field("tag_id") == 3) & (field("tag_id") == 4)) == "1"
    assert ids(searcher, "invoice tag_id:4") == "12"
    assert searcher.get("1").fields["tag_id"] == [3, 4]


def test_07_permissions(searcher: Searcher) -> None:
    assert ids(searcher, "*", where=visible_to(1)) == "124"
    assert ids(searcher, "*", where=visible_to(5, 9)) == "234"
    assert ids(searcher, "*", where=visible_to(6)) == "4"
    results = searcher.search("invoice", where=visible_to(5), facets=["owner_id"])
    assert results.total == 1 and list(results.facets["owner_id"]) == [(2, 1)]


def test_08_moments_ranges_and_days_in_a_time_zone(searcher: Searcher, tmp_path: Path) -> None:
    assert ids(searcher, "created:2024-05-04") == "2"  # half past eleven of the third, in Greenwich
    assert ids(searcher, "added:[2024-03 TO 2024-04]") == "13"
    assert ids(searcher, "*", where={"modified": (day(5, 9), None)}) == "12"
    assert ids(searcher, "*", where=field("created") < day(3, 1)) == "4"
    assert searcher.search("*", where={"asn": 20}).hits[0].fields["created"].hour == 1
    before = datetime.datetime.now(UTC)
    with Writer(tmp_path, schema=SCHEMA) as writer:
        writer.add(Document(id="new", text="x", fields={"created": before}))
        writer.add(Document(id="old", text="x", fields={"created": before - datetime.timedelta(days=40)}))
    with open_index(tmp_path) as found:
        assert ids(found, "created:>=-7d") == "new"
        assert ids(found, "created:(today OR yesterday)") == "new"


def test_09_ranges_of_numbers_and_their_order(searcher: Searcher) -> None:
    assert ids(searcher, "asn:[20 TO 30]", sort="asn") == "23"
    assert ids(searcher, "page_count:>1", sort="-page_count") == "31"
    assert ids(searcher, "*", where={"num_notes": (1, None)}, sort="-num_notes") == "31"
    assert ids(searcher, "*", where=~field("asn").exists()) == "45"


def test_10_an_order_by_nine_fields_both_ways(searcher: Searcher) -> None:
    """What has no value comes last, both ways."""
    orders = {
        "created": ("4132", "2314"), "added": ("132", "231"), "modified": ("321", "123"), "asn": ("231", "132"),
        "correspondent_name": ("321", "123"), "title": ("31245", "54213"), "num_notes": ("213", "312"),
        "page_count": ("2413", "3124"),
    }  # fmt: skip
    for key, (up, down) in orders.items():
        assert ids(searcher, "*", sort=key)[: len(up)] == up, key
        assert ids(searcher, "*", sort="-" + key)[: len(down)] == down, key
    assert ids(searcher, "*", sort=["page_count", "-created"])[:2] == "24"
    assert ids(searcher, "invoice", sort="score") == "123"


def test_11_all_ids_that_match(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        writer.add_many(Document(id=str(number), text="invoice") for number in range(12_000))
    with open_index(tmp_path) as found:
        matching = found.search_ids("invoice", limit=len(found))
        assert {each for each, _ in matching} == set(map(str, range(12_000)))
        assert [each for each, _ in found.search_ids("invoice", 10)] == [each for each, _ in matching[:10]]


def test_12_similar_spellings_that_count_little_and_a_threshold(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        writer.add(Document(id="typo", text="An invocie, an invocie!"))
        writer.add(Document(id="right", text="Somewhere in this long text about many things there is an invoice."))
    with open_index(tmp_path) as found:
        results = found.search("invoice OR invoice~2^0.1")
        assert [hit.id for hit in results] == ["right", "typo"]
        best = results.hits[0].score
        assert [hit.id for hit in results if hit.score > 0.5 * best] == ["right"]


def test_13_parts_of_words(searcher: Searcher) -> None:
    assert ids(searcher, "*suran*") == ids(searcher, "insurance")
    assert ids(searcher, "title:*ontrac*") == "3"
    assert ids(searcher, "inv?ntion") == "5"


def test_14_completions_by_frequency(searcher: Searcher) -> None:
    assert [each.text for each in searcher.suggest("in")][:2] == ["invoice", "insurance"]
    assert searcher.suggest("offi")[0].doc_freq == 3


def test_15_completions_within_permissions(searcher: Searcher) -> None:
    assert "invention" in [each.text for each in searcher.suggest("inv", where=visible_to(3))]
    assert [each.text for each in searcher.suggest("inv", where=visible_to(1))] == ["invoice"]
    assert searcher.suggest("inv", where=visible_to(6)) == []
    assert searcher.suggest("inv", only={"4"}) == []


def test_16_more_like_this_within_permissions(searcher: Searcher) -> None:
    everything = [hit.id for hit in searcher.similar("3")]
    assert "2" in everything and "3" not in everything
    assert len(searcher.similar("3", 1)) == 1
    assert {hit.id for hit in searcher.similar("3", where=visible_to(6))} <= {"4"}
    assert [hit.id for hit in searcher.similar("3", only=["2"])] == ["2"]


def test_17_marked_passages_for_given_ids_and_of_notes(searcher: Searcher) -> None:
    results = searcher.search("invoice", only=["2", "3"])
    assert {hit.id: hit.html("b") for hit in results} == {
        "2": "An <b>invoice</b> of the insurance company is enclosed.",
        "3": "A contract about the insurance of the office. No <b>invoices</b>.",
    }
    (hit,) = searcher.search("paid", only=["1"])
    notes = searcher.highlight(hit.fields["notes"], "paid")
    assert notes.html("b") == "<b>Paid</b> by standing order"
    assert searcher.highlight("<script> of invoices", "invoice").html() == "&lt;script&gt; of <mark>invoices</mark>"


def test_18_changes_by_id_in_batches_and_a_lock_that_is_waited_for(tmp_path: Path) -> None:
    with Writer(tmp_path, schema=SCHEMA) as writer:
        writer.add_many(DOCUMENTS)
    with open_index(tmp_path) as found:
        with pytest.raises(InvalidDocument), Writer(tmp_path) as writer:
            writer.delete("1")
            writer.add(Document(id="2", text="x", fields={"asn": "no number"}))
        assert not found.refresh()  # nothing or all
        with Writer(tmp_path) as writer:
            assert writer.delete("1") and not writer.delete("nosuch")
            writer.add(Document(id="2", text="Rewritten.", fields={"owner_id": 1}))
            assert writer.update("3", fields={"tag_id": [1, 2], "owner_id": None})
            assert writer.delete_where({"owner_id": 3}) == 1
        assert found.refresh()
        assert ids(found, "*") == "234" and ids(found, "rewritten") == "2"
        assert found.get("3").fields["tag_id"] == [1, 2] and "owner_id" not in found.get("3").fields
    holder = Writer(tmp_path)
    with pytest.raises(IndexLocked):
        Writer(tmp_path, lock_timeout=0.05)
    release = threading.Timer(0.2, holder.close)
    release.start()
    for attempt in range(100):  # as an application tries again
        try:
            Writer(tmp_path, lock_timeout=0.1).close()
            break
        except IndexLocked:
            time.sleep(0.01 * attempt)
    else:
        pytest.fail("the lock was never free")
    release.join()


def test_19_an_index_emptied_and_built_anew_with_progress(tmp_path: Path) -> None:
    with Writer(tmp_path, schema=SCHEMA) as writer:
        writer.add_many(DOCUMENTS)
    told: list[int] = []

    def with_progress(documents: list[Document]) -> Iterator[Document]:
        for number, document in enumerate(documents, 1):
            yield document
            told.append(number)

    with open_index(tmp_path) as found:
        with Writer(tmp_path) as writer:
            writer.clear()
            writer.add_many(with_progress(DOCUMENTS[:2]))
            assert ids(found, "contract") == "3"  # nobody waits
        assert told == [1, 2]
        assert found.refresh() and len(found) == 2 and ids(found, "contract") == ""


def test_20_another_schema_or_analysis_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        open_index(tmp_path / "index")
    with Writer(tmp_path / "index", schema={"asn": fields.Number()}) as writer:
        writer.add(Document(id="1", text="one", fields={"asn": 1}))
    with open_index(tmp_path / "index") as found:
        assert found.schema == {"asn": fields.Number()}  # which the application compares with its own
    with Writer(
        tmp_path / "index", schema={"note": fields.Text()}
    ) as writer:  # more fields are no reason to build anew
        assert set(writer.schema) == {"asn", "note"}
    with pytest.raises(InvalidSchema):
        Writer(tmp_path / "index", schema={"asn": fields.Keyword()})
    with Writer(tmp_path / "index", schema={"asn": fields.Keyword()}, rebuild=True) as writer:
        writer.add(Document(id="1", text="one", fields={"asn": "1"}))
    with open_index(tmp_path / "index") as found:
        assert ids(found, "asn:1") == "1"
    assert upgrade(tmp_path / "index").reason is None  # of this version: nothing to do


def test_21_an_index_in_memory_for_tests() -> None:
    from naidi import MemoryIndex

    with MemoryIndex(DOCUMENTS, schema=SCHEMA) as index:
        with index.writer() as writer:
            writer.delete("1")
        assert ids(index.searcher(), "invoice") == "23"
        home = index.directory
    assert not home.exists()


def test_22_similar_documents_after_deletions(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        for number in range(60):
            writer.add(Document(id=str(number), text=f"invoice number {number} of the office {number % 7}"))
            if number % 20 == 19:
                writer.commit()
    with open_index(tmp_path) as found:
        for gone in range(0, 60, 2):
            with Writer(tmp_path) as writer:
                writer.delete(str(gone))
            found.refresh()
            for asked in (gone + 1, 59):
                similar = [int(hit.id) for hit in found.similar(str(asked), 60, snippets=0)]
                assert asked not in similar and not [each for each in similar if each % 2 == 0 and each <= gone]
