"""Opens an index for searching, wherever it is: in a directory, or in an OpenSearch cluster.

The room of clusters is loaded for an address alone.
"""

from __future__ import annotations

from abc import ABCMeta

from naidi.indexer.late import path_text
from naidi.indexer.messages import message
from naidi.indexer.typed import TYPE_CHECKING

from .searcher import Searcher as DirectorySearcher

if TYPE_CHECKING:
    import os
    from pathlib import Path
    from typing import Any, TypeGuard

    from typing_extensions import Self

    from .ranking.bm25 import RankingParameters


class Searcher(DirectorySearcher, metaclass=ABCMeta):
    """Answers queries from one state of an index. `refresh` moves on to a newer state. Threads may share a searcher.

    With the address of a cluster, `Searcher("https://host:9200/name")` is one for the index there.
    """

    def __init__(
        self,
        directory: str | Path,
        *,
        parameters: RankingParameters | None = None,
        refresh_every: float | None = None,
        asks_twice: bool = True,
    ) -> None:
        """
        Parameters:
          directory: of the index, or the address of an index in a cluster. An index of another analysis answers, with a warning in
            the results.
          parameters: of the ranking; None for the tuned ones.
          refresh_every: seconds. When it is asked, it looks for a newer state, at most this often. See `open_index`.
          asks_twice: whether a search asks a cluster for the best documents once more, so that neighbours of the query count that
            are neighbours there, too. Without it a search is sooner done.

        Raises IndexMissing, IndexDamaged or IndexOutdated. The message says what to do. Raises InvalidQuery for seconds below 0.
        Of a cluster, raises InvalidAddress, ClusterUnavailable, ClusterRefused, and NotSupported without opensearch-py. Raises
        TypeError if it is False for a directory.
        """
        if not asks_twice:
            raise TypeError("asks_twice is of an index in a cluster; one in a directory is always exact")
        super().__init__(directory, parameters=parameters, refresh_every=refresh_every)

    def __new__(cls, directory: str | Path, *arguments: Any, **options: Any) -> Self:
        if not _is_address(directory):
            return super().__new__(cls)
        from naidi.indexer.errors import NotSupported
        from naidi.indexer.opensearch.address import shown_place

        from .cluster_searcher import ClusterSearcher

        if cls is not Searcher:
            raise NotSupported(
                message(
                    "{directory}: {name} is a Searcher of directories; Searcher itself is for both",
                    directory=shown_place(directory),
                    name=cls.__name__,
                )
            )
        if arguments:
            raise TypeError(f"Searcher takes one argument and options by name, but {1 + len(arguments)} were given")
        Searcher.register(ClusterSearcher)  # for `isinstance`
        searcher: Any = ClusterSearcher(directory, **options)
        return searcher  # type: ignore[no-any-return]


# `help` shows what it takes.
Searcher.__new__.__wrapped__ = Searcher.__init__  # type: ignore[attr-defined]


def _is_address(place: object) -> TypeGuard[str]:
    """As `is_address`, which is loaded for what looks like one alone."""
    if not isinstance(place, str) or "://" not in place:
        return False
    from naidi.indexer.opensearch.address import is_address

    return is_address(place)


def open_index(directory: str | os.PathLike[str] = "index_data", *, refresh_every: float | None = None) -> Searcher:
    """A searcher for the index in a directory, or in a cluster.

    Parameters:
      directory: of the index, or the address of an index in a cluster: `https://host:9200/name`, see docs/cluster.md.
      refresh_every: seconds; None for a searcher that moves on to newer states by `refresh` alone. With it, the searcher looks
        for a newer state when it is asked something, at most this often; 0 is each time. The thread that asks opens the newer
        state and answers from it. Meanwhile other threads are answered from the old one. A state that cannot be opened is logged
        as a warning under "naidi.search", and the old one goes on to answer. There is no thread that does this unasked.

    Raises IndexMissing, IndexDamaged or IndexOutdated, and InvalidQuery for seconds below 0. Of a cluster, raises what Searcher
    raises.
    """
    return Searcher(directory if _is_address(directory) else path_text(directory), refresh_every=refresh_every)
