"""What stands for modules of the standard library does what they do."""

from __future__ import annotations

import datetime as real_datetime
import functools
import json
import os
import pickle
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi.indexer import late
from naidi.indexer.late import json_value, path_in, path_text
from naidi.search.show.markup import _EDITS, _has_wide_blanks

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
WRITTEN = (
    *("", " ", "{", "{}", " {}", "{} \n", "[1] x", "NaN", "[NaN, -Infinity]", '"\\u0410"', '"\\ud800"', '{"a": "\n"}', "[1e999]"),
    *("\ufeff{}", '{"a": 1, "a": 2}', "[" * 100_000, "tru", "nul", "-", "01", "[1,]", "3"),
    *(b"{}", b"{", b'{"a": "\xd0\x90"}', b"[\xff]", b"\xef\xbb\xbf{}", b"{\0}\0"),
    *('{"a": 1}'.encode("utf-16"), b"", b'{"\xed\xa0\x80": 1}'),
)  # fmt: skip


def outcome(read: object, text: str | bytes) -> str:
    try:
        return repr(read(text))  # type: ignore[operator]
    except (ValueError, RecursionError) as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("text", WRITTEN, ids=lambda text: repr(text)[:20])
def test_json_is_read_as_json_reads_it(text: str | bytes) -> None:
    assert outcome(json_value, text) == outcome(json.loads, text)


@given(VALUES, st.sampled_from(["", " ", "\n\t\r ", "x"]), st.booleans())
def test_any_json_is_read_as_json_reads_it(value: object, behind: str, in_bytes: bool) -> None:
    text: str | bytes = json.dumps(value, ensure_ascii=in_bytes) + behind
    if in_bytes:
        text = str(text).encode()
    assert outcome(json_value, text) == outcome(json.loads, text)


@given(st.lists(st.sampled_from(["/", "a", "b.c", ".", "..", "", "слово"]), max_size=8))
def test_the_text_of_a_path_is_that_of_pathlib(parts: list[str]) -> None:
    for text in ("".join(parts), "/".join(parts)):
        assert path_text(text) == path_text(Path(text)) == str(Path(text))
        assert path_in(path_text(text), "name") == str(Path(text, "name"))


def test_no_path_is_refused_as_by_pathlib() -> None:
    for wrong in (b"a", 5, None):
        with pytest.raises(TypeError):
            path_text(wrong)  # type: ignore[arg-type]


class Counted:
    made = 0

    @late.cached_property
    def value(self) -> int:
        """Of this object."""
        self.made += 1
        return self.made


def test_a_property_is_made_once_for_each_object() -> None:
    one, other = Counted(), Counted()
    assert (one.value, one.value, other.value, one.made) == (1, 1, 1, 1)
    assert vars(one)["value"] == 1 and Counted.value.__doc__ == "Of this object."
    del one.value
    assert one.value == 2


@late.cache
def squared(number: int) -> int:
    """The square."""
    return number * number


@late.lru_cache(maxsize=2)
def doubled(number: int) -> int:
    return 2 * number


def test_a_cache_is_one_of_functools() -> None:
    squared.cache_clear()
    assert (squared(3), squared(3), squared.__wrapped__(3)) == (9, 9, 9)
    assert squared.cache_info() == functools._CacheInfo(1, 1, None, 1)  # type: ignore[attr-defined]
    assert (squared.__name__, squared.__doc__, squared.__module__) == ("squared", "The square.", __name__)
    assert pickle.loads(pickle.dumps(squared)) is squared
    assert [doubled(number) for number in (1, 2, 3, 1)] == [2, 4, 6, 2] and doubled.cache_info().currsize == 2


def test_errors_are_suppressed_as_by_contextlib() -> None:
    with late.suppress(OSError, KeyError):
        raise FileNotFoundError
    with pytest.raises(ValueError), late.suppress(OSError):
        raise ValueError
    with late.suppress():
        pass


def test_late_modules_have_the_names_of_the_modules() -> None:
    assert late.datetime.date is real_datetime.date
    assert late.json.dumps is json.dumps
    assert late.threading.Thread is threading.Thread
    assert issubclass(late.OfThread, threading.local)
    with late.Lock():
        pass
    with pytest.raises(AttributeError):
        late.json.nothing_of_the_kind  # type: ignore[attr-defined]  # noqa: B018


@given(st.text("#*_`<>/bBſKİı|[](){}&;~=-+.…! ahttps:\n\t\u00a0слово", max_size=30))
def test_a_text_without_the_signs_of_a_pattern_has_no_match(text: str) -> None:
    for edit in _EDITS:
        assert edit.may_match(text) or edit.pattern.search(text) is None, edit
    assert _has_wide_blanks(text) == any(a.isspace() and b.isspace() for a, b in pairwise(text))


def test_the_separator_is_that_of_the_system() -> None:
    assert path_in("folder", "name") == f"folder{os.sep}name"


@pytest.mark.parametrize("text", ['{"a": XX}', "[1, 2", "", "{", '"', "nul", "[1] 2", "\\"])
def test_json_that_is_none_is_told_though_nothing_has_loaded_json(text: str) -> None:
    """Python 3.10 and 3.11 then tell nothing of what is wrong."""
    code = f"""
import sys
sys.path[:] = {sys.path!r}
from naidi.indexer.late import json_value
assert "json" not in sys.modules
try:
    json_value({text!r})
except ValueError as error:
    print(type(error).__name__)
"""
    run = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("JSONDecodeError\n", "")
