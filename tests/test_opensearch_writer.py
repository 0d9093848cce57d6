"""Writing to a real node: what searches see, and when; several writers; what goes wrong."""

from __future__ import annotations

import datetime
import multiprocessing
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from naidi import (
    ClusterUnavailable,
    Document,
    IndexDamaged,
    IndexMissing,
    IndexOutdated,
    IndexUnwritable,
    InvalidDocument,
    InvalidQuery,
    InvalidSchema,
    NotSupported,
    Writer,
    field,
    fields,
    open_index,
)
from naidi.indexer.analysis import tokenizer
from naidi.indexer.analysis.lemmatize.keys import Keys
from naidi.indexer.analysis.lemmatize.stem import all_stems
from naidi.indexer.opensearch import indices as indices_room
from naidi.indexer.opensearch import mapping, outgoing, sending, word_writer, words, writer
from naidi.indexer.opensearch import rebuild as rebuild_room
from naidi.indexer.opensearch import upgrade as upgrade_room
from naidi.indexer.opensearch.address import ClusterAddress
from naidi.indexer.opensearch.cluster import Cluster, connect
from naidi.indexer.opensearch.naming import token
from naidi.indexer.opensearch.rebuild import rebuild_words, recount
from naidi.indexer.opensearch.upgrade import upgrade as upgrade_cluster
from naidi.indexer.opensearch.words import Word
from naidi.indexer.opensearch.writer import ClusterWriter
from naidi.indexer.writing.batch import analyse
from tests.opensearch_front import Front

pytestmark = pytest.mark.cluster

