"""The reader of subtitles (SubRip, WebVTT, Advanced SubStation). Times and styles are taken out, and lines joined to sentences."""

from __future__ import annotations

import re
from dataclasses import replace

from .content import Content, Source
from .text import read_text

_TIME = re.compile(r"[ \t]*(?:\d{1,3}:)?\d{1,3}:\d\d[.,]\d{1,3}[ \t]*-->")
# Anything else in angle brackets is said: "<National Power> signed".
_TAG = re.compile(
    r"</?(?:[bius]|c|v|em|strong|font|ruby|rt|lang|span|br|p)(?![\w-])[^<>\n]{0,200}>|<\d[\d:.]{0,20}>"
    r"|\{\\[^{}\n]{0,500}\}|\{[a-zA-Z]:[^{}\n]{0,100}\}"
)
_IN_BRACES = re.compile(r"\{[^{}\n]{0,500}\}")  # of Advanced SubStation, where all of it is hidden
_ENTITY = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&nbsp;": " ", "&lrm;": "", "&rlm;": ""}
_ENTITIES = re.compile("|".join(_ENTITY))
_SENTENCE_END = (".", "!", "?", "…", "»", '"', ":", "♪", ")", "]")
_DASHES = ("-", "–", "—")
# A sentence has an end. Else, as in automatic subtitles without any full stop, it is cut.
_LONGEST = 300
# A longer line is no subtitle, and may begin millions of tags.
_LONGEST_CUE = 100_000


def read_subtitles(source: Source) -> Content:
    """What is said. Each sentence, or each speaker, has a line. Raises UndecodableBytes (a ValueError) for binary data."""
    content = read_text(source)
    lines = content.text.split("\n")
    script = source.name.lower().endswith((".ass", ".ssa")) or content.text.lstrip()[:13].lower() == "[script info]"
    title = ""
    if script:
        title, cues = _script(lines)
    else:
        if lines[0].startswith("WEBVTT"):
            title = lines[0][6:].strip(" \t-–—:")
        cues = _cues(lines)
    return replace(content, text="\n".join(_sentences(cues)), title=title)


def _cues(lines: list[str]) -> list[str]:
    """The lines of text of SubRip and WebVTT."""
    found: list[str] = []
    in_cue = False
    for line in lines:
        if "-->" in line and _TIME.match(line):
            in_cue = True
        elif not line.strip():
            in_cue = False
        elif in_cue:
            found.append(line)
    return found


def _script(lines: list[str]) -> tuple[str, list[str]]:
    """(title, lines of text) of Advanced SubStation."""
    title = ""
    found: list[str] = []
    columns = 10
    for line in lines:
        name, _, value = line.partition(":")
        name = name.strip().lower()
        if name == "title" and not title:
            title = value.strip()
        elif name == "format" and value.rstrip().lower().endswith("text"):
            columns = value.count(",") + 1
        elif name == "dialogue":
            fields = value.split(",", columns - 1)
            if len(fields) == columns:
                found += re.split(r"\\[Nn]", _IN_BRACES.sub("", fields[-1]).replace("\\h", " "))
    return title, found


def _sentences(cues: list[str]) -> list[str]:
    sentences: list[str] = []
    parts: list[str] = []
    length = 0
    last = ""
    for cue in cues:
        if ("<" in cue or "{" in cue) and len(cue) <= _LONGEST_CUE:
            cue = _TAG.sub("", cue)
        if "&" in cue:
            cue = _ENTITIES.sub(lambda found: _ENTITY[found[0]], cue)
        text = " ".join(cue.split())
        if not text or text == last:  # subtitles that roll say each line twice
            continue
        last = text
        if parts and (text.startswith(_DASHES) or length > _LONGEST):
            sentences.append(" ".join(parts))
            parts, length = [], 0
        parts.append(text)
        length += len(text)
        if text.endswith(_SENTENCE_END):
            sentences.append(" ".join(parts))
            parts, length = [], 0
    return [*sentences, " ".join(parts)] if parts else sentences
