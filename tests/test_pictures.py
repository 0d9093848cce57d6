"""The pictures of the README: they are whole, harmless and small, and what makes them escapes what it shows."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import ROOT
from docs.pictures import terminal_svg
from docs.pictures.make import PICTURES, shows
from docs.pictures.pages import MOST_BYTES, write_picture
from docs.pictures.recording import ENTER, Recording, Step, command, read_cast, record, write_cast
from docs.pictures.sample import write_sample
from docs.pictures.screens import MOST_FRAMES, Frame, Run, frames_of, still, text_of
from docs.pictures.terminal_svg import MOST_CHARACTERS, moving_svg, still_svg

FOLDER = ROOT / "docs" / "pictures"
SVG = "{http://www.w3.org/2000/svg}"
DRAWN = ("terminal.svg", "screen.svg", "agents.svg")
TAKEN = {
    "page.png": (1200, 800),
    "page-dark.png": (1200, 800),
    "page-phone.png": (390, 760),
    "notebook.png": (900, None),
    "notebook-dark.png": (900, None),
}


def checked(svg: str) -> ElementTree.Element:
    """The picture as a tree, which can do nothing, and asks for nothing from outside."""
    tree = ElementTree.fromstring(svg)
    allowed = {"svg", "title", "desc", "style", "rect", "circle", "g", "text"}
    for element in tree.iter():
        assert element.tag.removeprefix(SVG) in allowed
        assert not [name for name in element.attrib if name.startswith("on") or name.endswith("href")]
    assert tree.attrib["role"] == "img" and tree[0].tag == f"{SVG}title" and tree[0].text
    style = "".join(element.text or "" for element in tree.iter(f"{SVG}style"))
    assert not re.search(r"url\(|@import|@font-face|expression|javascript", style + str(tree.attrib))
    return tree


def style_of(tree: ElementTree.Element) -> str:
    return next(element.text or "" for element in tree.iter(f"{SVG}style"))


# -- the pictures that there are


def test_every_picture_is_there_and_no_other() -> None:
    there = {path.name for path in FOLDER.iterdir() if path.suffix in (".svg", ".png", ".cast")}
    assert there == {*DRAWN, *TAKEN, "terminal.cast"}
    assert {name.partition(".")[0].partition("-")[0] for name in there} == set(PICTURES)


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawn_picture_is_harmless_and_small(name: str) -> None:
    svg = (FOLDER / name).read_text(encoding="utf-8")
    assert len(svg.encode()) < 150_000
    tree = checked(svg)
    assert "prefers-color-scheme:dark" in style_of(tree)
    still = "@media (prefers-reduced-motion:reduce){.a{animation:none!important}}"
    assert ("@keyframes" in svg) == (still in svg) == (name != "agents.svg")


@pytest.mark.parametrize("name", TAKEN)
def test_a_taken_picture_is_as_large_as_it_should_be(name: str) -> None:
    data = (FOLDER / name).read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) <= MOST_BYTES
    width, height = struct.unpack(">II", data[16:24])
    assert width == TAKEN[name][0] and TAKEN[name][1] in (None, height)


def test_the_recording_goes_from_install_to_a_hit() -> None:
    recording = read_cast(FOLDER / "terminal.cast")
    assert (recording.columns, recording.rows) == (80, 24)
    frames, pauses = frames_of(recording)
    seen = [text_of(frame.lines) for frame in frames]
    said = ["pip install --quiet .", "naidi index\n", "added 3,", "naidi search vaccine\n1. ", "3 documents, 1 shown"]
    places = [next(number for number, text in enumerate(seen) if each in text) for each in said]
    assert places == sorted(places)
    assert "Всемирной организации здравоохранения" in seen[-1] and seen[-1].endswith("$")
    assert max(pause.seconds for pause in pauses) > 5, "to install takes longer than that"
    assert frames[-1].at < 60


def test_the_picture_is_that_of_the_recording() -> None:
    recording = read_cast(FOLDER / "terminal.cast")
    svg = moving_svg(*frames_of(recording), recording.columns, recording.title)
    assert svg == (FOLDER / "terminal.svg").read_text(encoding="utf-8")


def test_nothing_shows_where_it_was_made() -> None:
    for name in (*DRAWN, "terminal.cast"):
        text = (FOLDER / name).read_text(encoding="utf-8")
        assert not re.search(r"/(tmp|root|home|Users|work|var)\b", text), name


def test_pictures_of_the_pages_exist_and_are_told_in_words() -> None:
    for page in (*ROOT.glob("README*.md"), *(ROOT / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        shown = re.findall(r"!\[(.*?)\]\(([^)\s]*pictures/[^)\s]+)\)", text)
        tags = re.findall(r"<img\b[^>]*>", text)
        shown += [(_value(tag, "alt"), _value(tag, "src")) for tag in tags if "pictures/" in tag]
        shown += [("a source", each) for each in re.findall(r'srcset="([^"]*pictures/[^"]+)"', text)]
        for told, target in shown:
            assert told.strip() and (page.parent / target).is_file(), (page.name, target)


def _value(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found[1] if found else ""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["screen", "agents"])
def test_the_script_makes_a_picture(name: str, tmp_path: Path) -> None:
    """Those that need neither a browser nor a registry."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    script = [sys.executable, str(FOLDER / "make.py"), "--only", name, "--into", str(tmp_path / "new")]
    subprocess.run(script, env=environment, check=True, timeout=120)
    checked((tmp_path / "new" / f"{name}.svg").read_text(encoding="utf-8"))


