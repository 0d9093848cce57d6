"""The readers of single mails (.eml, .emlx) and of mailboxes (.mbox)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from ...messages import message, sentence
from ..content import Content, Source
from ..nested import Inside
from ..unpacking import OutOfTime, TooLarge
from .message import contents_of_mail
from .mime import is_mail, part_of

MAX_MESSAGES = 1_000_000
"""The most messages of a mailbox that are read."""

# A line "From " begins a message if a header follows: texts have such lines too.
_FROM_LINE = re.compile(rb"\n(?=From [^\n]{0,1000}\n(?:>From [^\n]{0,1000}\n)?[A-Za-z][A-Za-z0-9_.-]{0,99}[ \t]*:)")
_QUOTED_FROM = re.compile(rb"\n>(>*From )")
_LENGTH_LINE = re.compile(rb"\s*(\d{1,10})\s*\r?\n")


def read_mail(source: Source) -> Iterator[Content]:
    """A mail and its attachments. Raises ValueError: "no mail"."""
    data: bytes | memoryview = source.data.removeprefix(codecs.BOM_UTF8)
    if counted := _LENGTH_LINE.match(
        source.data[:100]
    ):  # Apple writes the length of the mail before it, facts behind it
        data = memoryview(source.data)[counted.end() : counted.end() + int(counted.group(1))]
    elif source.data.startswith(b"From "):
        data = memoryview(source.data)[source.data.find(b"\n") + 1 :]
    if not is_mail(bytes(data[:400])):
        raise ValueError(message("no mail"))
    inside = Inside(source)
    try:
        yield from contents_of_mail(part_of(data), inside)
    except (OutOfTime, TooLarge) as error:
        inside.leave_out(sentence(error))
    yield from inside.rest("part")


def read_mailbox(source: Source) -> Iterator[Content]:
    """The messages of a mailbox, each a part with its number, and their attachments. Raises ValueError: "no mailbox"."""
    data = source.data
    start = len(data) - len(data.lstrip(b"\r\n"))
    if not data.startswith(b"From ", start):
        raise ValueError(message("no mailbox"))
    inside = Inside(source)
    for number, (begin, end) in enumerate(_messages(data, start), 1):
        try:
            if source.is_late():
                raise OutOfTime
            if number > MAX_MESSAGES:
                raise TooLarge(message("more than {most} messages", most=MAX_MESSAGES))
            mail: bytes | memoryview = memoryview(data)[begin:end]
            if data.find(b"\n>From ", begin, end) >= 0:
                mail = _QUOTED_FROM.sub(rb"\n\1", bytes(mail))
            yield from contents_of_mail(part_of(mail), inside, str(number))
        except (OutOfTime, TooLarge) as error:
            inside.leave_out(message("the rest: {error}", error=error))
            break
        except ValueError as error:
            inside.leave_out(sentence(error))
    yield from inside.rest("part")


def _messages(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Where each message begins and ends, without its first line."""
    while start < len(data):
        begin = data.find(b"\n", start) + 1
        if not begin:
            return
        following = _FROM_LINE.search(data, begin - 1)
        end = following.start() + 1 if following else len(data)
        yield begin, end
        start = end
