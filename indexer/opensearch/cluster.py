"""The cluster: asks it, tries again what may pass, and turns each of its errors into one of naidi.

This is the only room that knows the package opensearch-py. It is imported when a cluster is asked.
"""

from __future__ import annotations

import json
import logging
import os
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple

from ..errors import (
    ClusterRefused,
    ClusterUnavailable,
    IndexMissing,
    IndexOutdated,
    NaidiError,
    NotSupported,
)
from ..messages import message
from .address import ClusterAddress
from .refusals import error_of, is_lasting, is_passing, refusal, unreachable

TRIES = 5
"""How often a request is sent at most."""
BULK_TRIES = 12
"""The same for documents: a busy cluster is waited for, about a minute."""
OLDEST_SERVER = (2, 4)
"""The first version with points in time, as a scan needs them."""
KEEP_ALIVE = "2m"
SCAN_PAGE = 2_000
"""Hits that a scan fetches at once."""
_FIRST_PAUSE, _LONGEST_PAUSE, _LONGEST_BULK_PAUSE = 0.1, 3.0, 10.0
_GOT_AT_ONCE = 5_000
_PATIENCE = 60.0
_CONNECTIONS = 16  # to each node; threads of a search server share them
_NO_ID = 404


class ShardState(NamedTuple):
    """Which operations the primary of a shard knows, by their numbers; -1 for none.

    max_seq_no: the newest.
    global_checkpoint: all up to here are done on every copy.
    """

    max_seq_no: int
    global_checkpoint: int


