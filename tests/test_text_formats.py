"""Texts with markup, source code, and what programs write: words, titles, dates, authors and tags."""

# ruff: noqa: SIM905
from __future__ import annotations

import datetime
import tracemalloc
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi.indexer.readers import Content, Source, format_of, formats, source_code, xml_text
from naidi.indexer.readers.builtin_formats import BUILTIN
from naidi.indexer.readers.source_code import comment_title, words_of_identifiers

TEXTS = [one for one in BUILTIN if one.is_text]


def contents(name: str, text: str | bytes) -> list[Content]:
    known = format_of(name)
    assert known is not None
    found = known.load()(Source(text if isinstance(text, bytes) else text.encode(), name))
    return [found] if isinstance(found, Content) else list(found)


def read(name: str, text: str | bytes) -> Content:
    (content,) = contents(name, text)
    return content


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


# --- AsciiDoc


ADOC = """\
// a comment
= Путь к *Git*
Анна Петрова <a@example.org>; Ivan_Ivanov
v1.2, 2021-05-29
:keywords: git, версии
:description: о версиях
:toc:

Первый абзац. https://example.org//path
// комментарий
////
долгий комментарий
////
----
// code stays
////
----

== Глава
"""


def test_asciidoc() -> None:
    content = read("a.adoc", ADOC)
    assert content.title == "Путь к *Git*"
    assert content.date == day("2021-05-29")
    assert content.meta == {"author": "Анна Петрова, Ivan Ivanov", "tags": "git, версии", "description": "о версиях"}
    assert content.keywords == "Анна Петрова\nIvan Ivanov\ngit\nверсии\nо версиях"
    assert content.text == (
        "= Путь к *Git*\n\nПервый абзац. https://example.org//path\n----\n// code stays\n////\n----\n\n== Глава\n"
    )


@pytest.mark.parametrize(
    "text, title, body",
    [
        ("Title\n=====\nАнна Петрова\n\ntext", "Title", "Title\n\ntext"),
        ("Title\n-----\ntext", "Title", "Title\ntext"),
        ("== Section\nSome words\n", "Section", "== Section\nSome words\n"),
        (
            "= Title\nSome text, which goes on: here.\nMore.\n",
            "Title",
            "= Title\nSome text, which goes on: here.\nMore.\n",
        ),
        ("no title\n", "", "no title\n"),
        ("", "", ""),
        (":only: attributes", "", ""),
    ],
)
def test_headers_of_asciidoc(text: str, title: str, body: str) -> None:
    content = read("a.asciidoc", text)
    assert (content.title, content.text) == (title, body)


