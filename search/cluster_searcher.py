"""A searcher for an index in an OpenSearch cluster. It answers as the searcher of a folder does."""

from __future__ import annotations

import os
import time

from naidi.indexer.errors import InvalidQuery, NotSupported
from naidi.indexer.late import Lock, suppress
from naidi.indexer.opensearch.address import ClusterAddress
from naidi.indexer.typed import TYPE_CHECKING

from .opensearch.opened import OpenedCluster
from .opensearch.state import OpenSearchState
from .ranking.bm25 import RankingParameters
from .searcher import Searcher, is_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from types import TracebackType

    from naidi.indexer.fields import Field
    from naidi.indexer.state.generations import Generation

    from .answer import Answer
    from .index_state import IndexState
    from .question import Question


class _State:
    """An open state of a cluster's index, in the place of the state of a folder's.

    The core has no words of it, so that plain queries are answered as all others are.
    """

    known_words = None
    plain_answers = None

    def __init__(self, opened: OpenedCluster) -> None:
        self.opened = opened
        self.collection = opened.words


class _Searching:
    """One search. Nothing in a cluster is told as damage of files."""

    __slots__ = ("_index",)

    def __init__(self, index: OpenSearchState) -> None:
        self._index = index

    def __enter__(self) -> IndexState:
        return self._index

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return
