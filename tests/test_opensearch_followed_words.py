"""Does the mirror follow the words index of a real cluster?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from naidi.indexer.document import Document
from naidi.indexer.errors import IndexDamaged
from naidi.indexer.opensearch.cluster import Cluster, connect
from naidi.indexer.opensearch.mapping import words_body
from naidi.indexer.opensearch.word_writer import create_operation, set_operation
from naidi.indexer.opensearch.words import Word
from naidi.indexer.opensearch.writer import ClusterWriter
from naidi.search.cluster_searcher import ClusterSearcher
from naidi.search.collection import StateFacts
from naidi.search.opensearch.followed_words import FollowedWords, follow
from naidi.search.opensearch.words_collection import KeyCounts, WordsCollection

pytestmark = pytest.mark.cluster


@pytest.fixture
def cluster(
    opensearch: list[str], cluster_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cluster]:
    """A cluster with an empty words index, and an empty cache of this user."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with connect(f"{opensearch[0]}/{cluster_name}") as cluster:
        begin(cluster, 1)
        yield cluster


def begin(cluster: Cluster, number: int) -> None:
    """A new words index in the place of the one there is."""
    name = f"{cluster.words}-{number}"
    cluster.create(name, words_body(replicas=0))
    before = f"{cluster.words}-{number - 1}"
    gone = [{"remove": {"index": before, "alias": cluster.words}}] if number > 1 else []
    cluster.ask("POST", "/_aliases", {"actions": [*gone, {"add": {"index": name, "alias": cluster.words}}]})


def word(form: str, docs: int) -> Word:
    return Word(form, (form, "кот"), form[:2], (True, False), docs)


def add(cluster: Cluster, words: Iterable[Word]) -> None:
    outcomes = cluster.bulk(cluster.words, b"".join(map(create_operation, words)))
    assert {outcome["status"] for outcome in outcomes} == {201}


def known(followed: FollowedWords) -> dict[str, int]:
    found: dict[str, int] = {}
    for segment in followed.mirror.state.segments:
        for one in segment.rows():
            assert one == word(one.form, one.docs)
            found[one.form] = found.get(one.form, 0) + one.docs
    return found


def test_a_mirror_follows_a_words_index(cluster: Cluster) -> None:
    assert known(follow(cluster, 9)) == {}
    add(cluster, [word(f"слово{number}", 1) for number in range(60)])
    followed = follow(cluster, 9)
    assert known(followed) == {f"слово{number}": 1 for number in range(60)}
    before = followed.mirror.state
    assert follow(cluster, 9, followed).mirror.state is before
    add(cluster, [word("new", 2)])
    cluster.bulk(cluster.words, set_operation("слово1", 1, 5) + set_operation("слово2", 1, 0))
    followed = follow(cluster, 9, followed)
    expected = {**{f"слово{number}": 1 for number in range(60)}, "слово1": 5, "new": 2}
    assert known(followed) == expected
    # Another process reads what is kept, and asks for no word.
    other = follow(cluster, 9)
    assert known(other) == expected and other.mirror.state.checkpoint == followed.mirror.state.checkpoint
    assert other.mirror is not followed.mirror


def test_words_that_are_made_anew_are_read_anew(cluster: Cluster) -> None:
    add(cluster, [word(f"слово{number}", 1) for number in range(5)])
    followed = follow(cluster, 9)
    begin(cluster, 2)
    add(cluster, [word("other", 3)])
    again = follow(cluster, 9, followed)
    assert known(again) == {"other": 3}
    assert known(followed) == {f"слово{number}": 1 for number in range(5)}
    assert known(follow(cluster, 9)) == {"other": 3}


def test_the_words_of_a_document_that_replaces_another_are_known(
    opensearch: list[str], cluster_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document is first counted as a new one, and then not. So its new words are said to have no documents."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    address = f"{opensearch[0]}/{cluster_name}"
    for text in ("books and cats", "books and квазитроны"):
        with ClusterWriter(address) as writer:
            writer.add(Document(id="1", title="", text=text))
            writer.commit()
    with connect(address) as cluster:
        followed = follow(cluster, 1)
    facts = StateFacts(directory="", roots={}, doc_count=1, generation=1, schema={}, store_texts=True, fingerprint="")
    counts = KeyCounts()
    words = WordsCollection(facts, followed.mirror.state.segments, counts)
    (key, *_), _ = words.known_form("квазитроны") or ((), "")
    assert words.doc_freq((key,)) == 1 and "квазитроны" in words.forms_of_keys((key,))
    # What is gone stays known until the cluster says that no document has it.
    assert not words.settled({"cat": 0}).knows_key("cat")


def test_a_damaged_mirror_is_told_once_and_read_anew(
    opensearch: list[str], cluster_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    address = f"{opensearch[0]}/{cluster_name}"
    with ClusterWriter(address) as writer:
        writer.add(Document(id="1", title="", text="books and cats"))
        writer.commit()
    ClusterSearcher(address).close()
    (file,) = tmp_path.rglob("0.words")
    data = file.read_bytes()
    place = data.index(b"book\n")
    file.write_bytes(data[:place] + b"\xff\xff" + data[place + 2 :])
    with ClusterSearcher(address) as searcher:
        with pytest.raises(IndexDamaged, match="read anew, so ask again"):
            searcher.search("books")
        assert searcher.search("books").total == searcher.search("book").total == 1
    with ClusterSearcher(address) as searcher:
        assert searcher.search("books").total == 1