def test_a_key_of_pgp_is_no_asciidoc() -> None:
    with pytest.raises(ValueError, match="a key or message of PGP"):
        read("key.asc", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQENBF\n")
    assert read("chapter.asc", "= Chapter\n\ntext").title == "Chapter"


# --- reStructuredText


RST = """\
.. comment
   that goes on

=========
 Заглавие
=========

:Author: Анна Петрова
:Date: 2021-05-29
:Tags: поиск, индекс
:Version: 1
   and more

Текст с *выделением*.

.. note:: A directive stays.
.. _target:

Часть
-----

..
   hidden

end
"""


def test_restructured_text() -> None:
    content = read("a.rst", RST)
    assert content.title == "Заглавие"
    assert content.date == day("2021-05-29")
    assert content.meta == {"author": "Анна Петрова", "tags": "поиск, индекс"}
    assert content.text.split() == (
        "Заглавие Текст с *выделением*. .. note:: A directive stays. .. _target: Часть end".split()
    )


@pytest.mark.parametrize(
    "text, title",
    [
        ("Title\n=====\ntext", "Title"),
        ("text\n\n----\n\nmore", ""),
        ("Some text.\n\nSee Also\n========\n", ""),
        (".. _a:\n\n.. note:: x\n   more\n\n:a: b\n\n======\n Title\n======\n\nNext\n----\n", "Title"),
        ("a\n", ""),
        ("::\n\n  code", ""),
        ("", ""),
    ],
)
def test_titles_of_restructured_text(text: str, title: str) -> None:
    assert read("a.rst", text).title == title


# --- Org


ORG = """\
#+TITLE: Записки
#+AUTHOR: Анна Петрова
#+DATE: [2021-05-29 Sat]
#+FILETAGS: :дом:работа:
# comment
:PROPERTIES:
:ID: 123
:END:
* TODO [#A] Купить хлеб :магазин:срочно:
:LOGBOOK:
CLOCK: [2021-05-29 Sat 10:00]
:END:
Текст: здесь.
#+BEGIN_SRC python
# a comment of Python
#+END_SRC
#+begin_comment
скрыто
#+end_comment
** Ещё
"""


def test_org() -> None:
    content = read("a.org", ORG)
    assert content.title == "Записки"
    assert content.date == day("2021-05-29")
    assert content.meta == {"author": "Анна Петрова", "tags": "дом, работа, магазин, срочно"}
    assert "Купить хлеб" in content.text and "Текст: здесь." in content.text and "** Ещё" in content.text
    assert not [word for word in ("скрыто", "PROPERTIES", "CLOCK", "123", "TITLE") if word in content.text]
    assert "a comment of Python" in content.text


def test_title_of_org_from_a_headline() -> None:
    assert read("a.org", "text\n* DONE [#B] Купить хлеб  :a:b:\n* Второе").title == "Купить хлеб"
    assert read("a.org", "просто: текст").title == ""


# --- LaTeX


TEX = r"""
% a comment
\documentclass[12pt]{article}
\usepackage[utf8]{inputenc}
\title{О \emph{поиске}\thanks{grant}}
\author{Анна Петрова\inst{1} \and Ivan Ivanov}
\date{29 мая 2021}
\newcommand{\foo}{bar}
\begin{document}
\maketitle
\section{Введение}\label{sec:intro}
Слово~--- 50\% \textbf{жирное} % comment
и~\cite{knuth} na\"{\i}ve caf\'e \LaTeX{} ``quoted''.\\ Next \href{http://x.org}{link}.
\begin{tabular}{|l|c|} a & b \end{tabular}
\includegraphics[width=0.5\textwidth]{picture.png}
$\alpha + x^2$
\end{document}
trailing
"""


def test_latex() -> None:
    content = read("a.tex", TEX)
    assert content.title == "О поиске"
    assert content.date == day("2021-05-29")
    assert content.meta == {"author": "Анна Петрова, Ivan Ivanov"}
    text = " ".join(content.text.split())
    assert text.startswith("Введение Слово — 50% жирное и naïve café LaTeX “quoted”. Next link. a & b $")
    hidden = ("comment", "article", "utf8", "sec:intro", "knuth", "picture", "trailing", "bar", "|l", "textwidth")
    assert not [word for word in hidden if word in content.text]


def test_signs_that_latex_writes_as_commands() -> None:
    """They stand between words, which must not become one."""
    code = r"\NormalTok{List}\textless{}\DataTypeTok{int}\textgreater{}\textbar{}a\textasciitilde{}b\textasciicircum{}c"
    assert read("a.tex", code).text == "List<int>|a~b^c"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (r"\parbox{3cm}{text}", "3cm text"),
        (r"\section{\texorpdfstring{\texttt{isatty}}{isatty}}", "isatty isatty"),
        (r"Deep {L}{S}{T}{M} net{work}s", "Deep LSTM networks"),
    ],
)
def test_arguments_of_latex_are_words_of_their_own(code: str, text: str) -> None:
    assert read("a.tex", code).text == text


def test_a_piece_of_latex_without_a_document() -> None:
    assert read("a.tex", "\\chapter{One}\nWords \\emph{here}\n").text == "One\nWords here"


