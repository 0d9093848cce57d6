"""The reader of MediaWiki pages. Links, headings and emphasis become what a reader of the page sees."""

from __future__ import annotations

import re
from dataclasses import replace

from .content import Content, Source
from .text import read_text
from .text_header import with_header

# One pass, from left to right. Nothing in brackets may hold the bracket it begins with: so the time is linear.
_MARKUP = re.compile(
    r"\[\[(?P<link>[^\[\]|\n]{1,300})(?:\|(?P<label>[^\[\]\n]{0,1000}))?\]\]"
    r"|\[(?:https?:|ftp:|//)[^\s\[\]]{1,2000}(?:[ \t]+(?P<name>[^\[\]\n]{1,1000}))?\]"
    r"|(?P<quotes>'{2,5})"
    r"|</?(?:ref|nowiki|small|big|sub|sup|br|code|center|div|span|gallery|blockquote|b|i|u|s|p)(?:[ \t/][^<>]{0,500})?>"
    r"|__[A-Z]{3,30}__",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^=[ \t]*([^=\n]{1,300})=[ \t]*$", re.MULTILINE)
_BOLD = re.compile(r"'''([^'\n]{1,200})'''")
_CATEGORY = re.compile(r"(?:category|категория)[ \t]*:[ \t]*(.+)", re.IGNORECASE)
_FILE = re.compile(r"(?:file|image|media|файл|изображение)[ \t]*:", re.IGNORECASE)
_LEAD = 3000


def read_mediawiki(source: Source) -> Content:
    """Text, title and categories of a MediaWiki page. Raises UndecodableBytes (a ValueError) for binary data."""
    content = read_text(source)
    text = _without_comments(content.text)
    categories: dict[str, None] = {}

    def plain(found: re.Match[str]) -> str:
        link = found["link"]
        if link is None:
            return found["name"] or ""
        if category := _CATEGORY.fullmatch(link.strip()):
            categories[category[1].strip()] = None
            return ""
        if _FILE.match(link.strip()):
            return (found["label"] or "").rpartition("|")[2]
        return found["label"] or link.lstrip(":")

    lead = text[:_LEAD]
    heading = _HEADING.search(lead)
    bold = _BOLD.search(lead)
    title = heading[1] if heading else bold[1] if bold else ""
    lines = _MARKUP.sub(plain, text)
    lines = "\n".join(line.strip("= \t") if line.startswith("=") else line for line in lines.split("\n"))
    return with_header(replace(content, text=lines), {"categories": tuple(categories)}, title.strip())


def _without_comments(text: str) -> str:
    kept, start = [], 0
    while (begin := text.find("<!--", start)) >= 0 and (end := text.find("-->", begin + 4)) >= 0:
        kept.append(text[start:begin])
        start = end + 3
    return "".join([*kept, text[start:]])
