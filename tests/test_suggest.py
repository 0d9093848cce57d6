"""Are the words suggested that someone may be typing, and is it counted right how many documents have them?"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.meaning import completion
from commands import ROOT
from indexes import build, documents
from naidi import Document, Writer
from naidi.fields import Keyword, Number, Text
from naidi.indexer.analysis.lemmatize.keys import keys
from naidi.indexer.analysis.tokenizer import forms
from naidi.indexer.codec.segment import Segment
from naidi.indexer.state.generations import open_generation
from naidi.search.collection import Collection
from naidi.search.suggest import word_before
from naidi.search.suggest.completions import PrefixWords
from naidi.search.suggest.prefix_edits import edits_of, prefix_ranges
from naidi.search.suggest.suggest import Completion, suggest

TEXTS = """
    Вакцина нужна. Вакцину дали людям.
    О вакцинах и о вакцинации людей. The children went home.
    Вакцинация. ВОЗ за вакцину, а воз и ныне там.
    ВОЗ против. COVID, covid и люди, люди. Елка, ёлка. Берёзы и берёзы.
    COVID. Токаев: о Токаеве. Мы пьём воду. A child and children.
    Губерниев о воде. Губерниева. Губерниева.
    Возраст и возможность. Возраст.
    vaccine vaccines
    Город городов города
