"""Writes texts as files of formats that are text, with what stands around the words in real ones."""

from __future__ import annotations

import csv
import io
import json
import re
import textwrap
from html import escape

from benchmarks.formats.texts import Texts, paragraphs

# Old code pages have no dashes and quotes of printers; programs wrote others.
TYPED = {
    "«": '"',
    "»": '"',
    "“": '"',
    "”": '"',
    "„": '"',
    "‘": "'",
    "’": "'",
    "—": "-",
    "–": "-",
    "…": "...",
    "№": "No",
}
PRINTED = {"'": "’", "--": "—"}


def plain(texts: Texts, number: int) -> bytes:
    return f"{texts[0].title}\n\n{texts[0].text}\n".encode()


def encoded(encoding: str, start: bytes = b"") -> object:
    """A writer of plain text in an encoding. Characters that it has not become those that people typed, or "?"."""

    def write(texts: Texts, number: int) -> bytes:
        text = f"{texts[0].title}\n\n{texts[0].text}\n".replace("\n", "\r\n" if number % 2 else "\n")
        return start + typed(text, encoding).encode(encoding, "replace")

    return write


def typed(text: str, encoding: str) -> str:
    """The text as it could be typed in an old encoding."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        for char, other in TYPED.items():
            text = text.replace(char, other)
    return text


def printed(texts: Texts, number: int) -> bytes:
    """English of Windows: its quotes and dashes are beyond Latin-1."""
    text = re.sub(r'"(\S[^"\n]*)"', "“\\1”", texts[0].text).replace("'", "’").replace("--", "—")
    return f"{texts[0].title}\n\n{text}\n".encode("cp1252", "replace")


def wrapped(text: str, width: int = 72) -> str:
    return "\n\n".join(
        textwrap.fill(each, width, break_on_hyphens=False, break_long_words=False) for each in paragraphs(text)
    )


def markdown(texts: Texts, number: int) -> bytes:
    (one,) = texts
    if number % 4 == 3:
        head = f'+++\ntitle = {json.dumps(one.title, ensure_ascii=False)}\ntags = ["notes"]\n+++\n'
    else:
        date = f"date: {one.date}\n" if one.date else ""
        head = f"---\ntitle: {json.dumps(one.title, ensure_ascii=False)}\n{date}tags: [notes, documents]\nauthor: N. Writer\n---\n"
    return f"{head}\n{one.text}\n".encode()


def html(encoding: str) -> object:
    """A writer of pages with menus, scripts and a foot."""

    def write(texts: Texts, number: int) -> bytes:
        (one,) = texts
        body = "\n".join(f"<p>{escape(each)}</p>" for each in paragraphs(typed(one.text, encoding)))
        menu = "".join(f'<li><a href="/{place}">{place}</a></li>' for place in ("home", "news", "about", "contact"))
        page = (
            f'<!DOCTYPE html>\n<html lang="{one.language}"><head><meta charset="{encoding}">\n'
            f"<title>{escape(one.title)}</title><style>p {{ margin: 0 }}</style><script>var x = '<p>';</script></head>\n"
            f"<body><nav><ul>{menu}</ul></nav><main><h1>{escape(one.title)}</h1>\n{body}\n</main>"
            f"<footer><p>© 2024</p></footer></body></html>\n"
        )
        return page.encode(encoding, "xmlcharrefreplace")

    return write


def rtf(texts: Texts, number: int) -> bytes:
    """As WordPad writes it: letters of cp1251 as bytes, others as numbers."""

    def coded(text: str) -> str:
        out = []
        for char in text:
            if char in "\\{}":
                out.append("\\" + char)
            elif char < "\x80":
                out.append(char)
            elif len(data := char.encode("cp1251", "ignore")) == 1 and number % 2:
                out.append(f"\\'{data[0]:02x}")
            else:
                units = char.encode("utf-16-le")
                for place in range(0, len(units), 2):
                    out.append(f"\\u{int.from_bytes(units[place : place + 2], 'little', signed=True)}?")
        return "".join(out)

    (one,) = texts
    body = "\n".join(f"\\pard\\sa200 {coded(each)}\\par" for each in paragraphs(one.text))
    return (
        "{\\rtf1\\ansi\\ansicpg1251\\deff0{\\fonttbl{\\f0\\fnil\\fcharset204 Calibri;}}{\\colortbl ;\\red0\\green0\\blue255;}\n"
        f"{{\\info{{\\title {coded(one.title)}}}}}\\viewkind4\\uc1\\f0\\fs22\n{{\\b {coded(one.title)}}}\\par\n{body}\n}}"
    ).encode("ascii", "replace")


def rst(texts: Texts, number: int) -> bytes:
    (one,) = texts
    title = one.title
    body = wrapped(re.sub(r"([*`|_\\])", r"\\\1", one.text))
    return f"{title}\n{'=' * len(title)}\n\n:Author: N. Writer\n:Date: {one.date}\n\n.. a comment\n\n{body}\n".encode()


def org(texts: Texts, number: int) -> bytes:
    (one,) = texts
    head = f"#+TITLE: {one.title}\n#+AUTHOR: N. Writer\n# a comment\n* {one.title} :notes:\n"
    return (head + textwrap.indent(wrapped(one.text), "  ") + "\n").encode()


def asciidoc(texts: Texts, number: int) -> bytes:
    (one,) = texts
    body = re.sub(r"(?m)^(?=[/.=*\-+|_:\[])", "{empty}", wrapped(one.text))
    return f"= {one.title}\nN. Writer <n@example.org>\n:toc:\n\n// a comment\n{body}\n".encode()


def latex(texts: Texts, number: int) -> bytes:
    def coded(text: str) -> str:
        text = re.sub(r"([&%$#_{}])", r"\\\1", text.replace("\\", "\\textbackslash "))
        return text.replace("~", "\\textasciitilde{}").replace("^", "\\textasciicircum{}")

    (one,) = texts
    title, body = coded(one.title), wrapped(coded(one.text))
    return (
        f"\\documentclass{{article}}\n\\usepackage[utf8]{{inputenc}}\n\\title{{{title}}}\n\\author{{N. Writer}}\n"
        f"\\begin{{document}}\n\\maketitle\n% a comment\n\\section{{{title}}}\n{body}\n\\end{{document}}\n"
    ).encode()


def mediawiki(texts: Texts, number: int) -> bytes:
    (one,) = texts
    body = "\n\n".join(paragraphs(escape(one.text, quote=False).replace("[", "&#91;").replace("{", "&#123;")))
    return f"== {one.title} ==\n\n{body}\n\n[[Category:Notes]]\n".encode()


def subtitles(separator: str, head: str = "") -> object:
    """A writer of subtitles: a few words at a time. separator: of the parts of a second."""

    def write(texts: Texts, number: int) -> bytes:
        (one,) = texts
        lines = [
            line
            for each in (one.title, *paragraphs(one.text))
            for line in textwrap.wrap(each, 40, break_long_words=False)
        ]
        out = [head]
        for place in range(0, len(lines), 2):
            start, end = (
                f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}{separator}000" for s in (place * 2, place * 2 + 3)
            )
            text = "\n".join(line for line in lines[place : place + 2]).replace("-->", "->")
            out.append(f"{place // 2 + 1}\n{start} --> {end}\n{text}\n\n")
        return ("\ufeff" if number % 3 == 0 else "").encode() + "".join(out).replace("\n", "\r\n").encode()

    return write


def source_code(texts: Texts, number: int) -> bytes:
    """A program whose comments are the text."""
    (one,) = texts
    text = f"{one.title}.\n\n{wrapped(one.text)}"
    if number % 3 == 0:
        doc = text.replace("\\", "/").replace('"""', "'''")
        return f'"""{doc}\n"""\n\n\ndef get_value(x):\n    return x + 1\n'.encode()
    if number % 3 == 1:
        return ("/* " + text.replace("*/", "* /") + " */\n#include <stdio.h>\nint main(void) { return 0; }\n").encode()
    return (textwrap.indent(text, "// ", lambda line: True) + "\nexport const getValue = (x) => x + 1;\n").encode()


