"""Sends operations in bulk: in requests that are not too large, and again what the cluster could not take yet."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ..errors import IndexMissing
from ..messages import message
from .cluster import BULK_TRIES, Cluster
from .refusals import RequestTooLarge, error_of, is_passing, refusal

# A node takes 100 MB at most as it is delivered. Requests beyond 5 to 15 MB are no quicker.
REQUEST_BYTES = 5_000_000
REQUEST_OPERATIONS = 5_000
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0
_LEAST_TIMEOUT = 120.0  # seconds; a request that is given up is sent again, and makes more work


class Outcome(NamedTuple):
    """What became of an operation.

    status: as of HTTP: 200 and 201 are done, 404 was not there, 409 is there already or in a newer version, others are errors.
    result: "created", "updated", "deleted" or "not_found"; empty for an error.
    kind, reason: of the error.
    """

    status: int
    result: str
    kind: str
    reason: str

    @property
    def is_refused(self) -> bool:
        """Whether the cluster did not take it for what it is."""
        return self.status >= 400 and self.status not in (404, 409)


def send(cluster: Cluster, index: str, operations: Sequence[bytes], *, is_alias: bool = True) -> list[Outcome]:
    """Send operations, each its lines of the bulk API. Returns what became of each.

    Parameters:
      index: where they go.
      is_alias: whether that is an alias. A cluster would make an index of its own kind for a name that is gone.

    Raises ClusterUnavailable if the cluster does not take an operation after many tries, IndexUnwritable for a read-only index,
    IndexMissing if it is gone. Operations before are done then, perhaps some behind too.
    """
    outcomes: list[Outcome] = []
    for first, last in _requests(operations):
        outcomes += _sent(cluster, index, operations[first:last], is_alias)
    return outcomes


def _requests(operations: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    first = size = 0
    for place, operation in enumerate(operations):
        if place > first and (size + len(operation) > REQUEST_BYTES or place - first >= REQUEST_OPERATIONS):
            yield first, place
            first, size = place, 0
        size += len(operation)
    if first < len(operations):
        yield first, len(operations)


def _sent(cluster: Cluster, index: str, operations: Sequence[bytes], is_alias: bool) -> list[Outcome]:
    try:
        return _sent_at_once(cluster, index, operations, is_alias)
    except RequestTooLarge as error:
        if len(operations) == 1:
            return [Outcome(413, "", "too_large", str(error))]
    middle = len(operations) // 2
    return [
        outcome
        for half in (operations[:middle], operations[middle:])
        for outcome in _sent(cluster, index, half, is_alias)
    ]


def _sent_at_once(cluster: Cluster, index: str, operations: Sequence[bytes], is_alias: bool) -> list[Outcome]:
    found: list[Outcome | None] = [None] * len(operations)
    waiting = list(range(len(operations)))
    pause = _FIRST_PAUSE
    timeout = max(cluster.address.timeout, _LEAST_TIMEOUT)
    for attempt in range(1, BULK_TRIES + 1):
        lines = b"".join([operations[place] for place in waiting])
        items = cluster.bulk(index, lines, timeout=timeout, require_alias=is_alias)
        again: list[int] = []
        for place, item in zip(waiting, items, strict=True):
            outcome = _outcome(item)
            if outcome.status < 400 or not is_passing(outcome.status, outcome.kind, outcome.reason):
                found[place] = outcome
                _raise_for_all(cluster, outcome, item)
            elif attempt == BULK_TRIES:
                raise refusal(cluster.address, outcome.status, item, attempt)
            else:
                again.append(place)
        if not again:
            break
        waiting = again
        time.sleep(pause * random.uniform(0.5, 1.0))
        pause = min(2 * pause, _LONGEST_PAUSE)
    return [outcome for outcome in found if outcome is not None]


def _outcome(item: dict[str, Any]) -> Outcome:
    kind, reason = error_of(item) if "error" in item else ("", "")
    return Outcome(int(item["status"]), str(item.get("result", "")), kind, reason)


def _raise_for_all(cluster: Cluster, outcome: Outcome, item: dict[str, Any]) -> None:
    """Raise an error that is not of the one operation alone."""
    if outcome.kind == "index_not_found_exception":
        raise IndexMissing(message("{place}: the index was removed from the cluster", place=cluster.address.shown))
    if outcome.kind == "cluster_block_exception" or outcome.status in (401, 403):
        raise refusal(cluster.address, outcome.status, item)