# --- MediaWiki


def test_mediawiki() -> None:
    text = (
        "<!-- hidden -->'''Уго Чавес''' — [[президент|глава]] [[Венесуэла|Венесуэлы]].<ref>source</ref>\n"
        "== Жизнь ==\n[https://example.org Сайт] и ''курсив''.\n"
        "[[Файл:a.jpg|thumb|подпись]]\n[[Категория:Президенты]]\n[[Category:People|Ch]]\n"
    )
    content = read("a.wiki", text)
    assert content.title == "Уго Чавес"
    assert content.meta == {"tags": "Президенты, People"}
    assert content.text.strip() == "Уго Чавес — глава Венесуэлы.source\nЖизнь\nСайт и курсив.\nподпись"
    assert read("a.mediawiki", "= Big =\ntext").title == "Big"


def test_the_words_of_a_long_line_of_xml(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are joined in pieces: all at once, they take ten times their size."""
    words = [f"слово{number}" for number in range(200)]
    data = f"<a> \t{'  '.join(words)}\u00a0 </a>".encode()
    whole = read("a.xml", data).text
    for piece in (1, 2, 7, 50):
        monkeypatch.setattr(xml_text, "_PIECE", piece)
        assert read("a.xml", data).text == whole == " ".join(words)
    tracemalloc.start()
    try:
        monkeypatch.setattr(xml_text, "_PIECE", 10_000)
        read("a.xml", "<a>" + "a " * 1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()


def test_the_words_of_identifiers_of_a_long_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_code, "_MOST_LETTERS", 12)
    assert words_of_identifiers("getUserById setName") == ["get", "user", "by", "id"]


# --- subtitles


SRT = """\
1
00:00:01,000 --> 00:00:02,500
<i>Здравствуйте,</i> меня зовут

2
00:00:02,600 --> 00:00:04,000
{\\an8}Анна. Как
дела?

3
00:00:05,000 --> 00:00:06,000
- Хорошо
- А у вас?
"""
VTT = "WEBVTT - Talk\n\nNOTE hidden\n\n00:01.000 --> 00:02.000 align:start\n<v Anna>We &amp; they\n\n"
VTT += "00:02.000 --> 00:03.000\nmet.\n"
ASS = (
    "[Script Info]\nTitle: Фильм\n\n[V4+ Styles]\nFormat: Name, Fontname\n\n[Events]\nFormat: Layer, Start, End, Text\n"
    "Dialogue: 0,0:00:01.00,0:00:02.00,{\\i1}Привет, мир{\\i0}\\Nи все!\nComment: 0,0:00:01.00,0:00:02.00,hidden\n"
)


def test_subtitles() -> None:
    assert read("a.srt", SRT).text == "Здравствуйте, меня зовут Анна. Как дела?\n- Хорошо\n- А у вас?"
    talk = read("a.vtt", VTT)
    assert (talk.title, talk.text) == ("Talk", "We & they met.")
    film = read("a.ass", ASS)
    assert (film.title, film.text) == ("Фильм", "Привет, мир и все!")


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("owned <National Power Corp> signed", "owned <National Power Corp> signed"),
        ("<font color='red'>a</font> <b>b</b> <br/>c {y:i}d {\\pos(1,2)}e", "a b c d e"),
        ("<c.loud>a</c> <00:00:01.500>b <lang en>c</lang>", "a b c"),
        ("3 < 4 > 2 {sic} <body>", "3 < 4 > 2 {sic} <body>"),
    ],
)
def test_what_is_no_tag_is_said(said: str, text: str) -> None:
    assert read("a.srt", f"1\n00:00:01,000 --> 00:00:02,000\n{said}\n").text == text


def test_a_line_that_is_no_subtitle_keeps_what_looks_like_tags() -> None:
    line = "<i>слово</i> &amp; " * 10_000
    text = read("a.srt", f"00:00:00,000 --> 00:00:01,000\n<i>a</i>\n\n00:00:02,000 --> 00:00:03,000\n{line}").text
    assert text.startswith("a <i>слово</i> & <i>")


def test_subtitles_without_full_stops_are_cut() -> None:
    cues = "".join(f"{n}\n00:00:01,000 --> 00:00:02,000\nword{n} and no end of it\n\n" for n in range(100))
    assert max(map(len, read("a.srt", cues).text.split("\n"))) < 400


# --- what programs write


def test_escapes_of_json_and_properties() -> None:
    text = r'{"name": "\u0416\u0443\u043a", "path": "C:\\u0041", "nul": "\u0000", "two": "\ud83d\ude00"}'
    assert read("a.json", text).text.startswith(r'{"name": "Жук", "path": "C:\\u0041", "nul": "\u0000"')
    assert read("a.properties", r"title=\u0416").text == "title=Ж"
    assert read("a.json", '{"a": 1}').text == '{"a": 1}'


@pytest.mark.parametrize(
    "name", ["a.yaml", "a.yml", "a.toml", "a.ini", "a.conf", "a.cfg", "app.log", "app.log.1", "a.diff"]
)
def test_text_as_it_stands(name: str) -> None:
    text = "# comment\nkey: значение\n\n\n[section]\n"
    assert read(name, text) == Content(text)


XML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE x [<!ENTITY big "boom">]>
<beans xmlns="http://example.org/ns"><!-- hidden -->
  <title>Настройки &amp; &#1078;</title>
  <bean id="userService" class="com.example.User"/><bean name="заказы"><p>Text with <b>bold</b> words.</p><p>Second</p></bean>
  <![CDATA[raw <data> here]]>
  <style>.x { color: red }</style>
</beans>"""


def test_xml() -> None:
    content = read("a.xml", XML)
    assert content.title == "Настройки & ж"
    assert content.text.split("\n") == [
        "Настройки & ж", "userService", "заказы", "Text with bold words.", "Second", "raw <data> here",
    ]  # fmt: skip
    assert content.keywords.split("\n")[:4] == ["beans", "title", "bean", "id"]


def test_xml_that_is_not_well_formed() -> None:
    assert read("a.xml", "a < b and <c").text == "a < b and <c"
    assert read("a.svg", '<svg><path d="M10 abc"/><text>Слово</text><title>T</title>').text == "Слово\nT"


# --- source code


@pytest.mark.parametrize(
    "text, words",
    [
        ("def getUserById(user_id): pass", ["get", "by", "id"]),
        ("HTTPResponse parseXMLFile utf8Decode", ["http", "response", "parse", "xml", "file", "utf8", "decode"]),
        ("get user = getUser", []),
        ("snake_case and kebab-case and Plain CAPITALS iPhone", ["phone"]),
        ("получитьИмя", ["получить", "имя"]),
        ("", []),
    ],
)
def test_words_of_identifiers(text: str, words: list[str]) -> None:
    assert words_of_identifiers(text) == words


def test_words_of_identifiers_are_bounded() -> None:
    names = " ".join(
        f"get{chr(65 + a % 26)}{chr(97 + b % 26)}{chr(97 + c % 26)}x"
        for a in range(26)
        for b in range(26)
        for c in range(26)
    )
    assert len(words_of_identifiers(names)) == 5_000


@pytest.mark.parametrize(
    "text, title",
    [
        ('#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n"""Reads files. And more."""\nimport os', "Reads files."),
        ("# Copyright 2021\n# by us\n\n'''Does it'''", "Does it"),
        ("/*\n * Copyright (c) me\n */\n\n// The parser of queries.\n// More\nint x;", "The parser of queries."),
        ("/**\n * Класс пользователя\n * и заказа.\n *\n * @author x\n */", "Класс пользователя и заказа."),
        ("-- Таблица заказов\nCREATE TABLE", "Таблица заказов"),
        ("#include <stdio.h>\n", ""),
        ("import os\n# late", ""),
        ("// eslint-disable\nvar a", ""),
        ("<?php\n/** Runs it */", "Runs it"),
        ("//! A crate for searching.", "A crate for searching."),
        ("# ----------\n# Settings of the site\n", "Settings of the site"),
        ("", ""),
    ],
)
def test_titles_of_source_code(text: str, title: str) -> None:
    assert comment_title(text) == title


def test_source_code_stays_as_it_is() -> None:
    content = read("x/Makefile", "all:\n\tgcc -o getUser\n")
    assert content == Content("all:\n\tgcc -o getUser\n", title="x/Makefile", keywords="get\nuser")


@pytest.mark.parametrize("name", ["a.PY", "CMakeLists.txt", "Dockerfile", "x.d.ts", "a.vue"])
def test_names_of_source_code(name: str) -> None:
    found = format_of(name)
    assert found is not None and found.name == "source code"


@pytest.mark.parametrize("name", ["README", "License", "CHANGELOG", "x/TODO"])
def test_names_of_plain_text(name: str) -> None:
    found = format_of(name)
    assert found is not None and found.name == "plain text"


# --- all of them


WORDS = "Съешь ещё этих мягких французских булок, да выпей чаю. Программист пишет программу."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "koi8-r", "utf-16"])
@pytest.mark.parametrize("one", TEXTS, ids=lambda one: one.name)
def test_encodings(one: object, encoding: str) -> None:
    assert isinstance(one, type(TEXTS[0]))
    name = "a" + one.extensions[0]
    text = {
        ".csv": f'name,text\nx,"{WORDS}"\n',
        ".jsonl": f'{{"text": "{WORDS}"}}\n',
        ".srt": f"1\n00:00:01,000 --> 00:00:02,000\n{WORDS}\n",
        ".xml": f"<a>{WORDS}</a>",
    }.get(one.extensions[0], WORDS)
    found = "".join(content.text for content in contents(name, text.encode(encoding)))
    assert found.replace("\n", " ").strip() == WORDS