# -- from output to frames


def recorded(*events: tuple[float, str], columns: int = 20, rows: int = 3) -> Recording:
    return Recording(columns, rows, events, "a title")


def test_frames_are_what_a_terminal_shows() -> None:
    frames, _ = frames_of(recorded((0.0, "$ "), (0.5, "l"), (0.9, "s\r\n"), (1.2, "\x1b[31ma\x1b[0m.txt\r\n$ ")))
    assert [text_of(frame.lines) for frame in frames] == ["$", "$ l", "$ ls", "$ ls\na.txt\n$"]
    assert frames[-1].lines[1] == (Run(0, "a", "red"), Run(1, ".txt"))
    assert [frame.at for frame in frames] == [0.0, 0.5, 0.9, 1.2]


def test_outputs_that_follow_at_once_are_one_frame() -> None:
    frames, _ = frames_of(recorded((0.0, "a"), (0.01, "b"), (0.02, "c")))
    assert [text_of(frame.lines) for frame in frames] == ["abc"]


def test_long_waits_are_made_shorter_and_told() -> None:
    frames, pauses = frames_of(recorded((0.0, "pip"), (40.0, "done")))
    assert frames[-1].at < 2 and pauses == [(0.0, frames[-1].at, 40.0)]
    frames, pauses = frames_of(recorded((0.0, "pip"), (1.5, "done")))
    assert frames[-1].at < 1.5 and not pauses, "a little is not told"
    frames, pauses = frames_of(recorded((0.0, "\x1b[1;32m$\x1b[0m "), (3.5, "next")))
    assert frames[-1].at == 3.5, "time to read stays"
    assert frames_of(recorded((0.0, "a"), (3.5, "b")), waits=False)[0][-1].at == 3.5
    told = checked(moving_svg(*frames_of(recorded((0.0, "pip"), (40.0, "done"))), 20, "a title"))
    assert "40 s in truth" in "".join(told.itertext())


def test_the_cursor_and_reversed_text_are_seen() -> None:
    frame = frames_of(recorded((0.0, "a\x1b[7mb\x1b[0m")))[0][0]
    assert frame.lines[0] == (Run(0, "a"), Run(1, "b ", "page", "text"))
    assert still("a", 20, 1).lines[0] == (Run(0, "a"),)


def test_faint_and_many_colours() -> None:
    frame = still("\x1b[2mfaint\x1b[0m \x1b[38;5;208mhex\x1b[0m \x1b[1;44mblue\x1b[0m", 20, 1)
    assert [run[1:] for run in frame.lines[0]] == [
        ("faint", "brightblack", "default", False),
        ("hex", "ff8700", "default", False),
        ("blue", "default", "blue", True),
    ]
    svg = still_svg(frame, 20, "colours")
    assert 'fill="#ff8700"' in svg and 'class="b"' in svg and 'class="d"' in svg