SOURCE_EXTENSIONS = (".py", ".c", ".js")


def xml(texts: Texts, number: int) -> bytes:
    (one,) = texts
    body = "\n".join(f"<para>{escape(each)}</para>" for each in paragraphs(one.text))
    return f'<?xml version="1.0"?>\n<article><title>{escape(one.title)}</title>\n{body}\n</article>\n'.encode()


def json_file(texts: Texts, number: int) -> bytes:
    (one,) = texts
    return json.dumps(
        {"title": one.title, "paragraphs": paragraphs(one.text)}, indent=1, ensure_ascii=number % 2 == 0
    ).encode()


def log(texts: Texts, number: int) -> bytes:
    (one,) = texts
    lines = [one.title, *wrapped(one.text, 100).split("\n")]
    return "".join(
        f"2024-03-05 10:{n // 60 % 60:02}:{n % 60:02} INFO [main] {line}\n" for n, line in enumerate(lines)
    ).encode()


def csv_file(separator: str, encoding: str) -> object:
    """A writer of a table, a text a row."""

    def write(texts: Texts, number: int) -> bytes:
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=separator)
        writer.writerow(["id", "title", "date", "text"])
        for place, one in enumerate(texts):
            writer.writerow([place + 1, typed(one.title, encoding), one.date, typed(one.text, encoding)])
        return out.getvalue().encode(encoding, "replace")

    return write


def json_lines(texts: Texts, number: int) -> bytes:
    rows = ({"id": one.id, "title": one.title, "date": one.date, "text": one.text} for one in texts)
    return b"".join(json.dumps(row, ensure_ascii=number % 2 == 0).encode() + b"\n" for row in rows)
