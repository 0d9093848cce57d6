"""The reader of HTML files: the text that a person reads on the page, without menus, banners and scripts, and what its head states.

What is around the text is told by tags, roles and names of classes. If next to nothing is left, as on a page of links, all of the
page is its text.
"""

# ruff: noqa: SIM905 (word tables are easier to read and to change as text)

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any

from ..messages import message
from ..printable import counted
from .content import Content, Source
from .encoding import decode
from .html_head import with_head

_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{2,40})""",
    re.I,
)
_HEAD = 4096
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_NEVER = frozenset(
    "script style noscript template svg iframe object canvas button select textarea head -comment".split()
)
_AROUND = """
    nav, aside, footer, dialog, [role=navigation], [role=banner], [role=contentinfo], [role=search], [role=dialog],
    [role=alertdialog], [role=complementary], [role=menu], [role=menubar], [aria-modal=true]
"""
_AROUND_NAMES = re.compile(
    r"(?:^|[\s_-])(?:cookies?|cookiebar|gdpr|consent|breadcrumbs?|sidebar|navbar|navigation|nav|menu|mainmenu|share|sharing|social"
    r"|related|advert|advertisement|ads?|banner|popup|modal|subscribe|newsletter|pagination|pager|footer|skip-link)(?:$|[\s_-])",
    re.I,
)
_BLANKS = re.compile(r"\s+")
_OFTEN = 10_000  # nodes; then the time is looked at
_MANY_LINKS = 4
_SHARE_OF_LINKS = 0.8
_INTRODUCED = 15  # letters of a paragraph that are no link
_FEW_LETTERS = 50
_FEW = 0.3

_BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form
    frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody tfoot thead tr ul
    """.split()
)


def read_html(source: Source) -> Content:
    """The text with a line for each block and each row of a table; title, day, author, description and keywords.

    Raises ValueError for binary data.
    """
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    text, warnings = _decoded(source.data)
    try:
        page = LexborHTMLParser(text)
    except SelectolaxError:  # any text is some page, so there is no other reason
        raise MemoryError from None
    root = page.root
    if root is None:
        return Content("", warnings=warnings)
    hidden = {node.mem_id for node in page.css("[hidden]")}
    main = page.css("main, [role=main]")
    kept = _lines(main[0] if len(main) == 1 else root, hidden | _surroundings(page), source)
    if (letters := _letters(kept)) < _FEW_LETTERS:
        everything = _lines(root, hidden, source)
        if letters < _FEW * _letters(everything):
            kept = everything
    if source.is_late():
        warnings = (*warnings, message("only the start of the page was read: the time was over"))
    return with_head(Content(kept, warnings=warnings), page)


def _decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text, and a warning about damaged characters. What the file says of its encoding counts unless it is UTF-8."""
    said = _CHARSET.search(data[:_HEAD])
    if said is not None and not data.startswith(_MARKS) and b"\0" not in data:
        try:
            return data.decode("utf-8"), ()
        except UnicodeDecodeError:
            pass
        try:
            name = codecs.lookup((said[1] or said[2]).decode("ascii")).name
            if not name.startswith(("utf", "idna", "punycode", "unicode", "raw")):
                text = data.decode(name, "replace")
                bad = text.count("\ufffd")
                return text, _damaged(bad, name)
        except (LookupError, UnicodeError, AssertionError, TypeError):
            pass
    decoded = decode(data)
    return decoded.text, _damaged(decoded.bad, decoded.encoding)


def _damaged(count: int, encoding: str) -> tuple[str, ...]:
    if not count:
        return ()
    return (message("{characters} ({encoding})", characters=counted(count, "damaged character"), encoding=encoding),)


def _surroundings(page: Any) -> set[int]:
    """What is around the text of the page. What holds the main part, or a heading of the first level, is never around it."""
    kept: set[int] = set()
    for node in page.css("h1, main, article, [role=main]"):
        while node is not None and node.mem_id not in kept:
            kept.add(node.mem_id)
            node = node.parent
    found = page.css(_AROUND)
    found += [
        node
        for node in page.css("div, ul, section, p, span")
        if _AROUND_NAMES.search(f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}")
    ]
    return ({node.mem_id for node in found} | set(_lists_of_links(page.root))) - kept


def _walk(root: Any) -> Iterator[tuple[Any, bool]]:
    """Each node below the root, and the root, with whether it begins or ends. Pages may be deep, so nothing recurses."""
    node, begins = root, True
    while True:
        yield node, begins
        child = node.first_child if begins else None
        if child is not None:
            node = child
        elif begins:
            begins = False
        elif node.mem_id == root.mem_id:
            return
        else:
            following = node.next
            node, begins = (following, True) if following is not None else (node.parent, False)


def _lists_of_links(root: Any) -> Iterator[int]:
    """The lists that hold links and hardly any other text, unless a paragraph stands before them in the same element.

    Those are part of what it says: "The linker takes these kinds of files:", "See also".
    """
    counts = [[0, 0, 0]]  # of each list that is open: links, letters of links, letters
    introduced: set[int] = set()  # elements that have a paragraph of text
    own = in_links = 0  # own: letters of the paragraph that are no link
    for node, begins in _walk(root):
        tag = node.tag
        if tag == "-text" and begins:
            letters = _letters(node.text_content or "")
            counts[-1][1] += letters * (in_links > 0)
            counts[-1][2] += letters
            own += letters * (in_links == 0)
        elif tag == "a":
            in_links += 1 if begins else -1
            counts[-1][0] += begins
        elif tag == "p":
            if not begins and own >= _INTRODUCED:
                introduced.add(node.parent.mem_id)
            own = 0
        elif tag in ("ul", "ol"):
            if begins:
                counts.append([0, 0, 0])
                continue
            links, linked, letters = counts.pop()
            if links >= _MANY_LINKS and linked >= _SHARE_OF_LINKS * letters and node.parent.mem_id not in introduced:
                yield node.mem_id
            counts[-1] = [sum(pair) for pair in zip(counts[-1], (links, linked, letters), strict=True)]


def _letters(text: str) -> int:
    return sum(map(len, text.split()))


def _lines(root: Any, left_out: set[int], source: Source) -> str:
    """The text below a node, by blocks: rows of a table on lines, a blank line between others. At the deadline, what there is."""
    lines: list[str] = []
    parts: list[str] = []
    pre = 0

    def end_block(separator: str) -> None:
        text = "".join(parts)
        parts.clear()
        if block := "\n".join(
            text.split("\n") if pre else (" ".join(line.split()) for line in text.split("\n"))
        ).strip():
            lines.append(block)
            lines.append(separator)
        elif lines:
            lines[-1] = max(lines[-1], separator)

    skipped = None
    has_text = False  # whether the row has text before a cell
    for count, (node, begins) in enumerate(_walk(root), 1):
        if not count % _OFTEN and source.is_late():
            break
        if skipped is not None:
            if node.mem_id != skipped:
                continue
            skipped = None
        tag = node.tag
        if begins and (tag in _NEVER or node.mem_id in left_out):
            skipped = node.mem_id
        elif tag == "-text":
            if begins:
                value = node.text_content or ""
                parts.append(value if pre else _BLANKS.sub(" ", value))
                has_text = has_text or not value.isspace()
        elif tag == "br":
            parts.append("\n" * begins)
        elif tag in ("td", "th"):
            if begins and has_text:
                parts.append(" | ")
        elif tag in _BLOCKS:
            end_block("\n" if tag == "tr" else "\n\n")
            has_text = False
            pre += (1 if begins else -1) * (tag == "pre")
    end_block("")
    return "".join(lines[:-1])
