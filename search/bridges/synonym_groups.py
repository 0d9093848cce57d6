"""Reads lists of synonyms. A line is a group, with `=` between its members. `#` begins a comment.

    WHO = ВОЗ = World Health Organization = Всемирная организация здравоохранения
    Турция = Türkiye => Turkey

A query for a member also finds the other members of its group. Members behind `=>`, which a line may have once, are found
but do not lead back. A query «Турция» means Turkey, but a query "turkey" may mean the bird.
"""

from __future__ import annotations

import codecs
import errno
import os
import stat

from naidi.indexer.analysis.tokenizer import WORD
from naidi.indexer.late import StrPath, pattern
from naidi.indexer.messages import Message, message, sentence
from naidi.indexer.record import record
from naidi.indexer.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_BYTES = 2_000_000
MAX_LINES = 10_000
MAX_MEMBERS = 32
MAX_MEMBERS_OF_ALL = 20_000
"""Members of all groups of a list at most. The first query after the list has changed reads it whole, and each takes 15 us."""

MAX_WORDS = 12
"""Words of a member at most. No name is longer, and each is compared with the words of a query."""

_COMMENT = pattern(r"(?:^|\s)#.*")  # the # of C# begins no comment


@record
class Group:
    """A group of synonyms. Each is as written, one word or several.

    members: lead to one another and to `found_only`.
    found_only: are found, but lead nowhere.
    """

    members: tuple[str, ...]
    found_only: tuple[str, ...] = ()


@record
class SynonymList:
    """The content of a list.

    groups: the groups that can be read.
    warnings: for the user: what was left out, each with file, line and cure.
    """

    groups: tuple[Group, ...]
    warnings: tuple[str, ...] = ()


def read_file(path: StrPath) -> SynonymList:
    """The groups of a file in UTF-8, with or without byte order mark.

    No content of the file raises an error: searches go on without the lines, or the file, that the warnings name. If a file
    is longer than MAX_BYTES, only its beginning counts.
    """
    try:
        data = _beginning(path)
    except OSError as error:
        return SynonymList(
            (),
            (
                message(
                    "{path} cannot be read ({reason}): no synonyms of it are used; mend or remove it",
                    path=str(path),
                    reason=error.strerror,
                ),
            ),
        )
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        warning = message("{path} is written in UTF-16: no synonyms of it are used; save it as UTF-8", path=str(path))
        return SynonymList((), (warning,))
    warnings: list[str] = []
    if len(data) > MAX_BYTES:
        data = data[: data.rfind(b"\n", 0, MAX_BYTES) + 1]
        warnings.append(
            message(
                "{path} is longer than {most:,} bytes: what follows them is ignored; shorten the file",
                path=str(path),
                most=MAX_BYTES,
            )
        )
    found = read_lines(data.removeprefix(codecs.BOM_UTF8).splitlines(), str(path))
    return SynonymList(found.groups, (*warnings, *found.warnings))


def _beginning(path: StrPath) -> bytes:
    """At most MAX_BYTES + 1 bytes. Raises OSError for what is no regular file."""
    # Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Not a regular file")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_BYTES + 1)
    finally:
        os.close(descriptor)


def read_lines(lines: Iterable[bytes | str], name: str) -> SynonymList:
    """The groups of some lines: of MAX_LINES, and no more of them than have MAX_MEMBERS_OF_ALL members.

    name: the name of the file in warnings.
    """
    groups, warnings = [], []
    members = 0
    for number, line in enumerate(lines, 1):
        if number > MAX_LINES or members >= MAX_MEMBERS_OF_ALL:
            warnings.append(_too_long(name, number))
            break
        try:
            text = line if isinstance(line, str) else line.decode("utf-8")
        except UnicodeDecodeError:
            warnings.append(
                message(
                    "{name}, line {number} is ignored: it is not UTF-8; save the file as UTF-8",
                    name=name,
                    number=number,
                )
            )
            continue
        text = _COMMENT.sub("", text).strip()
        if text:
            try:
                group = read_group(text)
            except ValueError as error:
                warnings.append(
                    message(
                        "{name}, line {number} is ignored: {reason}", name=name, number=number, reason=sentence(error)
                    )
                )
            else:
                groups.append(group)
                members += len(group.members) + len(group.found_only)
    return SynonymList(tuple(groups), tuple(warnings))


def _too_long(name: str, number: int) -> Message:
    """Says that a file is read up to a line."""
    if number > MAX_LINES:
        return message(
            "{name}, line {number} and what follows it are ignored: {most:,} lines are read; shorten the file",
            name=name,
            number=number,
            most=MAX_LINES,
        )
    return message(
        "{name}, line {number} and what follows it are ignored: {most:,} members are read; shorten the file",
        name=name,
        number=number,
        most=MAX_MEMBERS_OF_ALL,
    )


def read_group(text: str) -> Group:
    """The group of a line without comment. Raises ValueError, which says what is wrong and how to mend it."""
    equal, arrow, behind = text.partition("=>")
    if "=>" in behind:
        raise ValueError(message("=> stands in it more than once; a line has one at most"))
    members = tuple(_members(equal))
    found_only = tuple(_members(behind)) if arrow else ()
    if not arrow and len(members) < 2:
        raise ValueError(message("it has one member; write two or more with = between them, as in WHO = ВОЗ"))
    if len(members) + len(found_only) > MAX_MEMBERS:
        raise ValueError(
            message("it has more than {most} members; leave some out or make two lines of it", most=MAX_MEMBERS)
        )
    return Group(members, found_only)


def _members(text: str) -> Iterator[str]:
    for member in text.split("="):
        member = " ".join(member.split())
        words = len(WORD.findall(member))
        if not words:
            raise ValueError(
                message("{member} is no word; write a word or several on each side of = and =>", member=repr(member))
            )
        if words > MAX_WORDS:
            raise ValueError(
                message("{member}... has more than {most} words; shorten it", member=repr(member[:40]), most=MAX_WORDS)
            )
        yield member