PIECES = """
a Б 1 : = == ===== - --- +++ * # #+ #+TITLE: // //// .. :: | \\ { } [ ] [[ ]] < > <!-- --> <![CDATA[ ]]> <!DOCTYPE
/* */ " ' \"\"\" , ; % $ --> 00:00:01,000 Dialogue: :PROPERTIES: :END: \\begin{ \\title{ \\cite \\"o Category:
&amp; _ &#0; \\u0041 \\u0000
"""
MARKUP = st.lists(st.sampled_from(["\n", "\n\n", " ", "\t", *PIECES.split()]), max_size=60).map("".join)


@pytest.mark.parametrize("one", TEXTS, ids=lambda one: one.name)
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode) | MARKUP.map(str.encode))
def test_any_bytes(one: object, data: bytes) -> None:
    """Every reader reads them, or says in a few words why not."""
    assert isinstance(one, type(TEXTS[0]))
    for extension in one.extensions[:1]:
        try:
            found = contents("a" + extension, data)
        except ValueError as error:
            assert 0 < len(str(error)) < 100
            continue
        parts = [content.part for content in found if content.text]
        assert len(set(parts)) == len(parts)
        for content in found:
            assert "\r" not in content.text and "\n" not in content.title
            assert content.date is None or isinstance(content.date, datetime.date)
            assert all(isinstance(value, (str, int)) for value in content.meta.values())


def test_no_extension_has_two_formats() -> None:
    def twice(names: Iterable[str]) -> list[str]:
        seen: set[str] = set()
        return [name for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]

    assert not twice(extension for one in BUILTIN for extension in one.extensions)
    assert not twice(name for one in BUILTIN for name in one.file_names)
    assert {one.name for one in BUILTIN} <= {one.name for one in formats()}
