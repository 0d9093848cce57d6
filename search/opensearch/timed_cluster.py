"""A cluster that is not waited for longer than a question may take."""

from __future__ import annotations

from naidi.indexer.errors import ClusterUnavailable
from naidi.indexer.opensearch.cluster import TRIES, Cluster
from naidi.indexer.typed import TYPE_CHECKING, Any

from ..budget import TimeUp, check, is_up, time_left

if TYPE_CHECKING:
    from collections.abc import Mapping


class TimedCluster(Cluster):
    """The cluster as searches ask it. Where a question has a limit of time, each request ends with it, and raises TimeUp."""

    def __init__(self, cluster: Cluster, documents: str) -> None:
        """
        Parameters:
          cluster: whose connections are used.
          documents: the index that stands for the documents: what their alias means may change at any time.
        """
        self.__dict__.update(cluster.__dict__)
        self.documents = documents

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        tries: int = TRIES,
        timeout: float | None = None,
        missing: bool = False,
        **params: Any,
    ) -> Any:
        left = time_left()
        if left is None:
            return super().ask(method, path, body, tries=tries, timeout=timeout, missing=missing, **params)
        longest = self.address.timeout if timeout is None else timeout
        while True:
            check()
            wait = min(longest, max(time_left() or 0.0, _SHORTEST))
            tries -= 1
            try:
                return super().ask(method, path, body, tries=1, timeout=wait, missing=missing, **params)
            except ClusterUnavailable:
                if is_up():
                    raise TimeUp from None
                if tries <= 0:
                    raise


# Seconds; the client takes no 0.
_SHORTEST = 0.001
