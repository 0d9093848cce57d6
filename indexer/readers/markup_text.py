"""The text of HTML that stands inside other files: chapters of books, bodies of mails.

It takes any text in time in step with its length. `html.parser` of the standard library does not, before Python 3.13.6.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple

MAX_TITLE = 1000
MAX_TAGS = 1_000_000
"""The most tags of a page that are read; what comes behind them is left out."""

_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]{0,30})")
_SHORT_TAG = 1000
_QUOTE_OR_END = re.compile(r"[\"'>]")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}(?![0-9])|#[xX][0-9A-Fa-f]{1,6}(?![0-9A-Fa-f])|[A-Za-z][A-Za-z0-9]{1,31});?")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_PRE_LINE_ENDS = re.compile(r"\r\n?|\f")
_UNSEEN = frozenset(("script", "style", "template", "title", "textarea", "noscript", "iframe", "object", "xml", "nav"))
_RAW = frozenset(
    ("script", "style", "title", "textarea", "iframe")
)  # no tags inside, up to the end tag of the same name
_PARAGRAPHS = frozenset(
    (
        "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section", "article", "header", "footer", "aside", "main",
        "table", "ul", "ol", "dl", "pre", "figure", "figcaption", "form", "fieldset", "address", "hr", "body", "details", "summary",
        "subtitle", "poem", "stanza", "epigraph", "cite", "annotation", "empty-line", "text-author", "caption", "center",
    )
)  # fmt: skip
_LINES = frozenset(("li", "tr", "dt", "dd", "option", "legend", "v", "image", "thead", "tbody"))
_CELLS = frozenset(("td", "th"))


class MarkupText(NamedTuple):
    """The title that a page states, and its text: a blank line between paragraphs.

    is_whole: whether it had no more than MAX_TAGS.
    """

    title: str
    text: str
    is_whole: bool = True


def markup_text(markup: str, *, unseen: frozenset[str] = frozenset()) -> MarkupText:
    """The title and text of HTML or XHTML. Any string is legal.

    unseen: elements that are left out, beside scripts, styles and menus.
    """
    page = _Page(_UNSEEN | unseen)
    is_whole = page.read(markup)
    return MarkupText(page.title, page.text(), is_whole)


class _Page:
    def __init__(self, unseen: frozenset[str]) -> None:
        self.title = ""
        self._unseen = unseen
        self._pieces: list[str] = []
        self._hidden_by = ""
        self._hidden_depth = 0
        self._pre = 0
        self._closed: set[str] = set()  # what was looked for and does not come again

    def read(self, markup: str) -> bool:
        position = 0
        for _ in range(MAX_TAGS):
            start = markup.find("<", position)
            if start < 0:
                self._add(markup[position:])
                return True
            if start > position:
                self._add(markup[position:start])
            position = self._markup(markup, start)
        return "<" not in markup[position:]

    def text(self) -> str:
        text = "".join(self._pieces)
        lines = []
        blank = True
        for line in text.split("\n"):
            line = "\t".join(filter(None, map(str.strip, line.split("\t"))))  # pages are laid out with empty cells
            if line or not blank:
                lines.append(line)
            blank = not line
        return "\n".join(lines).strip("\n")

    def _markup(self, markup: str, start: int) -> int:
        """Take what begins with the `<` at `start`; the offset behind it."""
        found = _TAG.match(markup, start)
        if found is None:
            return self._no_tag(markup, start)
        closing, tag = found.groups()
        end = self._end_of_tag(markup, found.end())
        tag = tag.lower().rpartition(":")[2]
        if closing:
            self._close(tag)
        elif markup.endswith("/>", start, end):
            self._break(tag)
        else:
            return self._open(markup, tag, end)
        return end

    def _no_tag(self, markup: str, start: int) -> int:
        if markup.startswith("<!--", start):
            return self._behind(markup, "-->", start + 4)
        if markup.startswith("<![CDATA[", start):
            end = self._behind(markup, "]]>", start + 9)
            self._add(markup[start + 9 : end].removesuffix("]]>"), is_raw=True)
            return end
        if markup.startswith(("<!", "<?"), start):
            return self._behind(markup, ">", start + 2)
        self._add("<")
        return start + 1

    def _open(self, markup: str, tag: str, end: int) -> int:
        if tag in _RAW and not self._hidden_by:
            closing = re.compile(f"</{tag}", re.IGNORECASE).search(markup, end) if tag not in self._closed else None
            if closing is None:  # never closed: browsers hide the rest, but then the tag is a slip more often than not
                self._closed.add(tag)
                return end
            if tag == "title" and not self.title:
                title = _references(_SPACE.sub(" ", markup[end : min(closing.start(), end + 8 * MAX_TITLE)]))
                self.title = " ".join(title.split())[:MAX_TITLE]
            return closing.start()
        if self._hidden_by:
            self._hidden_depth += tag == self._hidden_by
        elif tag in self._unseen:
            self._hidden_by, self._hidden_depth = tag, 1
        else:
            self._pre += tag == "pre"
            self._break(tag)
        return end

    def _close(self, tag: str) -> None:
        if self._hidden_by:
            self._hidden_depth -= tag == self._hidden_by
            if not self._hidden_depth:
                self._hidden_by = ""
            return
        if tag == "pre" and self._pre:
            self._pre -= 1
        if tag != "br":
            self._break(tag, is_end=True)

    def _break(self, tag: str, is_end: bool = False) -> None:
        if self._hidden_by:
            return
        if tag in _PARAGRAPHS:
            self._pieces.append("\n\n")
        elif tag == "br":
            self._pieces.append("\n")
        elif tag in _LINES:
            if self._pieces and not self._pieces[-1].endswith("\n"):
                self._pieces.append("\n")
        elif tag in _CELLS and not is_end:
            self._pieces.append("\t")

    def _add(self, text: str, is_raw: bool = False) -> None:
        if self._hidden_by:
            return
        text = _PRE_LINE_ENDS.sub("\n", text) if self._pre else _SPACE.sub(" ", text)
        if text[:1] == " " and not self._pre and self._pieces and self._pieces[-1][-1:].isspace():
            text = text[1:]
        if text:
            self._pieces.append(text if is_raw else _references(text))

    def _behind(self, markup: str, end: str, start: int) -> int:
        found = -1 if end in self._closed else markup.find(end, start)
        if found >= 0:
            return found + len(end)
        self._closed.add(end)  # looked for once: a page of nothing but "<!--" would take quadratic time
        return start

    def _end_of_tag(self, markup: str, start: int) -> int:
        """The offset behind the `>` that ends a tag; one in a quoted value does not. `start` if there is none."""
        # Most tags are short, and have no sign of this kind in their values. Pairs of quotes do no harm then.
        end = markup.find(">", start, start + _SHORT_TAG)
        if end >= 0 and not (markup.count('"', start, end) & 1 or markup.count("'", start, end) & 1):
            return end + 1
        position = start
        while "quotes" not in self._closed:
            found = _QUOTE_OR_END.search(markup, position)
            if found is None:
                self._closed.add("quotes")  # one of them is not closed: from here on they mean nothing
            elif found.group() == ">":
                return found.end()
            else:
                position = self._behind(markup, found.group(), found.end())
        return self._behind(markup, ">", start)


def _references(text: str) -> str:
    if "&" not in text:
        return text
    return _REFERENCE.sub(lambda found: html.unescape(found.group()), text)