class Cluster:
    """An index in a cluster, and whoever asks it. Threads may share it.

    address: where it is.
    documents, words: the aliases of its two indices.
    version: of the server, as (2, 19); empty if the user may not ask.
    """

    def __init__(self, address: ClusterAddress) -> None:
        """Raises NotSupported without opensearch-py, and what `connect` raises. Nothing is asked yet."""
        self.address = address
        self.documents = address.name
        self.words = f"{address.name}-words"
        self.version: tuple[int, ...] = ()
        self._transport = _transport(address)

    def check_server(self) -> None:
        """Raises IndexOutdated for a server that is no OpenSearch, or too old."""
        try:
            # Who types a wrong host should not wait long. Each host is asked, and one twice.
            told = self.ask("GET", "/", tries=1 + len(self.address.hosts)).get("version", {})
        except ClusterRefused as error:
            if "allow" in str(error):  # it may not ask for the version, but perhaps all else
                return
            raise
        number = str(told.get("number", ""))
        if told.get("distribution") != "opensearch":
            raise IndexOutdated(
                message(
                    "{place}: the server is no OpenSearch but says it is {number}",
                    place=self.address.shown,
                    number=number or "something else",
                )
            )
        self.version = tuple(int(part) for part in number.split("-")[0].split(".")[:2] if part.isdigit())
        if self.version < OLDEST_SERVER:
            oldest = ".".join(map(str, OLDEST_SERVER))
            raise IndexOutdated(
                message(
                    "{place}: the server is OpenSearch {number}; naidi needs {oldest} or newer",
                    place=self.address.shown,
                    number=number,
                    oldest=oldest,
                )
            )

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        tries: int = TRIES,
        longest_pause: float = _LONGEST_PAUSE,
        timeout: float | None = None,
        missing: bool = False,
        **params: Any,
    ) -> Any:
        """What the cluster answers.

        Parameters:
          method, path: of HTTP.
          body: JSON, or lines of JSON as bytes.
          tries: how often to send it, if that may help: 1 for what must not be done twice.
          longest_pause: seconds to wait between tries at most.
          timeout: seconds to wait for an answer; None for those of the address.
          missing: whether to return None if there is no such thing. Else IndexMissing or IndexProblem is raised.
          params: of the URL.

        Raises ClusterUnavailable, ClusterRefused, IndexUnwritable, IndexMissing or IndexProblem, as refusals.py tells them apart.
        """
        import opensearchpy

        asked = {name: _param(value) for name, value in params.items()}
        wait = self.address.timeout if timeout is None else timeout
        sent: Any = body if body is None or isinstance(body, bytes) else _line(body)
        for attempt in range(1, tries + 1):
            try:
                answer = self._transport.perform_request(method, path, params=asked or None, body=sent, timeout=wait)
                if not isinstance(answer, dict):
                    raise ValueError(answer)
                return answer
            except opensearchpy.exceptions.ConnectionError as error:
                if attempt == tries or is_lasting(error):
                    raise unreachable(self.address, error, attempt) from None
            except opensearchpy.exceptions.TransportError as error:
                status, told = _status(error.status_code), error.args[2] if len(error.args) > 2 else None
                told = error.args[1] if told is None and len(error.args) > 1 else told
                if missing and status == _NO_ID:
                    return None
                if attempt == tries or not is_passing(status, *error_of(told)):
                    raise refusal(self.address, status, told, attempt) from None
            except (opensearchpy.exceptions.SerializationError, AttributeError, TypeError, ValueError):
                # The client fails so where it meets an answer of another kind of server.
                raise ClusterUnavailable(
                    message("{place}: what answers is no OpenSearch", place=self.address.shown)
                ) from None
            _pause(attempt - 1, longest_pause)
        raise AssertionError("a request is sent at least once")

    # Searches.

    def search(self, index: str, body: Mapping[str, Any], **params: Any) -> dict[str, Any]:
        """The answer to a search; an error if a part of the index did not answer. `index` is empty for a point in time."""
        path = f"/{index}/_search" if index else "/_search"
        if not index:  # a point in time was opened for whole answers, and takes no such parameter
            answer = self.ask("POST", path, body, **params)
        else:
            answer = self.ask("POST", path, body, allow_partial_search_results=False, **params)
        return self._whole(answer)

    def msearch(self, index: str, bodies: Iterable[Mapping[str, Any]], **params: Any) -> list[dict[str, Any]]:
        """The answers to several searches, in their order. If one fails, its error is raised."""
        lines: list[str] = []
        for body in bodies:
            lines += ('{"allow_partial_search_results":false}', _text(body))
        if not lines:
            return []
        sent = "\n".join([*lines, ""]).encode("utf-8", "replace")
        for attempt in range(1, TRIES + 1):
            answers: list[dict[str, Any]] = self.ask("POST", f"/{index}/_msearch", sent, **params)["responses"]
            failed = next((one for one in answers if "error" in one), None)
            if failed is None:
                return [self._whole(one) for one in answers]
            status = int(failed.get("status", 500))
            if attempt == TRIES or not is_passing(status, *error_of(failed)):
                raise refusal(self.address, status, failed, attempt)
            _pause(attempt - 1)
        raise AssertionError("a request is sent at least once")

    def _whole(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Raises ClusterUnavailable for what is no answer, and for one of some shards alone: other hits would be lost silently."""
        shards = answer.get("_shards") if isinstance(answer, dict) else None
        if not isinstance(shards, dict):
            raise ClusterUnavailable(
                message(
                    "{place}: what answers is no OpenSearch: its answer is of another shape", place=self.address.shown
                )
            )
        if shards.get("failed"):
            failures = shards.get("failures") or [{}]
            _, reason = error_of(failures[0].get("reason", {}))
            raise ClusterUnavailable(
                message(
                    "{place}: {failed} of {total} parts of the index do not answer: {reason}",
                    place=self.address.shown,
                    failed=shards["failed"],
                    total=shards["total"],
                    reason=reason,
                )
            )
        return answer

    def mget(
        self, index: str, ids: Sequence[str], source: Sequence[str] | bool = True, *, without: Sequence[str] = ()
    ) -> list[dict[str, Any] | None]:
        """The stored parts of documents by `_id`, as they are now, committed or not; None for those that are not there.

        Parameters:
          source: which parts. To choose some takes the cluster four times as long as to give all.
          without: parts that are left out of all; that takes it half as long again.
        """
        fields: Any = source if isinstance(source, bool) else ",".join(source)
        chosen = {"_source_excludes": ",".join(without)} if without else {"_source": fields}
        found: list[dict[str, Any] | None] = []
        for start in range(0, len(ids), _GOT_AT_ONCE):
            wanted = {"ids": list(ids[start : start + _GOT_AT_ONCE])}
            for doc in self.ask("POST", f"/{index}/_mget", wanted, **chosen)["docs"]:
                if "error" in doc:
                    raise refusal(self.address, 404 if "not_found" in str(doc["error"]) else 503, doc)
                found.append(doc.get("_source", {}) if doc.get("found") else None)
        return found

    def get(self, index: str, doc_id: str) -> dict[str, Any] | None:
        """The stored part of a document by `_id`, as it is now; None if it is not there."""
        return self.mget(index, [doc_id])[0]

    def count(self, index: str, query: Mapping[str, Any]) -> int:
        """How many committed documents a query finds."""
        body = {"size": 0, "track_total_hits": True, "query": query}
        return int(self.search(index, body)["hits"]["total"]["value"])

    def scan(
        self,
        index: str,
        query: Mapping[str, Any] | None = None,
        *,
        source: Sequence[str] | bool = True,
        sort: str = "id",
        page: int = SCAN_PAGE,
        **body: Any,
    ) -> Iterator[dict[str, Any]]:
        """All hits of one state of an index, ascending by a field whose values are distinct.

        Parameters:
          query: which documents; None for all.
          source: what of the stored parts.
          sort: the field.
          page: how many hits are fetched at once.
          body: what else the search asks for, such as `docvalue_fields`.
        """
        opened = self.ask(
            "POST", f"/{index}/_search/point_in_time", keep_alive=KEEP_ALIVE, allow_partial_pit_creation=False
        )
        point: str = opened["pit_id"]
        asked: dict[str, Any] = {
            **body,
            "size": page,
            "query": {"match_all": {}} if query is None else query,
            "sort": [{sort: "asc"}],
            "track_total_hits": False,
            "_source": list(source) if not isinstance(source, bool) else source,
        }
        try:
            while True:
                answer = self.search("", {**asked, "pit": {"id": point, "keep_alive": KEEP_ALIVE}})
                point = answer.get("pit_id", point)
                hits = answer["hits"]["hits"]
                yield from hits
                if len(hits) < page:
                    return
                asked["search_after"] = hits[-1]["sort"]
        finally:
            with suppress(NaidiError):  # it ends by itself in two minutes
                self.ask("DELETE", "/_search/point_in_time", {"pit_id": [point]}, tries=1)

    # Writing.

    def bulk(self, index: str, lines: bytes, **params: Any) -> list[dict[str, Any]]:
        """What became of each operation: `_id`, `status`, `result` or `error`. lines: as the API takes them."""
        answer = self.ask(
            "POST",
            f"/{index}/_bulk",
            lines,
            # A node whose memory is full turns requests away until it has cleaned up.
            tries=BULK_TRIES,
            longest_pause=_LONGEST_BULK_PAUSE,
            filter_path="items.*._id,items.*.status,items.*.result,items.*.error",
            **params,
        )
        return [next(iter(item.values())) for item in answer.get("items", ())]

    def refresh(self, *indices: str) -> None:
        """Have searches see all that was written. Raises ClusterUnavailable if a part of an index does not take part."""
        self._whole(self.ask("POST", f"/{','.join(indices)}/_refresh", timeout=self._patience))

    # Indices and aliases.

    @property
    def _patience(self) -> float:
        """Seconds to wait for a change of the cluster as a whole."""
        return max(self.address.timeout, _PATIENCE)

    def create(self, index: str, body: Mapping[str, Any]) -> bool:
        """Make an index. Returns False if there is one of this name."""
        try:
            self.ask("PUT", f"/{index}", body, tries=1, timeout=self._patience)
        except NaidiError as error:
            if "already exists" in str(error):
                return False
            raise
        return True

    def indices_of(self, alias: str) -> list[str]:
        """The indices behind an alias, sorted; none if there is no such alias."""
        return sorted(self.ask("GET", f"/_alias/{alias}", missing=True) or ())

    def indices_like(self, pattern: str) -> list[str]:
        """The indices whose names fit a pattern with stars, sorted."""
        return sorted(self.ask("GET", f"/{pattern}", filter_path="*.aliases", missing=True) or ())

    def switch(self, changes: Sequence[tuple[str, Sequence[str], str]]) -> None:
        """Let aliases mean other indices, all at once. changes: (alias, indices that it meant, index that it will mean)."""
        actions: list[dict[str, Any]] = []
        for alias, before, after in changes:
            actions += [
                {"remove": {"index": index, "alias": alias, "must_exist": False}} for index in before if index != after
            ]
            actions.append({"add": {"index": after, "alias": alias}})
        self.ask("POST", "/_aliases", {"actions": actions}, timeout=self._patience)

    def drop(self, *indices: str) -> None:
        """Delete indices. Those that are not there do not matter."""
        for index in indices:
            self.ask("DELETE", f"/{index}", missing=True, timeout=self._patience)

    def mapping(self, alias: str) -> tuple[str, dict[str, Any]]:
        """(The index behind an alias, its mapping). Raises IndexMissing if there is none, IndexUnwritable if there are several."""
        found: dict[str, Any] = self.ask("GET", f"/{alias}/_mapping")
        if not found:
            raise IndexMissing(message("{place}: there is no such index in this cluster", place=self.address.shown))
        index = max(found, key=lambda name: (len(name), name))
        return index, found[index]["mappings"]

    def put_mapping(self, index: str, mapping: Mapping[str, Any]) -> None:
        """Add fields to the mapping of an index, and replace its notes."""
        self.ask("PUT", f"/{index}/_mapping", mapping, timeout=self._patience)

    def shard_states(self, index: str) -> dict[tuple[str, int], ShardState]:
        """(uuid of an index, number of the shard) -> its state. Raises ClusterUnavailable if a primary is missing."""
        kept = "indices.*.uuid,indices.*.shards.*.seq_no,indices.*.shards.*.routing.primary"
        for attempt in range(TRIES):
            states: dict[tuple[str, int], ShardState] = {}
            answer = self.ask("GET", f"/{index}/_stats/docs", level="shards", filter_path=kept)
            for one in answer.get("indices", {}).values():
                for number, copies in one.get("shards", {}).items():
                    for one_copy in copies:
                        if one_copy["routing"]["primary"] and "seq_no" in one_copy:
                            numbers = one_copy["seq_no"]
                            states[one["uuid"], int(number)] = ShardState(
                                numbers["max_seq_no"], numbers["global_checkpoint"]
                            )
            if states:
                return states
            # Its node was lost, and another copy takes its place.
            _pause(attempt)
        raise ClusterUnavailable(
            message(
                "{place}: the first copy of {index} does not answer, {tries} tries",
                place=self.address.shown,
                index=index,
                tries=TRIES,
            )
        )

    def state_token(self) -> str:
        """A text that changes with every change of documents or words, committed or not."""
        states = self.shard_states(f"{self.documents},{self.words}")
        return " ".join(f"{uuid}/{shard}:{state.max_seq_no}" for (uuid, shard), state in sorted(states.items()))

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(address: ClusterAddress | str) -> Cluster:
    """The cluster at an address, once it has answered.

    Raises InvalidAddress, ClusterUnavailable if it does not answer, ClusterRefused if it does not let this user in, IndexOutdated
    for a server that is no OpenSearch or too old, and NotSupported without the package opensearch-py. Whether there is an index,
    its mapping tells.
    """
    cluster = Cluster(ClusterAddress.of(address) if isinstance(address, str) else address)
    try:
        cluster.check_server()
    except BaseException:
        cluster.close()
        raise
    return cluster


def _transport(address: ClusterAddress) -> Any:
    try:
        from opensearchpy import OpenSearch
    except ImportError:
        raise NotSupported(
            message("{place}: this needs opensearch-py: pip install 'naidi[opensearch]'", place=address.shown)
        ) from None
    settings: dict[str, Any] = {"use_ssl": address.secure}
    if address.user is not None:
        settings["http_auth"] = (address.user, address.password or "")
    if address.secure and address.ca is not None:
        if not os.path.isfile(address.ca):
            raise ClusterRefused(
                message("{place}: the file of trusted authorities is missing: {ca}", place=address.shown, ca=address.ca)
            )
        settings["ca_certs"] = address.ca
    # It tells failures at a level at which Python prints them if nobody listens. They are told by errors.
    logging.getLogger("opensearch").addHandler(logging.NullHandler())
    # One try each: `ask` waits between tries, and tells how many there were. What failed is not asked first the next time.
    client = OpenSearch(
        [{"host": host.strip("[]"), "port": port} for host, port in address.hosts],
        max_retries=0,
        retry_on_timeout=True,
        retry_on_status=(502, 503, 504),
        timeout=address.timeout,
        pool_maxsize=_CONNECTIONS,
        **settings,
    )
    return client.transport


def _pause(attempt: int, longest: float = _LONGEST_PAUSE) -> None:
    """Wait before the next try. Without a share of chance, all that were turned away would come back at once."""
    time.sleep(min(_FIRST_PAUSE * 3**attempt, longest) * random.uniform(0.5, 1.0))


def _status(code: object) -> int:
    return code if isinstance(code, int) else 500


def _param(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def _text(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _line(body: Mapping[str, Any]) -> bytes:
    # A lone surrogate in a query is no letter of any document; the cluster would refuse the whole question.
    return _text(body).encode("utf-8", "replace")
