"""Shows text without the marks of Markdown, AsciiDoc and HTML, and with the places of words moved along.

Documents keep their markup, since people search for what they typed. On a terminal it is noise. A snippet is one line and may be
cut anywhere, so this is no parser of a language: it takes away what is surely markup, and leaves what may be meant.
"""

from __future__ import annotations

from os.path import splitext

from naidi.indexer.late import bisect, pattern
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from ..results import Mark

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Sequence

_IGNORECASE = 2  # re.IGNORECASE, without loading re

_TEXT_TYPES = (
    "adoc asc asciidoc eml htm html ipynb markdown mbox md mdown mdx mkd qmd rmd rst text textile txt wiki xhtml"
)
_TEXTS = frozenset(_TEXT_TYPES.split())
"""Types of files in which such marks are markup. In source code they are the text."""

# If a text has none of these, there is nothing to do.
_SIGNS = "#*_`<|[{&~"
_PAIRS = tuple([one + other for one in "=-+." for other in "=-+."])
_BEGINNINGS = ("= ", "> ")

_TAG_NAMES = """
    a abbr article aside b blockquote body br button caption center cite code col dd del details div dl dt em figcaption
    figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label li link main mark meta
    nav ol option p pre q s samp script section select small span strike strong style sub summary sup svg table tbody td
    tfoot th thead time title tr tt u ul var video
"""
_TAGS = "|".join(_TAG_NAMES.split())
# The other letters are those that a pattern takes for a capital of one of these.
_TAG_LETTERS = sorted({*(name[0] for name in _TAG_NAMES.split()), "\u0130", "\u0131", "\u017f", "\u212a"})
_TAG_BEGINNINGS = " ".join([f"<{letter} </{letter} <{letter.upper()} </{letter.upper()}" for letter in _TAG_LETTERS])


class _Edit(NamedTuple):
    """What is taken away: the text of each group of the pattern stays, everything else that it matches goes.

    signs: a text without any of these has no match, unless it has one of `first` among its first three characters. So most patterns
      are not compiled: all together take 15 ms.
    pattern: bounded, so that no text takes long.
    between: what stands between two groups that stay, and in place of a match without groups.
    """

    signs: tuple[str, ...]
    pattern: re.Pattern[str]
    between: str = ""
    first: str = ""

    def may_match(self, text: str) -> bool:
        return any(sign in text for sign in self.signs) or any(sign in text[:3] for sign in self.first)


def _edit(signs: str, text: str, between: str = "", flags: int = 0, first: str = "") -> _Edit:
    """signs: with blanks between them."""
    return _Edit(tuple(signs.split()), pattern(text, flags), between, first)


_URL = r"[^()\s]{0,300}(?:\([^()\s]{0,100}\)[^()\s]{0,300})?"


