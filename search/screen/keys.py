"""Which key does what? One table, for the help and for the last line of the screen.

A key is named as it is on the Latin layout. Where letters are commands, the Russian letter on the same key is the same command.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from naidi.indexer.messages import Message, message

Part = Literal["query", "list", "filters"]
"""What has the focus: the query line, the list of hits, or the filters."""

ACTIONS = (
    ("ctrl+c,ctrl+q", "leave"),
    ("ctrl+z", "suspend_process"),
    ("f1", "help"),
    ("f2,ctrl+f", "filters"),
    ("f3,ctrl+t", "view"),
    ("f4,ctrl+g", "mend"),
    ("f5,ctrl+o", "exact"),
    ("ctrl+n", "move(1)"),
    ("ctrl+p", "move(-1)"),
)
"""Keys that do the same whatever has the focus, with the actions of the application."""


class Help(NamedTuple):
    """keys: as they are shown; a message where they have names. does: what they do.

    short: the same in a word or two, for the last line; None if it is not there.
    """

    keys: str
    does: Message
    short: Message | None = None


def anywhere() -> Sequence[Help]:
    """Keys that always do the same."""
    return (
        Help("F1", message("this help; ? in the list"), message("keys")),
        Help("F2, Ctrl-F", message("filters: values of all documents found, with their numbers"), message("filters")),
        Help("F3, Ctrl-T", message("the preview alone, the list alone, or both"), message("view")),
        Help("F4, Ctrl-G", message("take the correction that is offered, or search for what was typed")),
        Help(
            "F5, Ctrl-O", message("search for the words as typed, without corrections and synonyms; or again with them")
        ),
        Help("Ctrl-N, Ctrl-P", message("the next hit, the one before")),
        Help("PgDn, PgUp", message("a page of hits farther, or back")),
        Help(
            "Enter",
            message("open the file at the word found: in $VISUAL or $EDITOR, a PDF at its page"),
            message("open"),
        ),
        Help("Ctrl-C, Ctrl-Q", message("quit"), message("quit")),
    )


def in_query() -> Sequence[Help]:
    """Keys of the query line."""
    return (
        Help("Tab", message("take a suggestion; again for the next one; without any, go to the list")),
        Help(message("Down"), message("go to the list"), message("hits")),
        Help(message("Up"), message("an earlier query; Down leads back"), message("history")),
        Help("Backspace", message("in an empty line: take away the last filter")),
        Help("Esc", message("empty the line; in an empty line: quit")),
    )


def in_list() -> Sequence[Help]:
    """Keys of the list of hits."""
    return (
        Help(message("j k, arrows"), message("the next hit, the one before; from the first, Up leads to the query")),
        Help("n N", message("the next word found in the preview, the one before"), message("next word")),
        Help(message("Space b"), message("scroll the preview")),
        Help("< >", message("the beginning and the end of the document")),
        Help("g G", message("the first hit, the last one")),
        Help("y", message("copy the path; over SSH, too, where the terminal knows OSC 52"), message("copy path")),
        Help("/ Esc", message("back to the query"), message("query")),
        Help("q", message("quit"), message("quit")),
    )


def on_help() -> Sequence[Help]:
    """Keys of the page of keys."""
    return (Help("Esc, q, F1", message("close this page; Space and b scroll it")),)


def in_filters() -> Sequence[Help]:
    """Keys of the filters."""
    return (
        Help(message("Space Enter"), message("choose the value, or no longer"), message("choose")),
        Help("1-9", message("choose the value with this number"), message("choose")),
        Help("x", message("take away all filters"), message("clear")),
        Help("Esc F2", message("close the filters; keys go where they went before"), message("close")),
    )


def in_last_line(part: Part) -> Sequence[Help]:
    """Keys of the last line, which is how to leave at its end. part: where keys go."""
    *rest, enter, leave = _short(anywhere())  # in the order of the table
    if part == "filters":
        return [*_short(in_filters()), rest[0], leave]
    if part == "list":
        *keys, leave = _short(in_list())
        return [enter, *keys, *rest, leave]
    return [enter, *_short(in_query()), *rest, leave]


def _short(keys: Sequence[Help]) -> Sequence[Help]:
    return [one for one in keys if one.short is not None]
