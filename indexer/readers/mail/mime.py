"""Takes a mail apart: headers, bodies, attachments.

The parser of the standard library looks at each line once for each level of nesting, and copies what it reads several times.
This one searches for boundaries in the bytes. What stands in a header is left to the standard library.
"""

from __future__ import annotations

import binascii
import contextlib
import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import errors, header, utils
from email.message import Message

from ..declared_charset import decode_declared

MAX_HEADERS = 256 << 10
"""The longest headers of a part, in bytes."""

MAX_HEADER = 16 << 10
"""The longest header that is looked at, in code points."""

MAX_PARAMETERS = 4096
"""The longest header with parameters: the standard library takes quadratic time for these."""

MAX_DEPTH = 20
"""How deep parts may be nested in parts."""

MAX_PARTS = 1000
"""The most parts of a mail."""

_HEADER_END = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9_.-]{0,99}[ \t]*:")
_FOLD = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_ESCAPED = re.compile("[\ud800-\udfff]")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a mail, or all of it.

    headers: the first of each name, names in lower case. Bytes that are no ASCII are surrogates.
    body: the bytes behind the headers, as they were sent.
    default_type: what it is if it does not say so.
    """

    headers: dict[str, str]
    body: memoryview
    default_type: str = "text/plain"

    @property
    def content_type(self) -> str:
        """Such as "text/plain"."""
        stated = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not stated:
            return self.default_type
        return stated if stated.count("/") == 1 else "text/plain"

    def header(self, name: str) -> str:
        """A header in plain characters; empty if there is none."""
        return decoded_header(self.headers.get(name, ""))

    def parameter(self, name: str, of: str = "content-type") -> str:
        """A parameter of a header: the boundary, the charset; empty if there is none."""
        whole = self.headers.get(of, "")
        if ";" not in whole or len(whole) > MAX_PARAMETERS:
            return ""
        message = Message()
        message[of] = whole.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        try:
            value = message.get_param(name, "", of)
            return decoded_header(utils.collapse_rfc2231_value(value)) if value else ""
        except (errors.MessageError, LookupError, ValueError, TypeError):
            return ""

    @property
    def filename(self) -> str:
        """The name of an attachment; empty if it has none."""
        return self.parameter("filename", "content-disposition") or self.parameter("name")

    @property
    def is_attachment(self) -> bool:
        """Whether it is meant to be shown apart from the text."""
        return self.headers.get("content-disposition", "").partition(";")[0].strip().lower() == "attachment"

    def date(self) -> datetime.date | None:
        """The day of the header Date, where the sender was."""
        try:
            return utils.parsedate_to_datetime(self.header("date")[:100]).date()
        except (ValueError, TypeError, IndexError, OverflowError):
            return None

    def data(self) -> bytes:
        """The bytes of the body, decoded as the headers say."""
        encoding = self.headers.get("content-transfer-encoding", "").strip().lower()
        if encoding == "base64":
            return _from_base64(bytes(self.body))
        if encoding == "quoted-printable":
            return binascii.a2b_qp(self.body)
        return bytes(self.body)

    def text(self) -> tuple[str, int]:
        """The body as text, and how many characters are damaged. Raises UndecodableBytes (a ValueError) if it is none."""
        text, _, bad = decode_declared(self.data(), self.parameter("charset"))
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text, bad

    def children(self) -> Iterator[Part]:
        """The parts of a multipart body. Without a boundary there are none."""
        boundary = self.parameter("boundary").encode("utf-8", "replace")[:200]
        if not boundary:
            return
        # Not a pattern: each mail has a boundary of its own, and compiling takes longer than searching.
        mark = b"\n--" + boundary
        body = b"\n" + self.body
        view = memoryview(body)
        start = -1
        found = body.find(mark)
        while found >= 0:
            behind = found + len(mark)
            end_of_line = body.find(b"\n", behind)
            rest = body[behind : min(behind + 100, end_of_line if end_of_line >= 0 else len(body))].strip()
            if rest in (b"", b"--"):
                if start >= 0:
                    yield part_of(view[start : found - (body[found - 1 : found] == b"\r")])
                if rest or end_of_line < 0:
                    return
                start = end_of_line + 1
            found = body.find(mark, behind)
        if start >= 0:
            yield part_of(view[start:])


def part_of(data: bytes | memoryview) -> Part:
    """The headers of a mail or a part, and its body."""
    view = memoryview(data)
    first = bytes(view[: MAX_HEADERS + 4])
    if first.startswith((b"\n", b"\r\n")):
        end, start = 0, first.index(b"\n") + 1
    elif found := _HEADER_END.search(first):
        end, start = found.start(), found.end()
    else:
        end = start = len(first) if len(view) <= MAX_HEADERS and _FIELD.match(first) else 0
    headers, behind = _headers(first[:end])
    # A line that is no header: the blank line before the body is missing.
    return Part(headers, view[behind if behind < end else start :])


def is_mail(data: bytes) -> bool:
    """Whether it begins with a header."""
    return bool(_FIELD.match(data.lstrip(b"\r\n")[:300]))


def leaves(mail: Part) -> Iterator[Part]:
    """The parts that have no parts, in their order; of alternatives the one in plain text, or else the last."""
    return _leaves(mail, MAX_DEPTH, iter(range(MAX_PARTS)))


def decoded_header(value: str) -> str:
    """A header in plain characters, on one line. Any value is legal."""
    value = value[:MAX_HEADER]
    if "=?" in value:
        value = _FOLD.sub(
            " ", value
        )  # the library drops the blank between an encoded word and a plain one on the next line
        with contextlib.suppress(errors.HeaderParseError, ValueError):
            value = "".join(_word(word, charset) for word, charset in header.decode_header(value))
    if not value.isascii():
        value = _word(value.encode("utf-8", "surrogateescape"), None) if _ESCAPED.search(value) else value
    return " ".join(value.split())


def _leaves(part: Part, depth: int, numbers: Iterator[int]) -> Iterator[Part]:
    """`numbers` are those that parts may still have."""
    children: list[Part] = []
    if depth and part.content_type.startswith("multipart/"):
        children = [child for child, _ in zip(part.children(), numbers, strict=False)]
        if part.content_type == "multipart/digest":
            children = [replace(child, default_type="message/rfc822") for child in children]
    if not children:
        yield part
    elif part.content_type == "multipart/alternative":
        yield from _leaves(_chosen(children), depth - 1, numbers)
    else:
        for child in children:
            yield from _leaves(child, depth - 1, numbers)


def _chosen(children: list[Part]) -> Part:
    plain = next(
        (each for each in children if each.content_type == "text/plain" and bytes(each.body[:4096]).strip()), None
    )
    return plain or children[-1]


def _headers(data: bytes) -> tuple[dict[str, str], int]:
    """The headers in these bytes, and where they end."""
    headers: dict[str, list[str]] = {}
    lines: list[str] = []
    position = 0
    for raw in data.splitlines(keepends=True):
        line = raw.decode("ascii", "surrogateescape")
        if line[0] in " \t":
            lines.append(line)
        elif found := _FIELD.match(raw):
            lines = [line[found.end() :]]
            headers.setdefault(line[: found.end() - 1].rstrip().lower(), lines)
        else:
            break
        position += len(raw)
    return {name: "".join(lines).strip() for name, lines in headers.items()}, position


def _word(word: bytes | str, charset: str | None) -> str:
    if isinstance(word, str):
        if word.isascii():
            return word
        word = word.encode("utf-8", "surrogateescape")
    try:
        return decode_declared(word, charset or "").text
    except ValueError:
        return word.decode("utf-8", "replace")


def _from_base64(data: bytes) -> bytes:
    """What can be read of it: mails get cut, and footers added."""
    data = data.translate(None, _NOT_BASE64)
    data = data.partition(b"=")[0]
    data = data[: len(data) - (len(data) % 4 == 1)]
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
