"""The registry of formats, plain text and Markdown."""

from __future__ import annotations

import datetime
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi.indexer.readers import (
    Content,
    Format,
    Source,
    format_of,
    format_of_content,
    may_be_read,
    register,
    registry,
    unsupported_format,
)
from naidi.indexer.readers.days import day_of
from naidi.indexer.readers.encoding import UndecodableBytes
from naidi.indexer.readers.front_matter import split_front_matter
from naidi.indexer.readers.markdown import first_heading, plain, read_markdown, without_comments
from naidi.indexer.readers.text import read_text


def test_the_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_formats", "_by_extension", "_by_file_name"):
        monkeypatch.setattr(registry, name, getattr(registry, name).copy())

    def reader_of(path: str) -> object:
        found = format_of(path)
        return found and found.load()

    assert reader_of("a/b.TXT") is read_text
    assert reader_of("a.b.md") is read_markdown
    assert format_of("a.odd") is format_of("txt") is format_of(".txt") is format_of("") is None
    assert may_be_read("txt") and may_be_read("a.txt") and may_be_read("a.") and not may_be_read("a.odd")

    def read_odd(source: Source) -> Content:
        return Content("text")

    odd = Format("odd", (".odd", ".md", ".odd.gz"), read_odd, file_names=("oddfile",), magic=(b"ODD1", b"ODD2"))
    register(odd)
    for name in ("a.odd", "b/A.ODD.GZ", "a.md", "x/OddFile"):
        assert format_of(name) is odd, name
    assert reader_of("a.md") is read_odd
    assert format_of_content(b"ODD2 and more") is odd and format_of_content(b"text") is None


@pytest.mark.parametrize("extension", ["txt", "", ".", ".TXT", "a.txt", "./x"])
def test_what_is_no_extension(extension: str) -> None:
    with pytest.raises(ValueError, match="is no file extension"):
        register(Format("x", (extension,), read_text))


def test_unsupported_formats() -> None:
    assert unsupported_format("a/b.PDF") == "unsupported format .pdf"
    assert unsupported_format("a.\udcff").isprintable()


# --- text


def test_line_ends() -> None:
    assert read_text(Source(b"a\r\nb\rc\n\r\nd")).text == "a\nb\nc\n\nd"


def test_text_stays_as_it_is() -> None:
    text = "\n  Текст:\tкак есть \n\n\n"
    assert read_text(Source(text.encode())) == Content(text)


def test_warnings() -> None:
    assert read_text(Source("слово слово".encode() + b"\xff")).warnings == ("1 damaged character (utf-8)",)
    damaged = "слово слово слово".encode().replace(b" ", b"\xff")
    assert read_text(Source(damaged)).warnings == ("2 damaged characters (utf-8)",)


def test_binary() -> None:
    for reader in (read_text, read_markdown):
        with pytest.raises(UndecodableBytes, match="binary file"):
            reader(Source(b"a\0b"))


# --- Markdown


def markdown(text: str) -> Content:
    return read_markdown(Source(text.encode()))


def test_markdown_text_stays_as_it_is_written() -> None:
    text = "# Заглавие\n\n*Текст* со [ссылкой](http://a.b) и `кодом`.\n\n| a | b |\n|---|---|\n"
    assert markdown(text) == Content(text, title="Заглавие")


@pytest.mark.parametrize(
    "front_matter, title, date",
    [
        ("title: Простая сводка", "Простая сводка", None),
        ('title: "Сводка: \\"май\\""', 'Сводка: "май"', None),
        ("title: 'It''s here' # comment", "It's here", None),
        ("title: C# для всех # comment", "C# для всех", None),
        ("Title:   Blanks   \nDATE: 2021-05-29", "Blanks", "2021-05-29"),
        ("date: 2021-05-29T10:00:00Z\nlayout: post", "Heading", "2021-05-29"),
        ('date: "2021-05-29"', "Heading", "2021-05-29"),
        ("date: 2021-13-45", "Heading", None),
        ("date: May 29", "Heading", None),
        ("title: >-\n  folded\n  lines\nlayout: x", "folded lines", None),
        ("title: goes\n  on\nlayout: x", "goes on", None),
        ("title: {a: b}\ncreated: 2021/05/29\nupdated: 2022-01-01", "Heading", "2021-05-29"),
        ("date created: 29 мая 2021 г.\naliases:", "Heading", "2021-05-29"),
        ("title:\nother: x", "Heading", None),
        ("seo:\n  title: nested", "Heading", None),
        ("", "Heading", None),
    ],
)
def test_front_matter(front_matter: str, title: str, date: str | None) -> None:
    content = markdown(f"---\n{front_matter}\n---\n# Heading\ntext\n")
    assert content.first_line == front_matter.count("\n") + 4
    assert replace(content, first_line=1) == Content(
        "# Heading\ntext\n", title=title, date=datetime.date.fromisoformat(date) if date else None
    )


