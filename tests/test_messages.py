"""Sentences that can be told in another language."""

from __future__ import annotations

import pickle
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from naidi.indexer.errors import DocumentUnreadable, InvalidQuery
from naidi.indexer.messages import Message, catalogue_of, language_of, message, plural, told


class Shouted:
    """A catalogue of a language in which all is loud, and counted in tens."""

    def gettext(self, message: str, /) -> str:
        return {"{path}: {reason}": "{reason} IN {path}", "encrypted": "SECRET"}.get(message, message)

    def ngettext(self, one: str, many: str, count: int, /) -> str:
        return "{count:,} THING" if count % 10 == 1 else "{count:,} THINGS"


def test_a_message_is_its_english_sentence() -> None:
    said = message("{path}: {reason}", path="a.pdf", reason=message("encrypted"))
    assert said == "a.pdf: encrypted" and isinstance(said, str) and hash(said) == hash("a.pdf: encrypted")
    assert type(told(said)) is str and told(said) == "a.pdf: encrypted"


def test_a_message_is_told_with_all_that_it_holds() -> None:
    said = message("{path}: {reason}", path="a.pdf", reason=message("encrypted"))
    assert told(said, Shouted()) == "SECRET IN a.pdf"
    assert told(DocumentUnreadable("b.pdf", message("encrypted")), Shouted()) == "SECRET IN b.pdf"
    assert told(InvalidQuery(message("encrypted")), Shouted()) == "SECRET"
    assert told(message("no: {error}", error=InvalidQuery(message("encrypted"))), Shouted()) == "no: SECRET"


def test_what_was_no_message_stays_as_it_is() -> None:
    assert told("encrypted", Shouted()) == "encrypted"
    assert told(InvalidQuery("encrypted"), Shouted()) == "encrypted"
    assert told(3, Shouted()) == 3


@pytest.mark.parametrize(
    "count, english, loud", [(1, "1 thing", "1 THING"), (21, "21 things", "21 THING"), (0, "0 things", "0 THINGS")]
)
def test_numbers(count: int, english: str, loud: str) -> None:
    said = plural("{count} thing", "{count:,} things", count)
    assert said == english and told(said, Shouted()) == loud


@pytest.mark.parametrize(
    "value, how, russian",
    [
        (1234, "{count:,} thing", "1234 THINGS"),
        (12345, "{count:,} thing", "12 345 THINGS"),
        (-1234567, "{count:,} thing", "-1 234 567 THINGS"),
    ],
)
def test_whole_numbers_of_other_languages(value: int, how: str, russian: str) -> None:
    assert told(plural(how, how, value), Shouted()) == russian


def test_other_numbers_of_other_languages() -> None:
    said = message(
        "{seconds:.1f} s, {size:,.1f} KB, {year}, {plain}, {yes}",
        seconds=0.25,
        size=1234.5,
        year=2021,
        plain=0.5,
        yes=True,
    )
    assert said == "0.2 s, 1,234.5 KB, 2021, 0.5, True"
    assert told(said, Shouted()) == "0,2 s, 1 234,5 KB, 2021, 0.5, True"


def test_braces_of_values_and_of_sentences_without_values_are_text() -> None:
    assert message("{path}: gone", path="{x}") == "{x}: gone"
    assert message("a set is {1}") == "a set is {1}"


@pytest.mark.parametrize("value", ["b.pdf", message("encrypted"), 3])
def test_pickled(value: Any) -> None:
    said = message("{path}: {reason}", path="a", reason=value)
    back = pickle.loads(pickle.dumps(said))
    assert back == said and isinstance(back, Message) and told(back, Shouted()) == told(said, Shouted())


@pytest.mark.parametrize("value", [threading.Lock(), lambda: 1, [1, "a"], Path("a"), b"\xff", None, True, 1.5])
def test_pickled_with_any_value(value: Any) -> None:
    said = message("{value!r} {value}", value=value)
    back = pickle.loads(pickle.dumps(said))
    again = pickle.loads(pickle.dumps(back))
    assert str(back) == str(again) == str(said)
    assert told(back, Shouted()) == str(said) == told(again, Shouted())
    counted = pickle.loads(pickle.dumps(message("{value:,}", value=np.int64(12345))))
    assert counted == "12,345"


def test_of_an_error_the_sentence_is_kept_and_nothing_of_where_it_was_raised() -> None:
    said = message("no: {error}", error=InvalidQuery(message("encrypted")))
    assert type(said.values["error"]) is Message
    back = pickle.loads(pickle.dumps(said))
    assert back == said == "no: encrypted" and told(back, Shouted()) == "no: SECRET"
    assert message("{error}", error=OSError(2, "No such file", "a")) == "[Errno 2] No such file: 'a'"


@pytest.mark.parametrize(
    "environment, language",
    [
        ({}, "en"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "ru"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ru_RU"}, "ru"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "de:ru:en"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LANGUAGE": "en"}, "en"),
        ({"LANG": "ru_RU.UTF-8", "LANGUAGE": "de"}, "en"),
        ({"LANG": "ru_RU@euro", "LC_ALL": ""}, "ru"),
        ({"LC_ALL": "POSIX", "LANGUAGE": "ru"}, "en"),
    ],
)
def test_the_language_of_a_locale(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language


def test_english_needs_no_catalogue() -> None:
    assert catalogue_of("en") is None and catalogue_of("xx") is None