SCHEMA = {
    "price": fields.Number(),
    "tag": fields.Keyword(multiple=True),
    "summary": fields.Text(),
    "day": fields.Date(),
    "when": fields.DateTime(),
    "ok": fields.Boolean(),
    "custom.*": fields.Keyword(),
}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody searches in an index that is replaced."""
    monkeypatch.setattr(indices_room, "GRACE", 0)
    monkeypatch.setattr(rebuild_room, "GRACE", 0)


@pytest.fixture
def url(opensearch: list[str], cluster_name: str) -> str:
    return f"{opensearch[0]}/{cluster_name}?timeout=60"


@pytest.fixture
def cluster(url: str) -> Iterator[Cluster]:
    with connect(url) as found:
        yield found


def write(url: str, *documents: Document, **settings: Any) -> None:
    with ClusterWriter(url, replicas=0, **settings) as one:
        one.add_many(documents)


def ids(cluster: Cluster, query: dict[str, Any] | None = None) -> list[str]:
    return [hit["_source"]["id"] for hit in cluster.scan(cluster.documents, query, source=["id"])]


def with_form(form: str) -> dict[str, Any]:
    return {"term": {"all": token(form)}}


def known(cluster: Cluster) -> dict[str, Word]:
    return {word.form: word for word in words.changes(cluster)[0]}


def sole(cluster: Cluster, *kinds: str) -> list[str]:
    return cluster.indices_like(f"{cluster.documents}-*")


def test_documents_are_there_after_the_commit(url: str, cluster: Cluster) -> None:
    with ClusterWriter(url, replicas=0) as one:
        one.add(Document(id="a", title="Кот", text="мышей ловит"))
        assert ids(cluster) == []
        one.commit()
        assert ids(cluster, with_form("мышей")) == ["a"]
        one.add(Document(id="a", text="dogs"))
        one.add(Document(id="b", text="dogs"))
        one.add(Document(id="b", text="cats"))  # the last one of a document counts
    assert ids(cluster) == ["a", "b"]
    assert ids(cluster, with_form("dogs")) == ["a"] and ids(cluster, with_form("мышей")) == []
    assert set(known(cluster)) == {"кот", "мышей", "ловит", "dogs", "cats"}


def test_the_words_are_those_of_the_analysis(url: str, cluster: Cluster) -> None:
    text = "Мама мыла раму. The mice were running; стали Сталин В.И. COVID-19 " + "x" * 900
    write(url, Document(id="a", text=text), Document(id="b", text="мама"))
    forms = set(tokenizer.forms(text))
    found = known(cluster)
    assert set(found) == forms
    of_all, common = Keys().of_all(sorted(forms))
    for form, keys, are_common, stem in zip(sorted(forms), of_all, common, all_stems(sorted(forms)), strict=True):
        assert found[form] == Word(form, keys, stem, tuple(map(bool, are_common)), 1 + (form == "мама"))


def test_deleting(url: str, cluster: Cluster) -> None:
    with ClusterWriter(url, replicas=0) as one:
        one.add_many(Document(id=name, text=name) for name in ("a", "b", "c"))
        one.commit()
        one.add(Document(id="d", text="d"))
        assert one.delete("a") and not one.delete("a") and not one.delete("x")
        assert one.delete("d") and not one.delete("d")
        one.add(Document(id="a", text="again"))
        assert one.delete_many(["b", "b", "x", "c"]) == 2
        with pytest.raises(InvalidDocument):
            one.delete(3)  # type: ignore[arg-type]
    assert ids(cluster) == ["a"]


def test_an_exception_discards_what_was_not_sent(url: str, cluster: Cluster) -> None:
    write(url, Document(id="a", text="a"))
    with pytest.raises(KeyError), ClusterWriter(url) as one:
        one.add(Document(id="b", text="b"))
        one.delete("a")
        raise KeyError
    with ClusterWriter(url) as one:
        one.add(Document(id="c", text="c"))
        one.rollback()
        one.add(Document(id="d", text="d"))
    assert ids(cluster) == ["a", "d"]
    with pytest.raises(ValueError, match="closed"):
        one.add(Document(id="e", text="e"))


def test_what_was_sent_stays_and_is_told(
    url: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(writer, "FLUSH_BYTES", 1)
    with ClusterWriter(url, replicas=0) as one:
        one.add_many(Document(id=str(number), text="слово") for number in range(2_000))
        with pytest.raises(NotSupported, match=r"[12]000 changes were sent") as told:
            one.rollback()
        one.add(Document(id="x", text="x"))
    sent = len(ids(cluster)) - 1
    assert f" {sent} changes were sent" in str(told.value)
    with pytest.raises(KeyError), ClusterWriter(url) as one:
        one.add_many(Document(id=f"b{number}", text="слово") for number in range(2_000))
        raise KeyError
    write(url, Document(id="y", text="y"))
    assert f"up to {len(ids(cluster)) - sent - 2} changes were sent" in caplog.text


def test_a_rebuild_is_all_or_nothing(url: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "FLUSH_BYTES", 1)
    write(url, Document(id="old", text="old"), schema={"a": fields.Number()}, store_texts=False)
    before = sole(cluster)
    with pytest.raises(KeyError), ClusterWriter(url, rebuild=True) as one:
        one.add_many(Document(id=str(number), text="new") for number in range(1_000))
        raise KeyError
    assert ids(cluster) == ["old"] and sole(cluster) == before
    with ClusterWriter(url, rebuild=True) as one:
        one.add(Document(id="lost", text="x"))
        one.rollback()
        one.add_many(Document(id=str(number), text="new") for number in range(1_000))
        assert ids(cluster) == ["old"] and one.schema == {}
        one.commit()
        assert len(ids(cluster)) == 1_000
        one.add(Document(id="more", text="слова"))
    assert len(ids(cluster)) == 1_001 and len(sole(cluster)) == 2 and not set(sole(cluster)) & set(before)
    assert set(known(cluster)) == {"new", "слова"} and known(cluster)["new"].docs == 1_000
    assert not mapping.documents_state(cluster).store_texts  # as it was


def test_clearing(url: str, cluster: Cluster) -> None:
    write(url, Document(id="a", text="a"), schema={"n": fields.Number()}, shards=2)
    with ClusterWriter(url) as one:
        one.add(Document(id="b", text="b"))
        one.clear()
        assert ids(cluster) == ["a"]
        one.add(Document(id="c", text="c", fields={"n": 1}))
    assert ids(cluster) == ["c"] and set(known(cluster)) == {"c"}
    assert len(cluster.shard_states(cluster.documents)) == 2
    with ClusterWriter(url) as one:
        one.clear()
        one.rollback()
    assert ids(cluster) == ["c"] and len(sole(cluster)) == 2


def test_fields(url: str, cluster: Cluster) -> None:
    values = {
        "price": 3,
        "tag": ["x", "y"],
        "summary": "короткий text",
        "day": datetime.date(1, 1, 1),
        "custom.color": "red",
    }
    with ClusterWriter(url, schema=SCHEMA, replicas=0) as one:
        assert list(one.schema) == list(SCHEMA)
        one.add(Document(id="a", text="long", fields=values))
        one.commit()
        with pytest.raises(InvalidDocument, match="price"):
            one.add(Document(id="b", text="b", fields={"price": "x"}))
        assert one.update("a", fields={"price": 4, "tag": None, "summary": "другой"}) and not one.update(
            "x", fields={"price": 1}
        )
        assert one.update("a", fields={"custom.size": "large"})  # sent before
        one.extend_schema({"more": fields.Number()})
        one.add(Document(id="c", text="c", fields={"more": 1, "custom.new.one": "z"}))
    source = cluster.get(cluster.documents, "a")
    assert source is not None and source["fields"] == {
        "price": [4.0], "summary": [1], "day": [1], "custom/color": ["red"], "custom/size": ["large"]
    }  # fmt: skip
    assert ids(cluster, with_form("другой")) == ["a"] == ids(cluster, with_form("long"))
    assert ids(cluster, {"term": {"fields.custom/new/one": "z"}}) == ["c"]
    with pytest.raises(InvalidSchema):
        ClusterWriter(url, schema={"price": fields.Keyword()})
    with ClusterWriter(url, schema={"last": fields.Number()}) as one:
        assert {*SCHEMA, "more", "last"} == set(one.schema)


def test_two_writers_extend_the_schema(url: str) -> None:
    with ClusterWriter(url, replicas=0) as left, ClusterWriter(url) as right:
        left.extend_schema({"a": fields.Number()})
        right.extend_schema({"b": fields.Number()})
        assert set(right.schema) == {"a", "b"}
        with pytest.raises(InvalidSchema):
            right.extend_schema({"a": fields.Keyword()})


CONDITIONS = [
    field("price") > 3,
    field("price") == 3,
    ~(field("price") <= 3),
    field("tag") == "x",
    field("tag").isin(["X", "q"]),
    field("day") >= datetime.date(2020, 1, 2),
    field("day").between(datetime.date(2019, 1, 1), datetime.date(2020, 1, 1)),
    field("when") == datetime.date(2020, 5, 5),
    field("when") > datetime.datetime(2020, 5, 5, 12, tzinfo=datetime.timezone.utc),
    field("ok") == True,  # noqa: E712
    ~(field("ok") == True),  # noqa: E712
    field("custom.x") == "p",
    field("custom.x").exists(),
    (field("price") < 3) | (field("tag") == "y"),
    (field("price") < 9) & (field("tag") == "y"),
]


@pytest.mark.parametrize("condition", CONDITIONS, ids=repr)
def test_deleting_by_a_condition_deletes_as_the_local_writer(
    condition: Any, filled: tuple[str, Path], tmp_path: Path
) -> None:
    url, local = filled
    with Writer(local) as expected:
        count = expected.delete_where(condition)
        expected.rollback()
    with ClusterWriter(url) as one:
        assert one.delete_where(condition) == count
        one.rollback()


@pytest.fixture(scope="module")
def filled(opensearch: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The same documents in a cluster and in a directory."""
    utc = datetime.timezone.utc
    values: list[dict[str, Any]] = [
        {"price": 2, "tag": ["x"], "day": datetime.date(2020, 1, 1), "ok": True},
        {"price": 3, "tag": ["x", "y"], "day": datetime.date(2020, 1, 2), "ok": False},
        {"price": 3.5, "tag": ["X", "q"], "when": datetime.datetime(2020, 5, 5, tzinfo=utc), "custom.x": "p"},
        {"price": -4, "when": datetime.datetime(2020, 5, 5, 23, 59, 59, 999_999, tzinfo=utc), "custom.x": "P"},
        {"tag": ["y"], "when": datetime.datetime(2020, 5, 6, tzinfo=utc), "summary": "one"},
        {},
    ]
    documents = [Document(id=str(number), text="t", fields=each) for number, each in enumerate(values)]
    local = tmp_path_factory.mktemp("local") / "index"
    with Writer(local, schema=SCHEMA) as one:
        one.add_many(documents)
    url = f"{opensearch[0]}/naidi-test-conditions?timeout=60"
    with ClusterWriter(url, schema=SCHEMA, replicas=0, rebuild=True) as two:
        two.add_many(documents)
    yield url, local
    with connect(url) as cluster:
        cluster.drop(*sole(cluster))