_EDITS = (
    _edit("<!--", r"<!--.{0,2000}?(?:-->|…$|$)", " "),
    _edit(_TAG_BEGINNINGS, rf"</?(?:{_TAGS})\b(?:\s[^<>]{{0,500}})?/?(?:>|…$)", " ", _IGNORECASE),
    # Attributes of headings and blocks, templates, footnotes.
    _edit("{ [^", r"\{/\*?.{0,200}?\*?/\}|\{[#.:][^{}\n]{0,200}\}|\{%.{0,200}?%\}|\[\^[\w-]{1,50}\]"),
    # Fences and rules, underlines of headings, delimiters of blocks.
    _edit(
        "``` --- === *** ____ ~~~~ ++++ .... ^^^^ ////",
        r"`{3,}(?:[\w+#.-]{1,30}(?!\S))?|(?<!\S)(?:([-=*_~+.^/])\1{3,}|={3,}|\*{3,})(?!\S)|^---(?!\S)",
        " ",
    ),
    # [text](url "title"), ![alt](url), [text][ref]: the text. A link that a cut runs through has no end.
    _edit("](", rf"!?\[([^\[\]]{{1,500}})\]\({_URL}(?:\s+[\"'][^\"']{{0,200}}[\"'])?\s?(?:\)|…$)"),
    _edit("[](", rf"!?\[\]\({_URL}(?:\)|…$)"),
    _edit("][", r"!?\[([^\[\]]{1,500})\]\[[^\[\]]{0,100}\]"),
    # AsciiDoc: link:url[text], image::name[alt], <<anchor,text>>, [[anchor]], [source,ruby]
    _edit(
        "link: mailto: xref: image: http:// https://",
        r"(?:(?:link|mailto|xref|image)::?|(?=https?://))[^\s\[\]]{1,300}\[([^\[\]]{1,300})\]",
    ),
    _edit("<<", r"<<[\w#. -]{1,100},([^<>]{1,200})>>"),
    _edit(
        "[[ [source [listing [quote [verse [NOTE [TIP [WARNING [role=",
        r"\[\[[\w. -]{1,100}\]\]"
        r"|(?:^|(?<=\s))\[(?:source|listing|quote|verse|NOTE|TIP|WARNING|role=)[^\[\]]{0,100}\](?=\s|$)",
    ),
    _edit("<http <mailto:", r"<((?:https?://|mailto:)[^<>\s]{1,500})>"),
    # Headings. One sign in the middle of a line may mean anything.
    _edit(
        "## ==", r"(?:^|(?<=\s))#{2,6}(?=\s|$)|^(?:…\s?)?#(?=\s)|^={1,6}(?=\s)|(?<=[.!?:…]\s)={2,6}(?=\s)", first="#="
    ),
    _edit("**", r"(?<![\w*])\*{2,3}(?=[^\s*])([^*]{1,500}?)(?<=[^\s*])\*{2,3}(?![\w*])"),
    _edit("__", r"(?<![\w_])_{2,3}(?=[^\s_])(?!\w{1,50}__)([^_]{1,500}?)(?<=[^\s_])_{2,3}(?![\w_])"),
    _edit("*", r"(?<![\w*])\*(?=[^\s*])([^*]{1,500}?)(?<=[^\s*])\*(?![\w*])"),
    _edit("_", r"(?<![\w_/])_(?=[^\s_])([^_]{1,500}?)(?<=[^\s_])_(?![\w_/])"),
    _edit("~~", r"~~(?=[^\s~])([^~]{1,500}?)(?<=[^\s~])~~"),
    # Half of a pair, where the other half was cut off.
    _edit("**", r"^(…[^*]{0,300}?[^\s*])\*\*(?=[\s.,;:!?)]|$)|(?<![^\s(])\*\*(?=\w)([^*]{0,300}…)$"),
    _edit("`", r"(`{1,2})([^`]{1,500})(?:\1)"),
    _edit("", r"^>\s", first=">"),
)
"""What is taken away, in this order."""

_RULE = r"(?:\s?(?::?-{2,}:?|:-:?|-:)\s?)"
# The rows of signs below the headings of a table, and the signs at both ends of a line.
_RULES = _edit("|", rf"\|?(?:{_RULE}\|)+(?:{_RULE}(?=\s|$))?|\|{_RULE}(?=\s|$|…)", "|")
_ENDS = _edit("|", r"^…?\s?\|[|\s]*|[|\s]*\|…?$")

_ENTITY = pattern(r"&(?:[A-Za-z]{2,8}|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});")
_TABLE = pattern(r"\|\s?:?-{1,}[:|-]|^\s?…?\|\s|\s\|…?$|\|\s\|")
_BETWEEN_CELLS = pattern(r"\s?\|[|\s]*")
_BLANKS = pattern(r"\s{2,}")
# Between two words of one name or address, one to three of them.
_JOINTS = ":/._-@#+'’&?=%~\\"


def is_marked_up(path: str | None) -> bool:
    """Whether what looks like markup in a file is markup. A document without a file may be anything, so it is too."""
    if path is None:
        return True
    ending = splitext(path)[1][1:].lower()
    return not ending or ending in _TEXTS


def without_markup(text: str, marks: Sequence[Mark]) -> tuple[str, tuple[Mark, ...]]:
    """The text of one line without its markup, and the marks of the words found, at their new places.

    A word that was found in what would be taken away, such as the address of a link, stays with what is around it.
    """
    if not _has_signs(text):
        return text, tuple(marks)
    edited = _Edited(text, marks)
    for edit in _EDITS:
        edited.apply(edit)
    if "|" in edited.text and _TABLE.search(edited.text):
        edited.apply(_RULES)
        edited.strip()
        edited.apply(_ENDS)
        edited.replace(_BETWEEN_CELLS, lambda _: " · ")
    if "&" in edited.text:
        edited.replace(_ENTITY, _unescaped)
    if _has_wide_blanks(edited.text):
        edited.replace(_BLANKS, lambda _: " ")
    edited.strip()
    return edited.text, edited.marks()


def _has_signs(text: str) -> bool:
    """Whether there may be markup."""
    return any(sign in text for sign in _SIGNS) or any(pair in text for pair in _PAIRS) or text.startswith(_BEGINNINGS)


