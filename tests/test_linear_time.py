"""Reading any text, or any query, takes time in step with its length. A short one that takes minutes would stop everybody."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest

from naidi.indexer.analysis.acronyms import definitions
from naidi.indexer.analysis.bulk.languages import detect_languages
from naidi.indexer.analysis.bulk.tokens import form_numbering
from naidi.indexer.analysis.language import detect_language
from naidi.indexer.analysis.normalize import clean, form
from naidi.indexer.analysis.sentences import sentence_spans
from naidi.indexer.analysis.skeleton import lexicon_hashes, skeleton
from naidi.indexer.analysis.tokenizer import forms, lower_headlines, tokenize
from naidi.indexer.document import Document
from naidi.indexer.readers import Content, Format, Source
from naidi.indexer.readers.builtin_formats import BUILTIN
from naidi.indexer.readers.dateline import dateline_end
from naidi.indexer.readers.encoding import decode
from naidi.indexer.readers.markdown import first_heading, read_markdown
from naidi.indexer.readers.markup_text import markup_text
from naidi.indexer.readers.read_file import split_header
from naidi.indexer.readers.title import title_of
from naidi.indexer.writing.batch import analyse
from naidi.search.query.filters import filters_alone


def read_as(one: Format, text: str) -> None:
    """What a reader of the format makes of the text. It may refuse it."""
    with suppress(ValueError):
        found = one.load()(Source(text.encode("utf-8", "replace"), "a" + one.extensions[0]))
        list((found,) if isinstance(found, Content) else found)


STAGES: dict[str, Callable[[str], object]] = {
    "acronyms": definitions,
    "batch": lambda text: analyse([Document("id", text)]),
    "clean": clean,
    "dateline": dateline_end,
    "encoding": lambda text: decode(text.encode("utf-8", "replace")) if "\0" not in text else None,
    "form": form,
    "forms": forms,
    "header": split_header,
    "heading": first_heading,
    "headlines": lower_headlines,
    "language": detect_language,
    "languages": lambda text: detect_languages([text]),
    "lexicon": lambda text: lexicon_hashes(text.replace("\n", " ").encode() + b"\n"),
    "markdown": lambda text: read_markdown(Source(text.encode())),
    "front matter": lambda text: read_markdown(Source(b"---\n" + text.encode())),
    "markup": markup_text,
    "filters": lambda text: list(filters_alone(text)),
    "numbers": lambda text: form_numbering().number([text]),
    "sentences": lambda text: list(sentence_spans(text)),
    "skeleton": skeleton,
    "title": title_of,
    "tokens": lambda text: list(tokenize(text)),
    **{
        one.name: partial(read_as, one) for one in BUILTIN if one.is_text and one.name not in ("plain text", "Markdown")
    },
}

# The start of a text, what is repeated, the end.
TEXTS: dict[str, tuple[str, str, str]] = {
    "a letter with marks": ("e", "\u0301", ""),
    "marks out of order": ("e", "\u0301\u0316", ""),
    "marks alone": ("", "\u0301", ""),
    "Tibetan marks": ("", "\u0f74\u0f72\u0f71", ""),
    "letters with marks": ("", "a" + "\u0301" * 10, ""),
    "letters and hyphens": ("", "a-", ""),
    "letters and full stops": ("", "a.", ""),
    "initials": ("", "А. ", ""),
    "capitals and full stops": ("", "A.", ""),
    "numbers and full stops": ("", "1.11.11.1", ""),
    "one word": ("", "a", ""),
    "one word in capitals": ("", "Я", ""),
    "one word of two alphabets": ("", "aЯ", ""),
    "apostrophes": ("", "a'", ""),
    "full stops": ("", ".", ""),
    "full stops and quotes": ("", '."', ""),
    "blanks": ("a", " ", "a"),
    "line ends": ("a", "\n", "a"),
    "blanks and line ends": ("", " \n", "."),
    "capitals alone in their lines": ("", "A\n", ""),
    "a line of capitals that is none": ("\n", "A ", "a"),
    "headlines": ("", "ABCD EFG\n", ""),
    "open brackets": ("", " (", ""),
    "acronyms in brackets": ("", "World Health Organization (WHO ", ""),
    "quotes in a bracket": ("AB (", "'", ""),
    "a heading of blanks": ("# ", " ", ""),
    "a heading of tabs": ("## ", "\t", "#"),
    "number signs": ("# ", "#", " "),
    "fences": ("", "```\n", ""),
    "comments": ("", "<!-- -->", ""),
    "open comments": ("", "<!--", ""),
    "tags without end": ("", "<a ", ""),
    "quotes in tags": ("", "<a \"'", ">"),
    "open titles": ("", "<title>", ""),
    "references of HTML": ("", "&#1;&amp", ""),
    "long references": ("&#", "9", ";"),
    "blanks in cells": ("<td>", "\u00a0", "<td>"),
    "asterisks": ("# ", "*", "a"),
    "brackets of links": ("# ", "[", "]("),
    "an entry of blanks": ("key:", " ", "\n---\n"),
    "entries": ("", "key: value\n", ""),
    "places": ("", "МОСКВА, ", ""),
    "a place and blanks": ("МОСКВА, 5 мая", " ", "x"),
    "photographs": ("", "Фото: ", ""),
    "entries of TOML": ("", "key = [\n", ""),
    "a list of TOML": ("+++\na = [", '"', "\n+++\n"),
    "a list of YAML": ("---\na: [", "a, ", "\n---\n"),
    "items of YAML": ("---\na:\n", "- a\n", "---\n"),
    "attributes of AsciiDoc": ("= a\n", ":a: ", "\n"),
    "fields": ("a\n=\n", ":a: b\n", ""),
    "lines of equals signs": ("", "====\n", ""),
    "comments of two dots": ("", ".. a\n", ""),
    "drawers": ("", ":A:\n", ":END:\n"),
    "tags of Org": ("* a ", ":a", ""),
    "backslashes": ("", "\\", ""),
    "commands": ("", "\\cite", "A"),
    "commands with options": ("", "\\cite[", ""),
    "commands with arguments": ("", "\\title{", ""),
    "commands and blanks": ("\\label", " ", "x"),
    "blocks of LaTeX": ("", "\\begin{a}", ""),
    "open braces": ("", "{", ""),
    "open double brackets": ("", "[[", ""),
    "addresses in brackets": ("", "[https://a ", ""),
    "quotes of two": ("", "''", ""),
    "open tags": ("", "<a ", ""),
    "attributes": ("<a ", 'b="', ">"),
    "names of attributes": ("<a ", "b", ">"),
    "empty elements": ("", "</a>", ""),
    "empty elements and blanks": ("<a>", " </a> ", "x"),
    "open data": ("", "<![CDATA[", ""),
    "a document type": ("", "<!DOCTYPE [", "]>"),
    "references": ("", "&#1078;", ""),
    "open comments of C": ("", "/*", ""),
    "stars of a comment": ("/", "*", "/"),
    "comments of lines": ("", "// a\n", ""),
    "humps": ("", "aB", ""),
    "names with humps": ("", "aBc dEf ", ""),
    "semicolons": ("", ";", ""),
    "double quotes": ("", '"', ""),
    "rows": ("", "a,b\n", ""),
    "one open quote": ('"', "a,b\n", ""),
    "open lists of JSON": ("", "[", ""),
    "lines of JSON": ("", '{"a": {"b": "c"}}\n', ""),
    "deep JSON": ("", '{"a": [' * 50 + "]}" * 50 + "\n", ""),
    "escapes": ("", "\\u0041", ""),
    "times": ("", "00:00:01,000 --> \na\n", ""),
    "dialogue": ("", "Dialogue: ,,,,,,,,,\n", ""),
    "C++": ("", "C++", ""),
    "names of .NET": ("", ".NET", ""),
    "years": ("", "5 мая 2021 г. ", ""),
    "letters beyond the first plane": ("", "𝐀", ""),
    "invisible characters": ("a", "\u200d", "b"),
    "negations": ("", "NOT ", ""),
    "a negation of blanks": ("NOT", " ", ""),
    "filters": ("", "lang:ru ", ""),
    "names of filters": ("", "lang:", ""),
    "open ranges": ("", "date:[a TO ", ""),
    "a range of blanks": ("date:[1 TO", " ", ""),
    "open brackets of filters": ("", "date:(", ""),
    "Hangul": ("", "\u1100\u1161", ""),
    "Thai": ("", "\u0e01\u0e31", ""),
}


def text_of(name: str, size: int) -> str:
    start, repeated, end = TEXTS[name]
    return start + repeated * (size // len(repeated)) + end


def seconds(stage: Callable[[str], object], text: str) -> float:
    gc.disable()  # it looks through what all other tests have left, which a large text makes it do more often
    try:
        begin = time.thread_time()
        stage(text)
        return time.thread_time() - begin
    finally:
        gc.enable()


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Tables and caches are filled before the first measurement."""
    for stage in STAGES.values():
        stage("Привет, world! МОСКВА, 5 мая (ТАСС) - text ёж \u0e01 𝐀\n")


@pytest.mark.slow
@pytest.mark.parametrize("size", [64_000, 512_000])
@pytest.mark.parametrize("name", TEXTS)
def test_eight_times_the_text_takes_eight_times_as_long(name: str, size: int) -> None:
    """At most 20 times, or no time at all. What somebody else does on the machine is no reason: each is measured again."""
    small, large = text_of(name, size // 8), text_of(name, size)
    for stage, call in STAGES.items():
        for _ in range(4):
            long = seconds(call, large)
            if long < 0.05 or long < 20 * seconds(call, small):
                break
        else:
            pytest.fail(f"{stage}: {long:.2f} s, and more than 20 times as long as for an eighth")


def test_a_word_of_any_length_has_one_form() -> None:
    word = "e" + "\u0301\u0316" * 100_000
    assert form(clean(word)) == form(form(clean(word)))
    assert clean("e\u0301" * 600) == "é" * 600