def test_blanks_are_places_and_not_characters() -> None:
    frame = still("a   b c\n   d", 20, 2)
    assert frame.lines == ((Run(0, "a"), Run(4, "b c")), (Run(3, "d"),))
    assert text_of(frame.lines) == "a   b c\n   d"


def test_a_recording_that_is_too_long_is_refused() -> None:
    events = [(number / 10, f"\r{number}") for number in range(MOST_FRAMES + 2)]
    with pytest.raises(ValueError, match="record less"):
        frames_of(recorded(*events))


# -- from frames to a picture


def test_a_picture_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="show less"):
        still_svg(still("\x1b[1mx\x1b[0my" * 9_000, 200, 100), 200, "much")
    assert MOST_CHARACTERS <= 150_000


@given(st.text(), st.text())
def test_any_output_gives_a_harmless_picture(output: str, title: str) -> None:
    title = f"t{title}"
    tree = checked(still_svg(still(output, 30, 5), 30, title))
    assert tree.attrib["width"] == f"{30 * terminal_svg.CELL + 2 * terminal_svg.EDGE:g}"
    checked(moving_svg(*frames_of(recorded((0.0, output), (1.0, output[::-1]))), 20, title))


def test_markup_in_output_is_text() -> None:
    svg = still_svg(still("<script>x()</script> & \"'", 40, 1), 40, "</title><script>")
    tree = checked(svg)
    assert "<script>x()</script> & \"'" in [text.text for text in tree.iter(f"{SVG}text")]


def test_a_line_is_shown_while_it_stands_there() -> None:
    lines = [((Run(0, "one"),), ()), ((Run(0, "one"),), (Run(0, "two"),)), ((), (Run(0, "two"),))]
    svg = moving_svg([Frame(at, shown) for at, shown in zip((0.0, 2.0, 4.0), lines, strict=True)], [], 20, "a title")
    tree = checked(svg)
    groups = {
        "".join(group.itertext()): group.attrib
        for group in tree.iter(f"{SVG}g")
        if "animation-name" in str(group.attrib)
    }
    assert set(groups) == {"one", "two"}
    # The last screen is what stays where nothing moves. The whole takes 10 s.
    assert groups["one"]["class"] == "a" and groups["two"]["class"] == "a z"
    style = style_of(tree)
    assert "@keyframes k0{0%{visibility:visible}40%,to{visibility:hidden}}" in style
    assert "@keyframes k1{0%{visibility:hidden}20%{visibility:visible}to{visibility:visible}}" in style
    assert "animation:10.00s" in style


# -- recordings


def test_a_recording_of_a_real_shell(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    steps = [
        command("echo привет > a.txt; cat a.txt", 0),
        Step([*"cat", ENTER], 0),
        Step(["x", "\x04", "\x04"], 0, True),
    ]
    recording = record(steps, tmp_path, environment, title="a title", columns=60, rows=10)
    assert text_of(frames_of(recording)[0][-1].lines) == "$ echo привет > a.txt; cat a.txt\nпривет\n$ cat\nxx$"
    write_cast(recording, tmp_path / "a.cast")
    assert read_cast(tmp_path / "a.cast") == recording
    assert json.loads((tmp_path / "a.cast").read_text(encoding="utf-8").split("\n")[0])["version"] == 2


@pytest.mark.parametrize(
    "lines",
    [[{"version": 1}], [[]], [{"version": 2, "width": 80, "height": 24}, [2.0, "o", "a"], [1.0, "o", "b"]]],
)
def test_what_is_no_recording_is_refused(lines: list[Any], tmp_path: Path) -> None:
    path = tmp_path / "a.cast"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(str(path))):
        read_cast(path)


# -- what is shown


def test_a_picture_without_its_hit_is_not_written(tmp_path: Path) -> None:
    shows("1. The  President\nof Kazakhstan", "President of")
    with pytest.raises(ValueError, match="does not show"):
        shows("no documents", "1 document")
    with pytest.raises(ValueError, match="show less"):
        write_picture(b"x" * (MOST_BYTES + 1), tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


def test_the_sample_is_the_same_everywhere(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_sample(tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert len(files) == 10
    for path in files:
        first, second = tmp_path / "a" / path, tmp_path / "b" / path
        assert first.read_bytes() == second.read_bytes() and first.stat().st_mtime == second.stat().st_mtime
