"""A searcher for an index in an OpenSearch cluster. It answers as the searcher of a folder does."""

from __future__ import annotations

import functools
import os
import time

from naidi.indexer.errors import IndexMissing, IndexProblem, InvalidQuery, NotSupported
from naidi.indexer.late import Lock
from naidi.indexer.messages import message
from naidi.indexer.opensearch.address import ClusterAddress
from naidi.indexer.typed import TYPE_CHECKING, TypeVar

from .budget import TimeUp
from .opensearch.opened import OpenedCluster
from .opensearch.state import OpenSearchState
from .ranking.bm25 import RankingParameters
from .searcher import OpenState, Searcher, is_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from types import TracebackType
    from typing import Any, Concatenate, ParamSpec

    from naidi.indexer.fields import Field
    from naidi.indexer.state.generations import Generation

    from .answer import Answer
    from .index_state import IndexState
    from .question import Question
    from .suggest.suggest import Completion

    Parameters = ParamSpec("Parameters")

Given = TypeVar("Given")


class _State(OpenState):
    """An open state of a cluster's index. The core has no words of it, so plain queries are answered as all others are."""

    def __init__(self, opened: OpenedCluster) -> None:
        super().__init__(opened.words, f"state {opened.generation}")
        self.opened = opened


class _Searching:
    """One search. What is damaged can only be what this machine keeps of the words."""

    __slots__ = ("_index", "_opened")

    def __init__(self, index: OpenSearchState, opened: OpenedCluster) -> None:
        self._index = index
        self._opened = opened

    def __enter__(self) -> IndexState:
        return self._index

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._opened.blame(error)


# How often a question is answered at most until its corrections rest on no guess.
_ANSWERS = 3
# How often a question follows an index that is made anew, at most.
_MOVES = 3


def _following(asked: Callable[Concatenate[Any, Parameters], Given]) -> Callable[Concatenate[Any, Parameters], Given]:
    """The method, asked again where the index turns out to be gone and another one is in its place."""

    def again(self: Any, /, *arguments: Parameters.args, **options: Parameters.kwargs) -> Given:
        for _ in range(_MOVES):
            state = self._current
            try:
                return asked(self, *arguments, **options)
            except IndexProblem as error:
                # Whoever asks while the index goes is told of searches that ended, and other things.
                if type(error) not in (IndexMissing, IndexProblem) or not self.follow(state):
                    raise
        return asked(self, *arguments, **options)

    functools.update_wrapper(again, asked)
    return again


class ClusterSearcher(Searcher):
    """Answers queries from an index in a cluster. Threads may share it.

    It is asked as a Searcher is, and gives the same results. Documents are those that the cluster has at the moment. What is known
    of all documents, such as how rare a word is, is of the state that was opened, until `refresh`.
    """

    def __init__(
        self,
        address: str,
        *,
        parameters: RankingParameters | None = None,
        refresh_every: float | None = None,
        asks_twice: bool = True,
    ) -> None:
        """
        Parameters:
          address: `https://host:9200/name`; see docs/cluster.md.
          parameters: of the ranking; None for the tuned ones.
          refresh_every: as for a Searcher.
          asks_twice: whether the best documents are asked for once more, so that neighbours of the query count that are neighbours
            there, too. Without it a search takes one request less.

        Raises IndexMissing, IndexOutdated, ClusterUnavailable, ClusterRefused, NotSupported, and InvalidQuery for seconds below 0.
        """
        if refresh_every is not None and not is_interval(refresh_every):
            raise InvalidQuery(
                message(
                    "refresh_every must be a number of seconds from 0, not {refresh_every}",
                    refresh_every=repr(refresh_every),
                )
            )
        self._address = ClusterAddress.of(address)
        self._directory = self._address.shown
        self._parameters = parameters or RankingParameters()
        self._asks_twice = asks_twice
        self._lock = Lock()
        self._pid = os.getpid()
        self._refresh_every = refresh_every
        self._told_fault = ""
        self._look_at = 0.0
        started = time.perf_counter()
        self._current: OpenState | None = self._open(None)
        self._tell("opened", self._current, started)
        self._looked()

    def _open(self, before: OpenState | None) -> OpenState:
        return _State(OpenedCluster(self._address, before.opened if isinstance(before, _State) else None))

    @property
    def directory(self) -> None:
        return None

    @property
    def generation(self) -> Generation:
        """Raises NotSupported: an index in a cluster has no files of its own."""
        raise NotSupported(
            message("{directory}: an index in a cluster has no generation of files", directory=self._directory)
        )

    @property
    def schema(self) -> dict[str, Field]:
        return dict(self._open_state().documents.schema)

    @property
    def doc_count(self) -> int:
        return self._open_state().words.doc_count

    def _open_state(self) -> OpenedCluster:
        state = self._asked()
        assert isinstance(state, _State)
        return state.opened

    def _searching(self, question: Question | None = None) -> AbstractContextManager[IndexState]:
        opened = self._open_state()
        index = OpenSearchState(opened, self._parameters, asks_twice=self._asks_twice)
        if question is not None:
            try:
                index.prepare(question)
            except Exception as error:
                opened.blame(error)
                raise
        return _Searching(index, opened)

    def _answer(self, index: IndexState, question: Question, *, count_all: bool, tell: bool, explained: bool) -> Answer:
        assert isinstance(index, OpenSearchState)
        for _ in range(_ANSWERS - 1):
            answer = super()._answer(index, question, count_all=count_all, tell=tell, explained=explained)
            # The corrections may rest on guesses: how frequent a word is that is offered.
            if not tell or not self._learnt(index):
                return answer
        return super()._answer(index, question, count_all=count_all, tell=tell, explained=explained)

    @staticmethod
    def _learnt(index: OpenSearchState) -> bool:
        """Whether a guess was wrong, and there is time to answer again."""
        try:
            return index.learn()
        except TimeUp:
            return False

    def _complete(self, index: IndexState, question: Question, found: list[Completion]) -> None:
        assert isinstance(index, OpenSearchState)
        for _ in range(_ANSWERS - 1):
            super()._complete(index, question, found)
            if not index.learn():
                return
            found.clear()
        super()._complete(index, question, found)

    def ids(self) -> Iterator[str]:
        with self._searching() as index:
            return index.ids()

    def _move_on(self, old: OpenState, warm: Sequence[str]) -> bool:
        assert isinstance(old, _State)
        if old.opened.is_newest():
            return False
        started = time.perf_counter()
        new = self._open(old)
        if warm:
            self._warm(new, warm)
        self._current = new
        self._tell("moved on to", new, started)
        return True

    # An index that was made anew takes the place of the one before, which is gone.
    search = _following(Searcher.search)
    search_ids = _following(Searcher.search_ids)
    similar = _following(Searcher.similar)
    suggest = _following(Searcher.suggest)
    highlight = _following(Searcher.highlight)
    snippets = _following(Searcher.snippets)
    get = _following(Searcher.get)
    __contains__ = _following(Searcher.__contains__)

    def follow(self, before: OpenState | None) -> bool:
        """Move on to the newest state, if nobody else has moved on from `before`. Returns whether there is another one."""
        with self._changing():
            state = self._opened()
            return state is not before or self._move_on(state, ())

    def close(self) -> None:
        with self._changing():
            state, self._current = self._current, None
        if isinstance(state, _State):
            state.opened.cluster.close()
