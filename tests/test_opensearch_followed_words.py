"""Does the mirror follow the words index of a real cluster?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from naidi.indexer.opensearch.cluster import Cluster, connect
from naidi.indexer.opensearch.mapping import words_body
from naidi.indexer.opensearch.word_writer import create_operation, set_operation
from naidi.indexer.opensearch.words import Word
from naidi.search.opensearch.followed_words import FollowedWords, follow

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
    expected = {**{f"слово{number}": 1 for number in range(60) if number != 2}, "слово1": 5, "new": 2}
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