def test_conditions_that_cannot_be(url: str) -> None:
    with ClusterWriter(url, schema=SCHEMA, replicas=0) as one:
        for wrong in ({}, field("nope") == 1, field("price") == "x"):
            with pytest.raises(InvalidQuery):
                one.delete_where(wrong)
        one.add(Document(id="a", text="a", fields={"price": 1}))
        assert one.delete_where({"price": 1}) == 1  # also what was not committed


def test_a_refused_document_is_named_and_the_rest_is_there(
    url: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        pytest.raises(InvalidDocument, match=r"'bad': the cluster refuses it: .*all others are live"),
        ClusterWriter(url, replicas=0) as one,
    ):
        one.add(Document(id="a", text="a"))
        one.add_analysed(analyse([Document(id="bad", text="b")]), notes=[{"len": "no number"}])
        one.add(Document(id="c", text="c"))
    assert ids(cluster) == ["a", "c"]
    with ClusterWriter(url) as one:
        one.add(Document(id="bad", text="b"))
    assert ids(cluster) == ["a", "bad", "c"]


def test_what_comes_later_wins(url: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the clocks of the machines say."""
    write(url, Document(id="a", text="ахалай"))
    now = time.time_ns
    with ClusterWriter(url) as ahead, monkeypatch.context() as patch:
        patch.setattr(outgoing.time, "time_ns", lambda: now() + 3_600 * 10**9)
        ahead.add(Document(id="a", text="вторая"))
        ahead.add(Document(id="b", text="вторая"))
        ahead.commit()
        ahead.delete("b")
    write(url, Document(id="a", text="третья"), Document(id="b", text="третья"))
    assert ids(cluster, with_form("третья")) == ["a", "b"]


def test_a_version_is_kept_to(url: str, cluster: Cluster) -> None:
    def at(version: int, text: str) -> None:
        one.add_analysed(analyse([Document(id="a", text=text)]), versions=[version])
        one.commit()

    with ClusterWriter(url, replicas=0) as one:
        at(20, "два")
        at(10, "один")
        assert ids(cluster, with_form("два")) == ["a"]
        one.discard("a", 15)
        one.discard("x", 15)
        one.commit()
        assert ids(cluster) == ["a"]
        one.discard("a", 30)
        one.commit()
        at(25, "поздно")
        assert ids(cluster) == []
        at(31, "три")
        assert ids(cluster) == ["a"]


def test_a_request_that_was_sent_twice_does_no_harm(
    url: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answer was lost, and the client sends it again."""
    bulk = Cluster.bulk

    def twice(self: Cluster, index: str, lines: bytes, **params: Any) -> list[dict[str, Any]]:
        bulk(self, index, lines, **params)
        return bulk(self, index, lines, **params)

    write(url, Document(id="a", text="ноль"))
    monkeypatch.setattr(Cluster, "bulk", twice)
    with ClusterWriter(url) as one:
        one.add_many(Document(id=name, text="раз") for name in "abc")
        assert one.delete("c")
    assert ids(cluster, with_form("раз")) == ["a", "b"]


def _write_in_child(url: str, number: int) -> None:
    with ClusterWriter(url) as one:
        one.add_many(Document(id=f"{number}-{each}", text=f"общее слово{number} слово{each}") for each in range(50))
        one.add(Document(id="same", text="общее"))
        one.commit()
        one.delete(f"{number}-0")


def test_writers_at_once(url: str, cluster: Cluster) -> None:
    """Four processes make the index and write to it."""
    context = multiprocessing.get_context("spawn")
    children = [context.Process(target=_write_in_child, args=(url, number)) for number in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join()
        assert child.exitcode == 0
    assert set(ids(cluster)) == {"same", *(f"{number}-{each}" for number in range(4) for each in range(1, 50))}
    assert len(sole(cluster)) == 2
    assert set(known(cluster)) == {"общее", *(f"слово{number}" for number in range(50))}


def test_the_words_come_before_the_documents(url: str, cluster: Cluster, opensearch: list[str]) -> None:
    """A writer that is cut off at any request leaves no document with a form that the words lack."""
    write(url)
    name = cluster.documents
    text = "первое второе третье"
    for allowed in range(1, 30):
        with Front(opensearch[0]) as front:
            count = [0]

            def answer(method: str, path: str, count: list[int] = count, allowed: int = allowed) -> Any:
                count[0] += 1
                return None if count[0] <= allowed else (400, {"error": {"type": "cut", "reason": "off"}})

            front.answer = answer
            done = False
            try:
                with ClusterWriter(f"{front.url}/{name}?timeout=60") as one:
                    one.add(Document(id=str(allowed), text=f"{text} раз{allowed}"))
                    one.commit()
                    done = True
            except Exception as error:
                assert "off" in str(error), error
        cluster.refresh(name, cluster.words)
        forms = set(known(cluster))
        for document in cluster.scan(name, source=["id", "text"]):
            assert set(tokenizer.forms(document["_source"]["text"])) <= forms
        if done and count[0] <= allowed:
            break
    else:
        raise AssertionError("it never came to its end")
    assert str(allowed) in ids(cluster)


def test_documents_of_words_are_counted(url: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    write(url, *[Document(id=str(number), text="часто редко" if number < 3 else "часто") for number in range(200)])
    assert {form: word.docs for form, word in known(cluster).items()} == {"часто": 200, "редко": 3}
    with ClusterWriter(url) as one:
        one.add(Document(id="0", text="часто редко"))  # it replaces another
        one.add(Document(id="new", text="часто редко"))
        one.commit()
        assert {form: word.docs for form, word in known(cluster).items()} == {"часто": 200, "редко": 4}
        monkeypatch.setattr(one._outgoing._words._random, "random", lambda: 0.04)  # 1 of 20 is due
    cluster.refresh(cluster.words)
    assert known(cluster)["часто"].docs == 220
    assert recount(cluster) == 1
    assert known(cluster)["часто"].docs == 201


def test_small_runs_are_counted_by_chance(url: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each adds a tenth with a chance of one to a tenth: in the mean, as many as there are."""
    write(url, *[Document(id=str(number), text="слово") for number in range(100)])
    for number, (drawn, docs) in enumerate([(0.099, 110), (0.091, 110), (0.0909, 121), (0.9, 121), (0.0, 133)]):
        monkeypatch.setattr(word_writer.random.Random, "random", lambda _, drawn=drawn: drawn)
        write(url, Document(id=f"n{number}", text="слово"))
        cluster.refresh(cluster.words)
        assert known(cluster)["слово"].docs == docs


def test_words_are_read_by_their_changes(url: str, cluster: Cluster) -> None:
    write(url, Document(id="a", text="раз два"))
    found, first = words.changes(cluster)
    assert {word.form for word in found} == {"раз", "два"}
    assert list(words.changes(cluster, first)[0]) == []
    write(url, Document(id="b", text="два три"))
    found, second = words.changes(cluster, first)
    assert {word.form: word.docs for word in found} == {"два": 2, "три": 1}
    assert words.is_continued(first, second) and second.seq_no > first.seq_no
    write(url, Document(id="c", text="новое"), rebuild=True)
    found, third = words.changes(cluster, second)
    assert {word.form for word in found} == {"новое"} and not words.is_continued(second, third)


def test_no_word_is_missed_while_others_write(url: str, cluster: Cluster) -> None:
    """A reader goes from checkpoint to checkpoint while two writers write."""
    write(url)

    def fill(number: int) -> None:
        for each in range(15):
            write(url, Document(id=f"{number}-{each}", text=" ".join(f"ф{number}ы{each}в{one}" for one in range(40))))

    writers = [threading.Thread(target=fill, args=(number,)) for number in range(2)]
    for one in writers:
        one.start()
    seen: set[str] = set()
    found, since = words.changes(cluster)
    while any(one.is_alive() for one in writers):
        seen |= {word.form for word in found}
        found, since = words.changes(cluster, since)
    seen |= {word.form for word in found}
    seen |= {word.form for word in words.changes(cluster, since)[0]}
    assert seen == {f"ф{number}ы{each}в{one}" for number in range(2) for each in range(15) for one in range(40)}


def test_other_lemmas_make_the_words_anew_and_leave_the_documents(
    url: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(url, *[Document(id=str(number), text="мама мыла раму") for number in range(3)])
    before = known(cluster)
    indices = set(sole(cluster))
    older = ClusterWriter(url)
    older.add(Document(id="late", text="поздно"))
    with monkeypatch.context() as patch:
        patch.setattr(mapping, "lemma_fingerprint", lambda: "rules=99")
        with pytest.raises(IndexOutdated, match="--upgrade"):
            words.changes(cluster)
        with pytest.raises(IndexOutdated, match="--upgrade"):
            ClusterWriter(url)
        assert rebuild_words(cluster) == 3
        assert known(cluster) == before
    with pytest.raises(IndexOutdated, match="another version of the analysis"):
        older.commit()
    assert rebuild_words(cluster) == 3
    assert known(cluster) == before and len(ids(cluster)) == 3
    assert len(indices & set(sole(cluster))) == 1  # the documents are the same
    write(url, Document(id="d", text="поздно"))
    assert set(known(cluster)) == {*before, "поздно"}


def test_a_rebuild_of_words_that_fails_leaves_them(url: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    write(url, Document(id="a", text="мама мыла раму"))
    before = sole(cluster)
    with monkeypatch.context() as patch:
        patch.setattr(Cluster, "switch", lambda *_: (_ for _ in ()).throw(ClusterUnavailable("off")))
        with pytest.raises(ClusterUnavailable):
            rebuild_words(cluster)
    assert sole(cluster) == before
    write(url, Document(id="b", text="новое"))  # and they can be written
    assert set(known(cluster)) == {"мама", "мыла", "раму", "новое"}


def test_a_full_disk(url: str, cluster: Cluster) -> None:
    write(url, Document(id="a", text="a"))
    cluster.ask("PUT", f"/{cluster.documents}/_settings", {"index.blocks.read_only_allow_delete": True})
    with pytest.raises(IndexUnwritable, match="disks are full"), ClusterWriter(url) as one:
        one.add(Document(id="b", text="b"))
    cluster.ask("PUT", f"/{cluster.documents}/_settings", {"index.blocks.read_only_allow_delete": None})
    write(url, Document(id="b", text="b"))
    assert ids(cluster) == ["a", "b"]


def test_indices_that_are_not_ours(url: str, cluster: Cluster) -> None:
    with pytest.raises(IndexMissing):
        words.changes(cluster)
    cluster.create(cluster.documents, {"settings": {"number_of_replicas": 0}})
    for rebuild in (False, True):
        with pytest.raises(IndexDamaged, match="not made by naidi"):
            ClusterWriter(url, rebuild=rebuild)
    cluster.drop(cluster.documents)
    write(url, Document(id="a", text="a"))
    cluster.drop(*cluster.indices_of(cluster.words))
    with pytest.raises(IndexDamaged, match="words of its documents are missing"):
        ClusterWriter(url)
    write(url, Document(id="b", text="b"), rebuild=True)
    assert ids(cluster) == ["b"] and set(known(cluster)) == {"b"}


def test_an_index_that_is_removed_under_a_writer(url: str, cluster: Cluster) -> None:
    with pytest.raises(IndexMissing), ClusterWriter(url, replicas=0) as one:
        one.add(Document(id="a", text="a"))
        cluster.drop(*sole(cluster))
    assert sole(cluster) == [] and cluster.indices_like(cluster.documents) == []


def test_without_texts(url: str, cluster: Cluster) -> None:
    write(url, Document(id="a", text="мама", fields={"n": 1}), schema={"n": fields.Number()}, store_texts=False)
    source = cluster.get(cluster.documents, "a")
    assert source is not None and "text" not in source and ids(cluster, with_form("мама")) == ["a"]
    with ClusterWriter(url) as one, pytest.raises(NotSupported, match="stores no texts"):
        one.update("a", fields={"n": 2})
    with pytest.raises(IndexUnwritable, match="store_texts"):
        ClusterWriter(url, store_texts=True)


def test_documents_of_files_keep_their_fields(url: str, cluster: Cluster) -> None:
    with ClusterWriter(url, schema=SCHEMA, replicas=0) as one:
        for text in ("раз", "два"):
            batch = analyse([Document(id="dir/a.txt", text=text), Document(id="b", text=text)], one.schema)
            batch.synced = True
            one.add_analysed(batch, notes=[{"source": f"note {text}"}] * 2)
            one.commit()
            keys = cluster.get(cluster.documents, "dir/a.txt")
            assert one.update("dir/a.txt", fields={"price": 3, "summary": "text"})
            one.commit()
            after = cluster.get(cluster.documents, "dir/a.txt")
            assert keys is not None and after is not None
            assert all(after[name] == keys[name] for name in ("synced", "source", "path_key", "folder", "type"))
        assert one.document_origins() == {"dir/a.txt": True, "b": True}
        one.add(Document(id="b", text="own"))
        assert one.document_origins() == {"dir/a.txt": True, "b": False}
        batch = analyse([Document(id="dir/a.txt", text="три")], one.schema)
        batch.synced = True
        one.add_analysed(batch)
    source = cluster.get(cluster.documents, "dir/a.txt")
    assert source is not None and source["fields"] == {"price": [3.0]} and source["text"] == "три"


def test_jobs(url: str, cluster: Cluster) -> None:
    with ClusterWriter(url, replicas=0, jobs=2) as one:
        one.add_many(Document(id=str(number), text=f"слово{number % 7} " * 50) for number in range(3_000))
    assert len(ids(cluster)) == 3_000
    assert {form: word.docs for form, word in known(cluster).items()} == {
        f"слово{number}": 3_000 // 7 + (number < 3_000 % 7) for number in range(7)
    }


def test_a_vocabulary_that_is_full_is_begun_anew(url: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "CAPACITY", 20)
    with ClusterWriter(url, replicas=0) as one:
        for number in range(10):
            one.add_analysed(
                analyse([Document(id=str(number), text=" ".join(f"ф{number}ы{each}" for each in range(8)) + " общее")])
            )
    found = known(cluster)
    assert set(found) == {"общее", *(f"ф{number}ы{each}" for number in range(10) for each in range(8))}
    assert found["общее"].docs == 10
    assert all(ids(cluster, with_form(f"ф{number}ы0")) == [str(number)] for number in range(10))


def test_the_same_documents_are_found_as_in_a_directory(url: str, cluster: Cluster, tmp_path: Path) -> None:
    documents = [
        Document(id=str(number), title=f"t{number % 3}", text=f"w{number % 5} общее", keywords=f"k{number % 2}")
        for number in range(30)
    ]
    write(url, *documents)
    with Writer(tmp_path / "index") as local:
        local.add_many(documents)
    with open_index(tmp_path / "index") as searcher:
        for form in ("t1", "w4", "k0", "общее"):
            expected = sorted(hit.id for hit in searcher.search(form, limit=30, exact=True).hits)
            assert ids(cluster, with_form(form)) == expected


def test_the_limits_of_a_request_are_real(url: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "REQUEST_OPERATIONS", 3)
    write(url, *[Document(id=str(number), text=f"слово{number}") for number in range(20)])
    assert len(ids(cluster)) == 20 and len(known(cluster)) == 20


def test_layout(url: str, cluster: Cluster) -> None:
    write(url, Document(id="a", text="a"), shards=3)
    assert len(cluster.shard_states(cluster.documents)) == 3 and len(cluster.shard_states(cluster.words)) == 1
    write(url, Document(id="a", text="a"), rebuild=True)
    assert len(cluster.shard_states(cluster.documents)) == 3
    for wrong in ({"shards": 0}, {"shards": 1.5}, {"shards": True}):
        with pytest.raises(IndexUnwritable, match="shards"):
            ClusterWriter(ClusterAddress.of(url), **wrong)  # type: ignore[arg-type]


def test_an_upgrade_does_what_is_needed(url: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"price": 3, "summary": "короткий"}
    with ClusterWriter(url, schema=SCHEMA, replicas=0, shards=2) as one:
        one.add(
            Document(
                id="a", title="Кот", text="мышей ловит", keywords="зверь", fields=values, date=datetime.date(2020, 1, 1)
            )
        )
        batch = analyse([Document(id="n/b", text="dogs")], SCHEMA)
        batch.synced = True
        one.add_analysed(batch, notes=[{"source": "look"}])
    stored = {name: cluster.get(cluster.documents, name) for name in ("a", "n/b")}
    forms, indices = known(cluster), sole(cluster)
    assert upgrade_cluster(url).reason is None and sole(cluster) == indices
    with monkeypatch.context() as patch:
        patch.setattr(mapping, "lemma_fingerprint", lambda: "rules=99")
        told: list[Any] = []
        report = upgrade_cluster(url, progress=told.append)
        assert report.reason is not None and "words" in report.reason and report.documents == 2
        assert told[-1].files == told[-1].total_files == len(forms) and len(set(sole(cluster)) & set(indices)) == 1
    with monkeypatch.context() as patch:
        for room in (mapping, upgrade_room):
            patch.setattr(room, "token_fingerprint", lambda: "tokens=99")
        patch.setattr(mapping, "lemma_fingerprint", lambda: "rules=99")
        for refused in (lambda: ClusterWriter(url), lambda: mapping.documents_state(cluster)):
            with pytest.raises(IndexOutdated, match="--upgrade"):
                refused()
        told.clear()
        report = upgrade_cluster(url, jobs=2, progress=told.append)
        assert (report.reason, report.documents) == ("made by other rules for words", 2) and told[-1].files == 2
        assert not set(sole(cluster)) & set(indices)
        assert {name: cluster.get(cluster.documents, name) for name in stored} == stored
        assert known(cluster) == forms and ids(cluster, with_form("короткий")) == ["a"]
        assert len(cluster.shard_states(cluster.documents)) == 2
    assert upgrade_cluster(url, anew=True).documents == 2
    write(url, Document(id="x", text="x"), rebuild=True, store_texts=False)
    with pytest.raises(NotSupported, match="not stored"):
        upgrade_cluster(url, anew=True)
    assert ids(cluster) == ["x"]


def test_optimizing(url: str, cluster: Cluster) -> None:
    with ClusterWriter(url, replicas=0) as one:
        for number in range(5):
            one.add(Document(id=str(number), text="слово"))
            one.commit()
        one.optimize()
        one.commit()
    segments = cluster.ask("GET", f"/{cluster.documents}/_segments")["indices"][
        cluster.indices_of(cluster.documents)[0]
    ]
    assert sum(one["search"] for one in segments["shards"]["0"][0]["segments"].values()) == 1
    assert len(ids(cluster)) == 5


def test_searches_go_on_while_an_index_is_replaced(url: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sees the old documents or the new ones, all of them."""
    monkeypatch.setattr(indices_room, "GRACE", 1.0)
    monkeypatch.setattr(rebuild_room, "GRACE", 1.0)
    write(url, *[Document(id=f"0-{number}", text="слово") for number in range(10)])
    ended = threading.Event()
    seen: set[Any] = set()

    def search() -> None:
        with connect(url) as own:
            while not ended.is_set():
                try:
                    seen.add(own.count(own.documents, with_form("слово")))
                    list(words.changes(own)[0])
                except Exception as error:
                    seen.add(str(error))

    searchers = [threading.Thread(target=search) for _ in range(2)]
    for one in searchers:
        one.start()
    for size in (20, 30):
        write(url, *[Document(id=f"{size}-{number}", text="слово") for number in range(size)], rebuild=True)
        rebuild_words(cluster)
    ended.set()
    for one in searchers:
        one.join()
    assert {10, 20, 30} >= seen and len(seen) > 1, seen


def test_what_a_killed_rebuild_has_left_goes(url: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    write(url, Document(id="a", text="a"))
    live = set(sole(cluster))
    left = indices_room.make_beside(cluster, {}, True, indices_room.Layout(1, 0))
    write(url, Document(id="b", text="b"), rebuild=True)
    assert set(left) < set(sole(cluster)) and not live & set(sole(cluster))  # it may still be at work
    monkeypatch.setattr(indices_room, "_LEFT_OVER", -60)
    write(url, Document(id="c", text="c"), rebuild=True)
    assert not set(left) & set(sole(cluster)) and len(sole(cluster)) == 2 and ids(cluster) == ["c"]
