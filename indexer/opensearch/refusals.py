"""What an answer of a cluster that is an error means, as an error of naidi: one line, without the password."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..errors import (
    ClusterRefused,
    ClusterUnavailable,
    IndexMissing,
    IndexProblem,
    IndexUnwritable,
    NaidiError,
)
from ..messages import message
from .address import CA, PASSWORD, USER, ClusterAddress

PASSING = frozenset((429, 502, 503, 504))
"""Statuses that another try may not get."""
_LOST_NODE = frozenset(
    (
        "connect_transport_exception",
        "node_closed_exception",
        "node_disconnected_exception",
        "node_not_connected_exception",
        "receive_timeout_transport_exception",
        "send_request_transport_exception",
    )
)
"""What one node says of another that was lost while both worked on an answer. A copy elsewhere gives it the next time. If that
happens as hits are fetched, the cluster does not try a copy by itself, and answers 500."""
_LONGEST_REASON = 300
_LEAST_SECRET = 3
# A setting or a query needs a plugin that the server has as delivered: what it says without -> the plugin.
_PLUGINS = (
    ("filter type [", "analysis-common"),
    ("tokenizer type [", "analysis-common"),
    ("unknown similarity type", "analysis-common"),
    ("script_lang not supported", "lang-painless"),
    ("[painless] scripts", "lang-painless"),
)
_NO_SCRIPTS = ("cannot execute [inline] scripts", "cannot execute scripts using")


class RequestTooLarge(IndexProblem):
    """The cluster does not take a request of this size."""


def without_secrets(address: ClusterAddress, text: str) -> str:
    """The text in one line, without the password in any of the ways in which it may be written."""
    secrets = [address.password or ""]
    if address.password:
        secrets += [quote(address.password, safe=""), b64encode(f"{address.user}:{address.password}".encode()).decode()]
    for secret in secrets:
        if len(secret) >= _LEAST_SECRET:
            text = text.replace(secret, "***")
    return " ".join(text.split())


def error_of(info: Any) -> tuple[str, str]:
    """(type, reason) of the error in an answer, or in an item of one; the innermost reason that is told."""
    error = info.get("error", info) if isinstance(info, Mapping) else info
    if not isinstance(error, Mapping):
        return "", str(error or "")
    kind, reason = str(error.get("type", "")), str(error.get("reason") or "")
    roots = error.get("root_cause") or ()
    cause: Any = roots[0] if roots and isinstance(roots[0], Mapping) else error
    for _ in range(10):
        inner = cause.get("caused_by")
        if not isinstance(inner, Mapping):
            break
        cause = inner
    if cause is not error and cause.get("reason"):
        inner_reason = str(cause["reason"])
        reason = (
            inner_reason if kind == "search_phase_execution_exception" or not reason else f"{reason}: {inner_reason}"
        )
        if kind == "search_phase_execution_exception" and cause.get("type"):
            kind = str(cause["type"])
    parts = dict.fromkeys(reason.split(": "))  # a cause is often told twice
    return kind, ": ".join(parts)


def is_passing(status: int, kind: str, reason: str) -> bool:
    """Whether another try may go better: overload and nodes that are gone pass, a full disk does not within seconds."""
    return (status in PASSING or kind in _LOST_NODE) and not _is_read_only(kind, reason)


def _is_read_only(kind: str, reason: str) -> bool:
    return kind == "cluster_block_exception" and "read-only" in reason


def refusal(address: ClusterAddress, status: int, info: Any, tries: int = 1) -> NaidiError:
    """The error that an answer stands for.

    Parameters:
      status: of HTTP.
      info: the answer, or what it has for one item.
      tries: how often it was asked.
    """
    kind, reason = error_of(info)
    told = without_secrets(address, reason or kind)[:_LONGEST_REASON]
    where = address.shown
    times = message(", {tries} tries", tries=tries) if tries > 1 else ""
    if _is_read_only(kind, reason):
        why = message("its disks are full (flood stage)") if "flood-stage" in reason else message("they are set so")
        return IndexUnwritable(
            message("{where}: the cluster has made indices read-only: {why}: {told}", where=where, why=why, told=told)
        )
    if status == 401:
        if address.user is None:
            return ClusterRefused(
                message(
                    "{where}: the cluster asks for a user and a password: give ${user} and ${password}",
                    where=where,
                    user=USER,
                    password=PASSWORD,
                )
            )
        return ClusterRefused(message("{where}: the cluster does not know this user and password", where=where))
    if status == 403:
        return ClusterRefused(
            message("{where}: the cluster does not allow this: {told}", where=where, told=told or "forbidden")
        )
    if kind == "index_not_found_exception":
        return IndexMissing(
            message("{where}: there is no such index in this cluster; a Writer or `naidi index` makes it", where=where)
        )
    lowered = f"{kind} {reason}".lower()
    for words, plugin in _PLUGINS:
        if words in lowered and ("unknown" in lowered or "not supported" in lowered or "failed to find" in lowered):
            return ClusterUnavailable(
                message(
                    "{where}: the cluster lacks the plugin {plugin}, which naidi needs: {told}",
                    where=where,
                    plugin=plugin,
                    told=told,
                )
            )
    if any(words in lowered for words in _NO_SCRIPTS):
        return ClusterUnavailable(
            message(
                "{where}: the cluster does not run inline scripts, which naidi needs: {told}", where=where, told=told
            )
        )
    if status == 413:
        return RequestTooLarge(
            message("{where}: the cluster takes no request so large (http.max_content_length)", where=where)
        )
    if status == 429:
        return ClusterUnavailable(
            message("{where}: the cluster has too much to do{times}: {told}", where=where, times=times, told=told)
        )
    if kind in (
        "search_phase_execution_exception",
        "no_shard_available_action_exception",
        "unavailable_shards_exception",
    ):
        return ClusterUnavailable(
            message("{where}: not all parts of the index answer{times}: {told}", where=where, times=times, told=told)
        )
    if status >= 500:
        return ClusterUnavailable(
            message(
                "{where}: the cluster answers {status}{times}: {told}",
                where=where,
                status=status,
                times=times,
                told=told or "without a reason",
            )
        )
    return IndexProblem(
        message(
            "{where}: the cluster answers {status}: {told}", where=where, status=status, told=told or "without a reason"
        )
    )


def unreachable(address: ClusterAddress, error: BaseException, tries: int) -> NaidiError:
    """The error for a connection that failed."""
    where = address.shown
    failure = _tls_failure(error)
    if failure is not None:
        told = without_secrets(address, failure)[:_LONGEST_REASON]
        return ClusterRefused(
            message(
                "{where}: TLS failed: {told}; trusted are the authorities in {ca}",
                where=where,
                told=told,
                ca=address.ca or message("?ca= or ${variable}", variable=CA),
            )
        )
    times = message(", {tries} tries", tries=tries) if tries > 1 else ""
    if _is_timeout(error):
        return ClusterUnavailable(
            message("{where}: no answer within {timeout:g} s{times}", where=where, timeout=address.timeout, times=times)
        )
    return ClusterUnavailable(
        message(
            "{where}: cannot be reached{times}: {address}",
            where=where,
            times=times,
            address=without_secrets(address, _innermost(error))[:_LONGEST_REASON],
        )
    )


def _chain(error: BaseException) -> list[BaseException]:
    """An error with all that have led to it."""
    found: list[BaseException] = []
    waiting: list[BaseException] = [error]
    while waiting and len(found) < 20:
        one = waiting.pop(0)
        if one in found:
            continue
        found.append(one)
        waiting += [each for each in (*one.args, one.__cause__, one.__context__) if isinstance(each, BaseException)]
    return found


def _tls_failure(error: BaseException) -> str | None:
    import ssl

    for one in _chain(error):
        if isinstance(one, (ssl.SSLError, ssl.CertificateError)):
            return getattr(one, "verify_message", None) or one.reason or str(one)
    return None


def is_lasting(error: BaseException) -> bool:
    """Whether a connection will fail the next time as well."""
    return _tls_failure(error) is not None


def _is_timeout(error: BaseException) -> bool:
    return any(isinstance(one, TimeoutError) or "Timeout" in type(one).__name__ for one in _chain(error))


def _innermost(error: BaseException) -> str:
    """What the system said."""
    for one in _chain(error):
        if isinstance(one, OSError) and one.strerror:
            return one.strerror
    told = [str(one.args[-1]) for one in _chain(error) if one.args and not isinstance(one.args[-1], BaseException)]
    return told[-1] if told else type(error).__name__