@pytest.mark.parametrize(
    "front_matter, meta",
    [
        ("tags: [идеи, 'side projects', \"a, b\"]", {"tags": "идеи, side projects, a, b"}),
        ("tags: [идеи,\n  проекты, # why\n]\nx: y", {"tags": "идеи, проекты"}),
        ("tags:\n  - идеи\n  - 'side projects' # why\n-\n- C#\nx: y", {"tags": "идеи, side projects, C#"}),
        ("tags: идеи", {"tags": "идеи"}),
        ("author: Анна Петрова\nauthors: [Ivan]", {"author": "Анна Петрова, Ivan"}),
        ("author:\n  - name: Анна Петрова\n    url: x\n  - name: Ivan", {"author": "Анна Петрова, Ivan"}),
        ("author:\n  name: Ivan\n  url: x", {"author": "Ivan"}),
        ("alias: x\ndescription: |\n  two\n  lines\ntags: []", {"aliases": "x", "description": "two lines"}),
        ("keywords: a\ntags: a", {"tags": "a"}),
    ],
)
def test_what_front_matter_says(front_matter: str, meta: dict[str, str]) -> None:
    content = markdown(f"---\n{front_matter}\n---\ntext\n")
    assert (content.text, content.title, content.meta) == ("text\n", "", meta)
    assert content.keywords.replace("\n", ", ") == ", ".join(meta.values())


@pytest.mark.parametrize(
    "front_matter, title, date, meta",
    [
        ('title = "A \\"title\\" = x" # why\ndate = 2021-05-29T10:00:00Z', 'A "title" = x', "2021-05-29", {}),
        ("title = 'raw'\ntags = ['a',\n  \"b c\", # why\n]\ndraft = false", "raw", None, {"tags": "a, b c"}),
        (
            'date = "2021-05-29"\n[taxonomies]\ntags = ["x"]\n[author]\ntitle = "no"',
            "Heading",
            "2021-05-29",
            {"tags": "x"},
        ),
        ('description = """\none = 1\ntwo"""\ntitle = "t"', "t", None, {"description": "one = 1 two"}),
        ("", "Heading", None, {}),
    ],
)
def test_toml_front_matter(front_matter: str, title: str, date: str | None, meta: dict[str, str]) -> None:
    content = markdown(f"+++\n{front_matter}\n+++\n# Heading\ntext\n")
    assert content.text == "# Heading\ntext\n"
    assert (content.title, content.meta) == (title, meta)
    assert content.date == (datetime.date.fromisoformat(date) if date else None)


@pytest.mark.parametrize(
    "text",
    [
        "+++\nno entry\n+++\n",
        "+++\ntitle = 'never closed'\n",
        "---\nJust a sentence between two rules.\n---\ntext",
        "---\ntitle: never closed\n\ntext",
        "text\n---\ntitle: x\n---\n",
        "----\ntitle: x\n----\n",
        " ---\ntitle: x\n---\n",
    ],
)
def test_what_is_no_front_matter(text: str) -> None:
    assert split_front_matter(text) == ({}, text)


def test_front_matter_may_end_with_dots_and_the_file() -> None:
    assert split_front_matter("---\na: b\n...\ntext") == ({"a": "b"}, "text")
    assert split_front_matter("---\na: b\n---") == ({"a": "b"}, "")


