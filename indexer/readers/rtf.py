"""The reader of RTF files: the text without hidden parts and pictures; title, day, author, keywords from the group of facts.

Letters come as bytes in the code page of their font (`\\fcharset204`) or of the file (`\\ansicpg1251`), or as `\\u1055` with a
substitute behind for older programs.
"""

# ruff: noqa: SIM905 (word tables are easier to read and to change as text)

from __future__ import annotations

import codecs
import datetime
import itertools
import re

from ..messages import message
from .content import Content, Source

_TOKEN = re.compile(
    r"\\([A-Za-z]{1,32})(-?\d{1,9})? ?|\\'([0-9A-Fa-f]{2})|\\(.)|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\", re.DOTALL
)
_SKIPPED = frozenset(
    """
    fonttbl colortbl stylesheet pict object header headerl headerr headerf footer footerl footerr footerf ftnsep ftnsepc fldinst
    themedata colorschememapping datastore latentstyles listtable listoverridetable revtbl rsidtbl xmlnstbl mmathPr generator sp
    bkmkstart bkmkend private1 template filetbl info nonshppict objdata datafield atnid atnauthor wgrffmtfilter xe tc txe rxe
    """.split()
)
_STARRED = frozenset(
    "shpinst shppict".split()
)  # the only groups with \* whose text is text; pictures in them are skipped
_FACTS = frozenset("title author keywords subject doccomm".split())
_SIGNS = {
    "par": "\n", "line": "\n", "row": "\n", "sect": "\n", "page": "\n", "column": "\n", "softline": "\n", "nestrow": "\n",
    "cell": " | ", "nestcell": " | ", "tab": "\t", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ",
}  # fmt: skip
_CODE_PAGES = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "big5", 161: "cp1253", 162: "cp1254", 163: "cp1258",
    177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_OFTEN = 10_000  # tokens; then the time is looked at
_DEFAULTS = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}


def read_rtf(source: Source) -> Content:
    """The text with a line for each paragraph and each row of a table. Raises ValueError if the file does not begin as RTF does."""
    data = source.data.lstrip()
    if not data.startswith(b"{\\rtf"):
        raise ValueError(message("no RTF file"))
    return _Reader(source).read(data.decode("latin-1"))


class _Group:
    """What holds inside of one pair of braces."""

    __slots__ = ("codepage", "destination", "hidden", "substitutes")

    def __init__(self, destination: str, codepage: str, hidden: bool, substitutes: int) -> None:
        self.destination = destination  # "" for text, "skip", or a fact
        self.codepage = codepage
        self.hidden = hidden
        self.substitutes = substitutes  # signs behind \u that are for older programs

    def inner(self) -> _Group:
        return _Group(self.destination, self.codepage, self.hidden, self.substitutes)


