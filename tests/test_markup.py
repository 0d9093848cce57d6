"""Text is shown without the marks of Markdown, AsciiDoc and HTML, and the words found stay marked."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi.search.show.markup import is_marked_up, joined_marks, without_markup

# as it stands in the document | as it is shown
SHOWN = r"""
    # Installing | Installing
    ## Set up ## then | Set up then
    ### Names {#names} of things | Names of things
    tl;dr {/tldr/} | tl;dr
    tl;dr {/*tldr*/} | tl;dr
    == AsciiDoc title | AsciiDoc title
    It ends. === Next part | It ends. Next part
    See [the docs](/y) now | See the docs now
    See [the docs](https://x.y/a_(b) "a title") now | See the docs now
    An ![image](a/b.png) here | An image here
    An ![](a/b.png) here | An here
    [text][ref] and a note[^2] | text and a note
    …of a [link](/very/long… | …of a link
    <https://a.b/c> | https://a.b/c
    **bold**, *italic*, __bold too__ and _this_ | bold, italic, bold too and this
    ***both*** and ~~gone~~ | both and gone
    …half** of it | …half of it
    use `code` or ``more`` | use code or more
    ```python x = 1 ``` end | x = 1 end
    Title ===== Text | Title Text
    <p>Hello <b class="x">world</b><br/>now</p> | Hello world now
    a &amp; b &lt; c &#1103; | a & b < c я
    before <!-- hidden --> after | before after
    link:/a/b[the page] and https://x.org[a site] | the page and a site
    <<anchor,see this>> [[id]] here | see this here
    [source,ruby] ---- puts 1 ---- | puts 1
    {% include x %} text | text
    > quoted | quoted
"""
# What looks like markup and is none.
KEPT = r"""
    C# and F# are languages, issue #5 too
    a < b and c > d, List<String>, vector<int>
    2 ** 3 == 8, a == b, x -- y --- z ...
    snake_case_name and __init__ and *args, **kwargs
    ls -l | grep x || true
    array[0](x y) and f[i]
    {name} and {{ page.title }} and {a: 1}
    5 * 3 * 2 and ~/.config ~ 5
    AT&T; R&D
    10 # comment
"""


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


@pytest.mark.parametrize(("raw", "shown"), [line.rsplit(" | ", 1) for line in lines(SHOWN)])
def test_markup_is_taken_away(raw: str, shown: str) -> None:
    assert without_markup(raw.rstrip(), ()) == (shown.strip(), ())


@pytest.mark.parametrize("text", lines(KEPT))
def test_what_is_no_markup_stays(text: str) -> None:
    assert without_markup(text, ()) == (text, ())


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("| ship | berth | |------|:-----:| | Aurora | 7 |", "ship · berth · Aurora · 7"),
        ("|---|---|", ""),
        ("…| a | b | | c |…", "a · b · c"),
        ("| a | b |", "a · b"),
    ],
)
def test_tables(raw: str, shown: str) -> None:
    assert without_markup(raw, ())[0] == shown


def test_in_code_such_marks_are_the_text() -> None:
    assert not is_marked_up("a/tool.py") and not is_marked_up("x.C")
    assert all(map(is_marked_up, ("a.md", "b.TXT", "c.adoc", "README", None, "d.html")))


def marked(text: str, *words: str) -> tuple[str, list[str]]:
    """(what is shown of a text with some words found, the words marked in it)."""
    marks = sorted((text.index(word), text.index(word) + len(word)) for word in words)
    shown, moved = without_markup(text, marks)
    return shown, [shown[start:end] for start, end in moved]


def test_marks_move_along() -> None:
    assert marked("## The [big port](/x) is **open** now", "port", "open", "now") == (
        "The big port is open now", ["port", "open", "now"],
    )  # fmt: skip
    assert marked("| a | port | |---|---| | b | ship |", "port", "ship") == ("a · port · b · ship", ["port", "ship"])
    assert marked("a&nbsp;port", "port")[1] == ["port"]


def test_a_word_found_in_markup_is_shown() -> None:
    assert marked("See [here](/the/port) now", "port") == ("See [here](/the/port) now", ["port"])
    assert marked("An <img alt='port'> here", "port")[1] == ["port"]
    assert marked("{/port/} **x**", "port") == ("{/port/} x", ["port"])


SIGNS = st.text(st.sampled_from("ab #*_`[]()|<>{}/!&;=-~:.…\\^%xyя"), max_size=60)


@given(SIGNS, st.data())
@settings(max_examples=200)
def test_every_word_found_stays_and_stays_marked(text: str, draw: st.DataObject) -> None:
    cuts = sorted(draw.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    marks = [(start, end) for start, end in list(pairwise(cuts))[::2] if text[start:end].isalnum()]
    shown, moved = without_markup(text, marks)
    assert [shown[start:end] for start, end in moved] == [text[start:end] for start, end in marks]
    assert all(end <= start for (_, end), (start, _) in pairwise(moved))


@given(st.text(max_size=80))
def test_any_text_gives_some_text(text: str) -> None:
    shown, moved = without_markup(text, ())
    assert not moved and joined_marks(shown, ()) == ()


@pytest.mark.parametrize(
    ("text", "words", "joined"),
    [
        ("see https://docs.python.org/3 now", ["https", "docs", "python", "org"], ["https://docs.python.org"]),
        ("get_user_by_id", ["get", "user", "by", "id"], ["get_user_by_id"]),
        ("primary health care", ["primary", "health", "care"], ["primary health care"]),
        ("me@example.com", ["me", "example"], ["me@example"]),
        ("one, two; (three) four", ["one", "two", "three", "four"], ["one", "two", "three", "four"]),
        ("one or two", ["one", "two"], ["one", "two"]),
    ],
)
def test_neighbours_are_one_mark(text: str, words: list[str], joined: list[str]) -> None:
    marks = [(text.index(word), text.index(word) + len(word)) for word in words]
    assert [text[start:end] for start, end in joined_marks(text, marks)] == joined