"""


def opened(directory: Path) -> Collection:
    return Collection(open_generation(directory))


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    directory = tmp_path_factory.mktemp("suggest")
    build(directory, documents(*TEXTS.strip().splitlines()))
    return opened(directory)


def shown(collection: Collection, text: str, limit: int = 8) -> str:
    """The completions in one line: kinds other than "prefix" by their first letter."""
    marks = {"prefix": "", "layout": "l", "spelling": "s"}
    return " | ".join(f"{each.text} {each.doc_freq}{marks[each.kind]}" for each in suggest(collection, text, limit))


COMPLETIONS = """
    вакц         -> вакцина 3 | вакцинация 2
    Вакц         -> Вакцина 3 | Вакцинация 2
    ВАКЦ         -> ВАКЦИНА 3 | ВАКЦИНАЦИЯ 2
    новая вакци  -> новая вакцина 3 | новая вакцинация 2
    "новая вакци -> "новая вакцина 3 | "новая вакцинация 2
    title:вакци  -> title:вакцина 3 | title:вакцинация 2
    -вакци       -> -вакцина 3 | -вакцинация 2
    воз          -> ВОЗ 2 | возраст 1 | возможность 1
    cov          -> COVID 2
    люд          -> люди 3
    людя         -> людям 3
    горо         -> город 1
    города       -> города 1
    городо       -> городов 1 | город 1s
    childr       -> children 2
    wen          -> went 1
    ёл           -> ёлка 1
    ел           -> елка 1
    бере         -> берёзы 1
    губерниев    -> губерниев 1
    dfrw         -> вакцина 3l | вакцинация 2l
    Dfrw         -> Вакцина 3l | Вакцинация 2l
    мы dfrw      -> мы вакцина 3l | мы вакцинация 2l
    title:dfrw   -> title:вакцина 3l | title:вакцинация 2l
    "dfrw        -> "вакцина 3l | "вакцинация 2l
    'kr          ->
    `kr          -> ёлка 1l
    мфссш        -> vaccine 1l
    ваццин       -> вакцина 3s | вакцинация 2s
    вкацин       -> вакцина 3s | вакцинация 2s
    вакин        -> вакцина 3s | вакцинация 2s
    вакццин      -> вакцина 3s | вакцинация 2s
    Ваццин       -> Вакцина 3s | Вакцинация 2s
    ваццына      ->
    закцина      ->
    vacine       -> vaccine 1s
"""


@pytest.mark.parametrize("line", COMPLETIONS.strip().splitlines(), ids=str.strip)
def test_completions(collection: Collection, line: str) -> None:
    text, _, expected = line.strip().partition("->")
    found = shown(collection, text.rstrip())
    if text.strip() == "воз":  # the order of equals is asked for elsewhere
        assert sorted(found.split(" | ")) == sorted(expected.strip().split(" | "))
    else:
        assert found == expected.strip()


@pytest.mark.parametrize("text", ["", " ", "вакц ", "вакц.", "«»", "!", "\ud800"])
def test_nothing_is_suggested_where_no_word_is_typed(collection: Collection, text: str) -> None:
    assert [each.kind for each in suggest(collection, text)] in ([], ["layout"])
    assert not [each for each in suggest(collection, text) if each.kind == "prefix"]


FILTERS = """
    lang:ва | LANG:ва | мы language:воз | -ext:воз | (date:2021..воз | dir:"вода вакц | path:воз,вакц | size:>=воз
    mtime:воз | lang:(ru OR воз | date:[2021 TO воз | ext:="воз | +dir:«воз | lang:rus | lang:мфссш | title:(воз lang:воз
"""
NO_FILTERS = """
    lang: воз | lang:ru воз | dir:"вода" воз | title:воз | (BODY:воз | foo:воз | https://lang:воз | "lang:воз | lang:(ru) воз
"""


@pytest.mark.parametrize("text", FILTERS.replace("\n", "|").split("|")[1:-1], ids=str.strip)
def test_the_value_of_a_filter_is_no_word_to_complete(collection: Collection, text: str) -> None:
    assert suggest(collection, text.strip()) == []


@pytest.mark.parametrize("text", NO_FILTERS.replace("\n", "|").split("|")[1:-1], ids=str.strip)
def test_a_word_beside_a_filter_is_completed(collection: Collection, text: str) -> None:
    front = text.strip().removesuffix("воз")
    assert f"{front}возраст" in [each.text for each in suggest(collection, text.strip())]


def test_of_the_fields_of_an_application_only_texts_have_words_to_complete(tmp_path: Path) -> None:
    schema = {"brand": Keyword(), "price": Number(), "note": Text(), "attr.*": Keyword()}
    with Writer(tmp_path, schema=schema) as writer:
        writer.add(Document(id="1", text="вакцина", fields={"brand": "вакцина", "note": "вакцина"}))
    found = {
        text: [each.text for each in suggest(opened(tmp_path), text)]
        for text in ("brand:вакц", "price:вакц", "attr.size:вакц", "note:вакц", "other:вакц")
    }
    assert found == {
        "brand:вакц": [],
        "price:вакц": [],
        "attr.size:вакц": [],
        "note:вакц": ["note:вакцина"],
        "other:вакц": ["other:вакцина"],
    }


def test_limit(collection: Collection) -> None:
    assert suggest(collection, "в", 0) == []
    every = suggest(collection, "в", 100)
    assert len(every) > 5
    for limit in range(1, len(every) + 1):
        assert suggest(collection, "в", limit) == every[:limit]


def test_what_was_typed_comes_before_what_was_not(tmp_path: Path) -> None:
    build(tmp_path, documents("вакцио", *["вакцина"] * 5))
    assert [(each.text, each.kind) for each in suggest(opened(tmp_path), "вакцио")] == [
        ("вакцио", "prefix"),
        ("вакцина", "spelling"),
    ]


def test_guesses_of_the_same_form_do_not_make_all_words_be_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path, documents(*["ели"] * 3, " ".join(f"е{number}" for number in range(1000))))
    guesses = [key for key in keys("ели") if key.startswith("е")]
    assert len(guesses) > 1 and "ели" not in guesses, "or the test looks at nothing"
    asked = []
    among_best = PrefixWords._among_best
    monkeypatch.setattr(
        PrefixWords, "_among_best", lambda self, *given: asked.append(given) or among_best(self, *given)
    )
    assert [word.form for word in PrefixWords(opened(tmp_path), ["е"]).best(2)] == ["ели", "е0"]
    assert len(asked) == 1


def test_words_of_deleted_documents_are_not_suggested(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        writer.add_many(documents("вакцина", "вакцинация вакцины", "вакцинация"))
        writer.commit()
        writer.delete("0")
        writer.delete("1")
    assert suggest(opened(tmp_path), "вакц") == [Completion("вакцинация", 1, "prefix")]


def test_no_dictionary_is_loaded(tmp_path: Path) -> None:
    build(tmp_path, documents(*TEXTS.strip().splitlines()))
    code = (
        "from naidi import open_index\n"
        f"s = open_index({str(tmp_path)!r})\n"
        "assert [s.suggest(text) for text in ('вакц', 'ваццин', 'dfrw', 'люд', 'ел', 'воз', 'неведом')]\n"
        "import sys; print({name.split('.')[0] for name in sys.modules} & {'pymorphy3', 'lemminflect', 'simplemma', 'Stemmer'})"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, cwd=ROOT)
    assert run.stdout.strip() == "set()"


def test_an_empty_index(tmp_path: Path) -> None:
    build(tmp_path, [])
    assert suggest(opened(tmp_path), "вакцин") == []


# Words with one key each; every key is written somewhere.
VOCABULARY = """
    вакцина вакцины вакцинами вода воды водой воздух воздуха возраст возраста город города горох гороха
    vaccine vaccines value values table tables
"""


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Collection, list[Document]]]]:
    made = []
    for seed in range(8):
        choice = random.Random(seed)
        directory = tmp_path_factory.mktemp("sample")
        live: dict[str, Document] = {}
        with Writer(directory) as writer:
            for size in choice.choice([[30], [12, 4], [20, 8, 3, 2]]):
                for _ in range(size):
                    each = Document(
                        id=str(len(live)), text=" ".join(choice.choices(VOCABULARY.split(), k=choice.randint(1, 5)))
                    )
                    live[each.id] = each
                    writer.add(each)
                writer.commit()
            for doc_id in list(live):
                if not choice.randrange(4):
                    writer.delete(doc_id)
                    del live[doc_id]
        made.append((opened(directory), list(live.values())))
    yield made


@pytest.mark.parametrize("prefix", ["в", "во", "воз", "г", "горо", "v", "va", "t", "x"])
def test_completions_are_those_of_a_plain_loop(samples: list[tuple[Collection, list[Document]]], prefix: str) -> None:
    for collection, live in samples:
        counts: dict[str, int] = {}
        for document in live:
            for key in {key for form in forms(document.text) for key in keys(form) if key.startswith(prefix)}:
                counts[key] = counts.get(key, 0) + 1
        written = {form for view in collection.views for form in view.segment.forms}
        expected = sorted(((-count, key) for key, count in counts.items() if key in written))
        found = [each for each in suggest(collection, prefix, 3) if each.kind == "prefix"]
        by_key = [(-each.doc_freq, each.text) for each in found if each.text in counts]
        assert by_key == [pair for pair in expected if pair[1] in {text for _, text in by_key}]
        assert sorted(each.doc_freq for each in found) == sorted(sorted(counts.values())[-3:])


def test_segments_do_not_change_counts(tmp_path: Path) -> None:
    texts = ["вакцина", "вакцины воздух", "воздух вода", "вода", "вода"]
    build(tmp_path / "one", documents(*texts))
    with Writer(tmp_path / "many") as writer:
        for each in documents(*texts):
            writer.add(each)
            writer.commit()
    assert suggest(opened(tmp_path / "one"), "в") == suggest(opened(tmp_path / "many"), "в")
    assert suggest(opened(tmp_path / "one"), "в")[0] == Completion("вода", 3, "prefix")


# -- the word before

NEIGHBOURS = """
    Анна Каренина. Анну Каренину знали. Анне Карениной дали карту. Карта, карты, карта.
    Карта мира. Карта Нью-Йорка. Йод в Нью-Йорке. Йод. Нью Йод.
    Карьера. Карта. Йод, йод и йод. Йод.
    Нью-Йорк. Йод.
    Вторая мировая война. После мировой войны. До мировой войны. Войска. Войско вошло. Войска вошли.
    А. С. Пушкин и пушка. Пушка, пушки. Пушка. А.Пушкин.
    She was in New York. York is old. New year. Yoghurt. The year. A year. A year.
    Войско. Пушка. Year. Yoghurt and a year.
    They AND year. A not year.
"""


@pytest.fixture(scope="module")
def neighbours(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    directory = tmp_path_factory.mktemp("neighbours")
    build(directory, documents(*NEIGHBOURS.strip().splitlines()))
    return opened(directory)


BEHIND = """
    Анна Кар        -> Анна Каренина | Анна Карта | Анна Карьера
    анну кар        -> анну каренину | анну карта | анну карьера
    Анна  «Кар      -> Анна  «Каренина | Анна  «Карта | Анна  «Карьера
    Анна rfh        -> Анна каренина | Анна карта | Анна карьера
    Анна -кар       -> Анна -карта | Анна -каренина | Анна -карьера
    Анна, кар       -> Анна, карта | Анна, каренина | Анна, карьера
    title:кар       -> title:карта | title:каренина | title:карьера
    неведомая кар   -> неведомая карта | неведомая каренина | неведомая карьера
    кар             -> карта | каренина | карьера
    Нью-Й           -> Нью-Йорк | Нью-Йод
    нью й           -> нью йорк | нью йод
    Й               -> Йод | Йорк
    мировая вой     -> мировая война | мировая войско
    мировой вой     -> мировой войны | мировой войско
    вой             -> войско | война
    С. Пуш          -> С. Пушкин | С. Пушка
    А.Пуш           -> А.Пушкин | А.Пушка
    Пуш             -> Пушка | Пушкин
    new y           -> new year | new york | new yoghurt | new нью
    in new yo       -> in new york | in new yoghurt
    yo              -> yoghurt | york
"""


@pytest.mark.parametrize("line", BEHIND.strip().splitlines(), ids=str.strip)
def test_what_stands_behind_the_word_before_comes_first(neighbours: Collection, line: str) -> None:
    text, _, expected = line.strip().partition("->")
    found = [each.text for each in suggest(neighbours, text.rstrip()) if each.kind != "spelling"]
    assert found == expected.strip().split(" | ")


def test_titles_and_names_count_more(tmp_path: Path) -> None:
    docs = documents("новая карта", "новая карта", "новая карта", "новая карьера", "карта")
    docs[3] = Document(id="3", title="Новая карьера", text="да")
    build(tmp_path, docs)
    assert [each.text for each in suggest(opened(tmp_path), "новая кар")] == ["новая карьера", "новая карта"]


def test_a_much_more_frequent_form_is_shown_instead_of_the_lemma(tmp_path: Path) -> None:
    build(tmp_path / "more", documents("в качество", *["в качестве"] * 5))
    assert suggest(opened(tmp_path / "more"), "в каче")[0].text == "в качестве"
    build(tmp_path / "few", documents("в качество", *["в качестве"] * 4))
    assert suggest(opened(tmp_path / "few"), "в каче")[0].text == "в качество"


def test_a_narrowed_collection_tells_only_of_its_documents(tmp_path: Path) -> None:
    build(tmp_path, documents("новая карьера", "новая карта", "карьера новая", "карьера"))
    from naidi import open_index

    with open_index(tmp_path) as searcher:
        assert [each.text for each in searcher.suggest("новая кар")] == ["новая карьера", "новая карта"]
        narrow = searcher.suggest("новая кар", only=["1", "2", "3"])
        assert [each.text for each in narrow] == ["новая карта", "новая карьера"]
        assert [each.text for each in searcher.suggest("новая кар", only=["2", "3"])] == ["новая карьера"]


def test_the_documents_of_frequent_words_are_sampled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, documents(*["новая карта"] * 200, *["карьера"] * 300))
    monkeypatch.setattr(word_before, "_TOKENS", 50)
    read = []
    found = word_before.followers
    monkeypatch.setattr(
        word_before, "followers", lambda segment, at, *rest: read.append(len(at)) or found(segment, at, *rest)
    )
    assert [each.text for each in suggest(opened(tmp_path), "новая кар")] == ["новая карта", "новая карьера"]
    assert read and max(read) <= 50


def test_behind_a_beginning_of_too_many_words_the_order_is_that_without_a_word_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path, documents("новая карьера", *["карта"] * 3))
    monkeypatch.setattr(word_before, "_WIDEST", 3)
    assert [each.text for each in suggest(opened(tmp_path), "новая кар")] == ["новая карта", "новая карьера"]
    monkeypatch.setattr(word_before, "_WIDEST", 4)
    assert [each.text for each in suggest(opened(tmp_path), "новая кар")] == ["новая карьера", "новая карта"]


@pytest.mark.parametrize("prefix", ["в", "во", "г", "v", "t"])
def test_neighbours_are_those_of_a_plain_loop(samples: list[tuple[Collection, list[Document]]], prefix: str) -> None:
    seen = 0
    for collection, live in samples:
        for left in VOCABULARY.split():
            pairs: dict[str, set[str]] = {}
            counts: dict[str, set[str]] = {}
            for document in live:
                words = forms(document.text)
                for word in words:
                    counts.setdefault(keys(word)[0], set()).add(document.id)
                for first, second in pairwise(words):
                    if set(keys(first)) & set(keys(left)) and second.startswith(prefix):
                        pairs.setdefault(keys(second)[0], set()).add(document.id)
            expected = sorted((-len(found), -len(counts[key])) for key, found in pairs.items())
            found = [each for each in suggest(collection, f"{left} {prefix}", 100) if each.kind == "prefix"]
            if collection.known_form(left) is None:
                continue
            behind = [keys(each.text.split()[1])[0] for each in found[: len(pairs)]]
            assert {key for key in behind if key in pairs} == set(pairs)
            assert [(-len(pairs[key]), -len(counts[key])) for key in behind] == expected
            seen += len(pairs)
            rest = [-each.doc_freq for each in found[len(pairs) :]]
            assert rest == sorted(rest)
    assert seen > 50


# -- the beginnings one edit away


@given(st.text("абвг", min_size=2, max_size=6), st.data())
def test_every_edit_behind_the_first_letter_is_tried(prefix: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(prefix) - 1))
    letter = data.draw(st.sampled_from("абя"))
    edits: list[Callable[[], str]] = [
        lambda: prefix[:place] + prefix[place + 1 :],
        lambda: prefix[:place] + letter + prefix[place + 1 :],
        lambda: prefix[:place] + letter + prefix[place:],
        lambda: prefix[: place - 1] + prefix[place] + prefix[place - 1] + prefix[place + 1 :] if place > 1 else prefix,
    ]
    edited = data.draw(st.sampled_from(edits))()
    assert edited in edits_of(prefix) or edited.startswith(prefix)


@given(st.text("абвг", min_size=1, max_size=6))
def test_edits_keep_the_first_letter_and_change_one_place(prefix: str) -> None:
    for edited in edits_of(prefix):
        assert edited[0] == prefix[0]
        assert edited != prefix
        assert abs(len(edited) - len(prefix)) <= 1


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> Segment:
    choice = random.Random(1)
    words = {"".join(choice.choices("абвгabc1", k=choice.randint(1, 12))) for _ in range(3000)}
    directory = tmp_path_factory.mktemp("table")
    build(directory, documents(" ".join(sorted(words))))
    return open_generation(directory).segments[0]


@given(st.lists(st.text("абвгabc1", min_size=1, max_size=14), max_size=40), st.sampled_from(["keys", "forms"]))
def test_ranges_are_those_of_the_table(segment: Segment, prefixes: list[str], name: str) -> None:
    table = segment.keys if name == "keys" else segment.forms
    found = prefix_ranges(segment, name, prefixes)
    assert [list(each) for each in found] == [list(table.prefix_range(prefix)) for prefix in prefixes]


def test_whole_strings_are_in_their_ranges(segment: Segment) -> None:
    every = segment.forms.strings()
    found = prefix_ranges(segment, "forms", every)
    assert all(place in each for place, each in enumerate(found))


# -- the measure of the word before


def test_the_measure_tells_what_the_word_before_brings(tmp_path: Path) -> None:
    records = [completion.Record(str(number), "", "вот новая карьера, и ещё одна карта") for number in range(40)]
    asked = completion.phrases(records, 30, 3)
    assert completion.Phrase("новая", "карьера") in asked
    assert asked == completion.phrases(records, 30, 3)
    phrase = [completion.Phrase("новая", "карьера")]
    build(tmp_path, documents(*["карта"] * 9, "новая карьера"))
    collection = opened(tmp_path)
    alone, behind = (completion.measured("", collection, phrase * 2, 3, 1, alone=alone) for alone in (True, False))
    assert (alone.form, alone.lemma, behind.form, behind.lemma) == (0, 0, 1, 1)