class _Reader:
    def __init__(self, source: Source) -> None:
        self._is_late = source.is_late
        self._warnings: tuple[str, ...] = ()
        self._out: dict[str, list[str]] = {"": []}
        self._codepage = "cp1252"
        self._fonts: dict[int, str] = {}
        self._defined = -1  # the font that the table of fonts is at
        self._default_font = 0
        self._date: dict[str, int] = {}
        self._group = _Group("", self._codepage, False, 1)
        self._bytes = bytearray()
        self._pending = 0  # substitutes that are still to be left out

    def read(self, rtf: str) -> Content:
        outer: list[_Group] = []
        starred = False
        position, end = 0, len(rtf)
        for count in itertools.count(1):
            if position >= end:
                break
            if not count % _OFTEN and self._is_late():
                self._warnings = (message("read {position:,} of {end:,} bytes", position=position, end=end),)
                break
            token = _TOKEN.match(rtf, position)
            assert token is not None
            position = token.end()
            word, number, byte, sign, brace, text = token.groups()
            if byte is not None:
                self._add_byte(int(byte, 16))
            elif text is not None:
                self._add(text)
            elif word is not None:
                if word == "bin":
                    position += max(int(number or 0), 0)
                else:
                    self._control(word, None if number is None else int(number), starred)
            elif brace is not None:
                self._flush()
                self._pending = 0
                if brace == "{":
                    outer.append(self._group)
                    self._group = self._group.inner()
                elif outer:
                    self._group = outer.pop()
                else:
                    break
            elif sign is not None:
                self._sign(sign)
            starred = sign == "*"
        self._flush()
        return self._content()

    def _control(self, word: str, number: int | None, starred: bool) -> None:
        group = self._group
        if word == "u":
            self._flush()
            self._write(chr((number or 0) & 0xFFFF))
            self._pending = group.substitutes
            return
        if word in _SIGNS:
            self._flush()
            self._write(_SIGNS[word])
            return
        self._flush()
        match word:
            case "uc":
                group.substitutes = max(number or 0, 0)
            case "ansicpg":
                self._codepage = group.codepage = _known(f"cp{number}", self._codepage)
            case "ansi" | "mac" | "pc" | "pca":
                self._codepage = group.codepage = _DEFAULTS[word]
            case "deff":
                self._default_font = number or 0
            case "f" if group.destination == "fonts":
                self._defined = number or 0
            case "fcharset" if group.destination == "fonts":
                if (number or 0) in _CODE_PAGES and number:
                    self._fonts[self._defined] = _CODE_PAGES[number]
            case "f":
                group.codepage = self._fonts.get(number or 0, self._codepage)
            case "plain":
                group.hidden = False
                group.codepage = self._fonts.get(self._default_font, self._codepage)
            case "v":
                group.hidden = number != 0
            case "yr" | "mo" | "dy" if group.destination == "creatim":
                self._date[word] = number or 0
            case "fonttbl":
                group.destination = "fonts"
            case "info" if not group.destination:
                group.destination = "info"
            case "creatim" if group.destination == "info":
                group.destination = "creatim"
            case _ if word in _FACTS and group.destination == "info":
                group.destination = word
                self._out.setdefault(word, [])
            case _ if word in _SKIPPED or (starred and word not in _STARRED):
                group.destination = "skip"

    def _sign(self, sign: str) -> None:
        if sign == "~":
            self._add("\u00a0")
        elif sign == "_":
            self._add("-")
        elif sign in "\\{}":
            self._add(sign)
        elif sign in "\r\n":
            self._flush()
            self._write("\n")

    def _add_byte(self, byte: int) -> None:
        if self._pending:
            self._pending -= 1
        else:
            self._bytes.append(byte)

    def _add(self, text: str) -> None:
        if self._pending:
            left_out = min(self._pending, len(text))
            self._pending -= left_out
            text = text[left_out:]
        if text.isascii():
            self._flush()
            self._write(text)
        else:  # some programs write letters as they are
            self._bytes += text.encode("latin-1")

    def _flush(self) -> None:
        if self._bytes:
            data, self._bytes = bytes(self._bytes), bytearray()
            self._write(data.decode(self._group.codepage, "replace"))

    def _write(self, text: str) -> None:
        if not self._group.hidden and self._group.destination in self._out:
            self._out[self._group.destination].append(text)

    def _content(self) -> Content:
        facts = {name: _one_line("".join(parts)) for name, parts in self._out.items() if name}
        text = _whole("".join(self._out[""]))
        lines = [line.removesuffix(" | ").strip() for line in text.replace("\x00", "").split("\n")]
        meta: dict[str, str | int | float | bool | None] = {}
        tags = [tag for one in re.split("[;,]", facts.get("keywords", "")) if (tag := one.strip())]
        for name, value in (
            ("author", facts.get("author")),
            ("subject", facts.get("subject")),
            ("tags", ", ".join(tags)),
        ):
            if value:
                meta[name] = value
        keywords = [str(meta[name]) for name in ("author", "subject") if name in meta] + tags
        return Content(
            "\n".join(lines).strip("\n"), facts.get("title", ""), self._day(), meta, "\n".join(keywords), self._warnings
        )

    def _day(self) -> datetime.date | None:
        try:
            return datetime.date(self._date["yr"], self._date["mo"], self._date["dy"])
        except (KeyError, ValueError, OverflowError):
            return None


def _known(codepage: str, otherwise: str) -> str:
    try:
        return codecs.lookup(
            {"cp10000": "mac_roman", "cp10007": "mac_cyrillic", "cp65001": "utf-8"}.get(codepage, codepage)
        ).name
    except LookupError:
        return otherwise


def _one_line(text: str) -> str:
    return " ".join(_whole(text).split())


def _whole(text: str) -> str:
    r"""The text with its surrogates joined: \u gives letters beyond the basic plane in two halves."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