@pytest.mark.parametrize(
    "text, kept",
    [
        ("a <!-- b --> c", "a  c"),
        ("a<!-- b\n\nc -->d<!----> e", "ad e"),
        ("a <!-- never closed", "a <!-- never closed"),
        ("```html\n<!-- code -->\n```\n<!-- note -->b", "```html\n<!-- code -->\n```\nb"),
        ("~~~~\n~~~\n<!-- code -->\n~~~~~\n<!-- note -->", "~~~~\n~~~\n<!-- code -->\n~~~~~\n"),
        ("```\n<!-- code that never ends -->", "```\n<!-- code that never ends -->"),
        ("<!-- ``` -->text<!-- ``` -->", "text"),
        ("plain --> text", "plain --> text"),
    ],
)
def test_comments(text: str, kept: str) -> None:
    assert without_comments(text) == kept


@pytest.mark.parametrize(
    "text, heading",
    [
        ("# Title", "Title"),
        ("text\n\n## Title ##\n", "Title"),
        ("### C# and F#\n", "C# and F#"),
        ("Title\n=====\ntext", "Title"),
        ("Title\n-----\n# Later", "Title"),
        ("#NoHeading\n\n# Yes", "Yes"),
        ("```\n# comment in code\n```\n# Title", "Title"),
        ("~~~\n# comment\n```\n# comment\n~~~\n# Title", "Title"),
        ("    # code\n# Title", "Title"),
        ("a | b\n--- | ---\n# Title", "Title"),
        ("- item\n---\n# Title", "Title"),
        ("text\n\n---\n# Title", "Title"),
        ("#\n# \n# Title", "Title"),
        ("no heading", ""),
        ("", ""),
    ],
)
def test_first_heading(text: str, heading: str) -> None:
    assert first_heading(text) == heading


@pytest.mark.parametrize(
    "inline, shown",
    [
        ("The **bold** and *slanted* `code`", "The bold and slanted code"),
        ("[Link](http://a.b/c) and ![image](i.png) and [ref][1]", "Link and image and ref"),
        ("snake_case_name and _emphasis_", "snake_case_name and emphasis"),
        ("Title {#anchor}", "Title"),
        ('<a name="x"></a>Title<br/>', "Title"),
        ("vector<int> and operator\\*", "vector<int> and operator*"),
        ("2 * 3 * 4", "2 * 3 * 4"),
    ],
)
def test_plain(inline: str, shown: str) -> None:
    assert plain(inline) == shown


@given(st.text(st.sampled_from("ab#`~-=<!>[]()*_\\ \n:\"'{}|"), max_size=300))
def test_any_markdown_can_be_read(text: str) -> None:
    content = markdown(text)
    assert "\n" not in content.title
    assert set(content.text) <= set(text)


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<!-- -->", "```\n", "# ", "[", "*", "_a", "<a", "---\n", "+++\n", "#", "~~~~\n~~~\n", "a: b\n", "`"],
)
@pytest.mark.parametrize(
    "start", ["", "# ", "---\n", '---\ntitle: "', "---\ntags: [", "+++\n", "+++\na = [", '+++\na = """']
)
def test_time_is_linear(piece: str, start: str) -> None:
    data = (start + piece * (500_000 // len(piece))).encode()
    begin = time.process_time()
    read_markdown(Source(data))
    assert time.process_time() - begin < 2


# --- days


@pytest.mark.parametrize(
    "text",
    [
        "2021-05-29", "2021-5-29", "2021/05/29 10:00", "2021.05.29", "20210529", "20210529T100000Z", "2021-05-29T10:00:00+03:00",
        "[2021-05-29 Sat]", "<2021-05-29>", '"2021-05-29"', "29.05.2021", "29/05/2021", "29-05-2021", "29 May 2021",
        "29-May-2021", "May 29, 2021", "Sat, 29 May 2021 10:00:00 GMT", "Saturday, May 29th, 2021", "29 мая 2021 г.", "29 МАЯ 2021",
    ],
)  # fmt: skip
def test_days(text: str) -> None:
    assert day_of(text) == datetime.date(2021, 5, 29)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2021",
        "2021-05",
        "2021-13-45",
        "05/06/2021",
        "31.02.2021",
        "29 foo 2021",
        "\\today",
        "v2021-05-29",
        "202105291",
        "12021-05-29",
    ],
)
def test_what_is_no_day(text: str) -> None:
    assert day_of(text) is None


@given(st.text() | st.from_regex(r"\d{1,5}[-./ ]\w{1,4}[-./ ]\d{1,5}"))
def test_any_text_may_be_asked_for_a_day(text: str) -> None:
    assert day_of(text) is None or any(map(str.isdigit, text))