def _has_wide_blanks(text: str) -> bool:
    """Whether two blanks stand side by side."""
    words = text.split()
    if not words:
        return len(text) > 1
    single = len(words) - 1 + text[0].isspace() + text[-1].isspace()
    return len(text) - sum(map(len, words)) > single


def _joins(between: str) -> bool:
    """Whether two words with this between them are parts of one name or address."""
    return between == " " or (1 <= len(between) <= 3 and not between.strip(_JOINTS))


def joined_marks(text: str, marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """The marks, with those as one between which nothing stands but a blank or the signs inside of a name or an address."""
    joined: list[Mark] = []
    for start, end in marks:
        if joined and _joins(text[joined[-1][1] : start]):
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return tuple(joined)


class _Edited:
    """A text that is changed step by step. Each character knows the place it came from; -1 stands for one that was put in."""

    def __init__(self, text: str, marks: Sequence[Mark]) -> None:
        self.text = text
        self._origins = list(range(len(text)))
        self._marks = marks
        self._starts = [start for start, _ in marks]

    def apply(self, edit: _Edit) -> None:
        """Take away what the pattern matches, but for its groups, unless a word was found there."""
        if not edit.may_match(self.text):
            return
        text: list[str] = []
        origins: list[int] = []
        done = 0
        for found in edit.pattern.finditer(self.text):
            kept = [
                found.span(group)
                for group in range(1, (found.re.groups or 0) + 1)
                if found.start(group) >= 0 and found[group] and not _is_sign(found[group])
            ]
            taken = _outside(found.span(), kept)
            if any(self._is_marked(start, end) for start, end in taken):
                continue
            text.append(self.text[done : found.start()])
            origins += self._origins[done : found.start()]
            for number, (start, end) in enumerate(kept):
                if number:
                    text.append(edit.between)
                    origins += [-1] * len(edit.between)
                text.append(self.text[start:end])
                origins += self._origins[start:end]
            if not kept:
                text.append(edit.between)
                origins += [-1] * len(edit.between)
            done = found.end()
        if done:
            text.append(self.text[done:])
            origins += self._origins[done:]
            self.text, self._origins = "".join(text), origins

    def replace(self, pattern: re.Pattern[str], instead: Callable[[re.Match[str]], str]) -> None:
        """Put other characters in place of what the pattern matches."""
        text: list[str] = []
        origins: list[int] = []
        done = 0
        for found in pattern.finditer(self.text):
            new = instead(found)
            text += self.text[done : found.start()], new
            origins += self._origins[done : found.start()]
            origins += [self._origins[found.start()] if self._is_marked(*found.span()) else -1] * len(new)
            done = found.end()
        if done:
            text.append(self.text[done:])
            origins += self._origins[done:]
            self.text, self._origins = "".join(text), origins

    def strip(self) -> None:
        """Take away the blanks at both ends."""
        start = len(self.text) - len(self.text.lstrip())
        self.text = self.text.strip()
        self._origins = self._origins[start : start + len(self.text)]

    def marks(self) -> tuple[Mark, ...]:
        """The places of the words found in the text as it is now."""
        marks: list[Mark] = []
        last = -1
        for place, origin in enumerate(self._origins):
            number = self._mark_at(origin)
            if number < 0:
                continue
            if number == last and marks[-1][1] == place:
                marks[-1] = marks[-1][0], place + 1
            else:
                marks.append((place, place + 1))
            last = number
        return tuple(marks)

    def _mark_at(self, origin: int) -> int:
        """The number of the mark around a place of the first text; -1 if there is none."""
        number = bisect.bisect_right(self._starts, origin) - 1
        return number if number >= 0 and self._marks[number][0] <= origin < self._marks[number][1] else -1

    def _is_marked(self, start: int, end: int) -> bool:
        return bool(self._marks) and any(self._mark_at(origin) >= 0 for origin in self._origins[start:end])


def _is_sign(text: str) -> bool:
    """Whether a group is the sign that opens and closes something, which the pattern needs to find its end."""
    return not text.strip("`-=*_~+.^/")


def _outside(whole: tuple[int, int], kept: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of a range outside of some ranges in it, which are in order."""
    parts = []
    start, end = whole
    for first, last in kept:
        parts.append((start, first))
        start = last
    parts.append((start, end))
    return parts


def _unescaped(found: re.Match[str]) -> str:
    from html import unescape  # its table of names takes a millisecond

    return unescape(found[0])
