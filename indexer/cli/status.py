"""The command `status`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from ..messages import Message, message, told
from ..opensearch.address import is_address
from ..printable import counted, dumps, printable, size_of
from .folders import state_of
from .options import index_option, json_option
from .reporting import relative
from .saying import kept, say

_LABELS = {
    "index": message("index"),
    "documents": message("documents"),
    "dates": message("dates"),
    "size": message("size"),
    "committed": message("committed"),
    "cluster": message("cluster"),
    "folder": message("folder"),
    "field": message("field"),
    "format": message("format"),
    "analysis": message("analysis"),
    "core": message("core"),
    "damaged": message("damaged"),
}

_WIDTH = 12  # of the column of labels, unless one is longer

# What a date was taken from -> what is said of so many.
_DATED: dict[str, Callable[[int], Message]] = {
    "given": lambda count: message("{count:,} by applications", count=count),
    "metadata": lambda count: message("{count:,} from front matter and properties", count=count),
    "header": lambda count: message("{count:,} from headers", count=count),
    "name": lambda count: message("{count:,} from names of files", count=count),
    "mtime": lambda count: message("{count:,} from file times", count=count),
    "none": lambda count: message("{count:,} without a date", count=count),
}


@click.command("status", short_help="Show what is in the index.")
@index_option
@click.option("--skipped", is_flag=True, help="Name each file of its folders that is left out, and why.")
@json_option
def status_command(directory: Path | str, skipped: bool, as_json: bool) -> None:
    """Show what is in the index: documents, languages, size, folders, and whether it is up to date."""
    if skipped:
        left_out = _skipped(directory)
        if as_json:
            click.echo(dumps({"v": 1, "skipped": [{"path": path, "reason": reason} for path, reason in left_out]}))
        else:
            for path, reason in left_out:
                say(message("{path}: {reason}", path=relative(path), reason=kept(reason)))
        return
    in_cluster = is_address(directory)
    status = _status(directory)
    if as_json:
        click.echo(dumps({"v": 1, **status}))
        return
    _row("index", status["index"])
    languages = ", ".join(f"{name} {count:,}" for name, count in status["languages"].items()) or message("none")
    _row("documents", message("{count:,} ({languages})", count=status["documents"], languages=languages))
    if status["documents"]:
        _row("dates", ", ".join(told(_DATED[name](count)) for name, count in status["date_sources"].items()))
    for label, text in _in_cluster(status) if in_cluster else _in_directory(status):
        _row(label, text)
    for root in status["roots"]:
        _row("folder", message("{path} ({state})", path=root["path"], state=state_of(root)))
    for one in status["fields"]:
        _row("field", _field(one))
    if status["format"] < status["newest_format"]:
        _row(
            "format",
            message(
                "{format}, the newest is {newest}: `naidi index --upgrade` brings it up to date",
                format=status["format"],
                newest=status["newest_format"],
            ),
        )
    else:
        _row("format", str(status["format"]))
    outdated = message("of another version: `naidi index --upgrade` brings it up to date")
    _row("analysis", outdated if status["outdated"] else message("current"))
    _row("core", status["core"])
    if status.get("damage"):
        _row("damaged", status["damage"], err=True)


def _row(label: str, text: str, *, err: bool = False) -> None:
    """A line that begins with one of `_LABELS`."""
    width = max(len(told(each)) for each in _LABELS.values()) + 2
    click.echo(f"{told(_LABELS[label]):<{max(width, _WIDTH)}}{printable(told(text))}", err=err)


def _status(place: Path | str) -> dict[str, Any]:
    if is_address(place):
        from ..opensearch.status import cluster_status

        return cluster_status(str(place))
    from ..status import index_status

    return index_status(Path(place))


def _skipped(place: Path | str) -> list[tuple[str, str]]:
    if is_address(place):
        from ..opensearch.preview import skipped_files as skipped_of_cluster

        return skipped_of_cluster(str(place))
    from ..status import skipped_files

    return skipped_files(Path(place))


def _in_directory(status: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    size, text, segments = size_of(status["bytes"]), status["text_bytes"], counted(status["segments"], "segment")
    if text:
        ratio = status["bytes"] / text
        of_text = {"ratio": ratio, "text": size_of(text)}
        yield (
            "size",
            message("{size}, {ratio:.2f} x the text ({text}), {segments}", size=size, segments=segments, **of_text),
        )
    else:
        yield "size", message("{size}, {segments}", size=size, segments=segments)
    yield (
        "committed",
        message("{moment}, generation {generation}", moment=status["created"], generation=status["generation"]),
    )


def _in_cluster(status: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    of_words = {
        "size": size_of(status["bytes"]),
        "shards": counted(status["shards"], "shard"),
        "replicas": counted(status["replicas"], "replica"),
        "forms": counted(status["words"], "form of words"),
    }
    if status["bytes"] == status["bytes_all"]:
        yield "size", message("{size}, {shards}, {replicas}, {forms}", **of_words)
    else:
        whole = size_of(status["bytes_all"])
        yield "size", message("{size}, {whole} with all copies, {shards}, {replicas}, {forms}", whole=whole, **of_words)
    nodes = counted(status["nodes"], "node")
    yield (
        "cluster",
        message(
            "{health}, {nodes}, OpenSearch {server}", health=status["health"], nodes=nodes, server=status["server"]
        ),
    )


def _field(one: Mapping[str, Any]) -> Message:
    documents = counted(one["documents"], "document")
    if one["values"] is None:
        return message("{name} ({kind}, {documents})", name=one["name"], kind=one["kind"], documents=documents)
    return message(
        "{name} ({kind}, {documents}, {values})",
        name=one["name"],
        kind=one["kind"],
        documents=documents,
        values=counted(one["values"], "value"),
    )
