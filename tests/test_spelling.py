"""Corrections: distances against plain tables, candidates against a look at every form, and what deserves to be offered."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexes import build, documents
from naidi import open_index
from naidi.indexer.analysis.normalize import fold_yo
from naidi.indexer.codec.segment import Segment
from naidi.indexer.document import Document
from naidi.indexer.state.generations import open_generation
from naidi.indexer.writing.writer import Writer
from naidi.search.bridges.edit_costs import NAMED, EditCosts, edit_costs, read_costs
from naidi.search.bridges.form_freqs import doc_freq_of_form
from naidi.search.bridges.near_forms import LATIN, RUSSIAN, alphabet_of, letters_of, near_forms, shapes_of
from naidi.search.bridges.spelling import Suggestion, corrections, worth_offering
from naidi.search.bridges.word_breaks import joined_word, split_word
from naidi.search.collection import Collection

any_examples = settings(max_examples=40)

WORDS = """
вакцина вакцинация прививка правительство экономика здравствуйте сегодня купаться купается кот код рот ёлка подъезд агентство
который что его компания очень бригада шёпот Казахстан ВОЗ президент
vaccine government receive believe necessary definitely philosophy separate restaurant rhythm resistant resistance tomorrow which
weird COVID don't physics the night
"""

TYPOS = """
вокцина       вакцина
вакциан       вакцина
вакцмна       вакцина
превительство правительство
экномика      экономика
здраствуйте   здравствуйте
сиводня       сегодня
агенство      агентство
подьезд       подъезд
каторый       который
кампания      компания
брегада       бригада
што           что
ево           его
елко          ёлка
ооочень       очень
купаеться     купается
купацца       купаться
прзеидент     президент
Казакстан     казахстан
vacine        vaccine
vacicne       vaccine
goverment     government
recieve       receive
beleive       believe
neccessary    necessary
definately    definitely
filosofy      philosophy
seperate      separate
resturant     restaurant
rythm         rhythm
resistent     resistant
resistence    resistance
tommorrow     tomorrow
wich          which
wierd         weird
cobid         COVID
fisics        physics
tje           the
"""


def collection_of(directory: Path, *texts: str) -> Collection:
    build(directory, documents(*texts))
    return Collection(open_generation(directory))


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return collection_of(tmp_path_factory.mktemp("words"), *WORDS.split())


def rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.splitlines() if line.strip()]


# -- distances


def plain_distance(one: str, other: str) -> int:
    """Optimal string alignment, by its definition."""

    @lru_cache(None)
    def cell(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        found = min(cell(i - 1, j) + 1, cell(i, j - 1) + 1, cell(i - 1, j - 1) + (one[i - 1] != other[j - 1]))
        if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
            found = min(found, cell(i - 2, j - 2) + 1)
        return found

    return cell(len(one), len(other))


def plain_cost(costs: EditCosts, rules: dict[tuple[str, str], float], typed: str, meant: str) -> float:
    """The weighted distance, cell by cell."""
    given, wanted = letters_of(typed, costs.alphabet), letters_of(meant, costs.alphabet)
    added = costs.added_to(given)
    named = costs.named

    @lru_cache(None)
    def cell(i: int, j: int) -> float:
        if not i and not j:
            return 0.0
        ways = []
        if i:
            ways.append(cell(i - 1, j) + added[i - 1] + (named["first"] if i == 1 and j == 0 else 0))
        if j:
            cost = float(costs.omitted[wanted[j - 1]])
            if j > 1 and wanted[j - 1] == wanted[j - 2]:
                cost = min(cost, named["halved"])
            ways.append(cell(i, j - 1) + cost + (named["first"] if j == 1 else 0))
        if i and j:
            cost = float(costs.replaced[given[i - 1], wanted[j - 1]])
            ways.append(cell(i - 1, j - 1) + cost + (named["first"] if cost and i == j == 1 else 0))
        if i > 1 and j > 1 and typed[i - 2 : i] == meant[j - 2 : j][::-1] and typed[i - 1] != typed[i - 2]:
            ways.append(cell(i - 2, j - 2) + named["swapped"])
        for (full, slip), cost in rules.items():
            a, b = full.strip("^$"), slip.strip("^$")
            if len(full) <= 1 and len(slip) <= 1:  # in `added`, `omitted`, `replaced`
                continue
            if not typed[:i].endswith(b) or not meant[:j].endswith(a):
                continue
            if full[:1] == "^" and (i != len(b) or j != len(a)):
                continue
            if full[-1:] == "$" and (i != len(typed) or j != len(meant)):
                continue
            ways.append(cell(i - len(b), j - len(a)) + cost)
        return min(ways)

    return cell(len(typed), len(meant))


SOME_RULES = {
    ("^ab", "^b"): 0.2,
    ("cd$", "dc$"): 0.3,
    ("ph", "f"): 0.4,
    ("aa", "a"): 0.25,
    ("h", "hp"): 0.35,
    ("^h", "^sh"): 0.3,
    ("c", "s"): 0.5,
    ("b", ""): 0.6,
    ("", "d"): 0.7,
}
short_word = st.text(st.sampled_from("abcdfphs"), min_size=1, max_size=7)


def some_costs() -> EditCosts:
    named = dict(zip(NAMED, (1.5, 1.25, 1.1, 1.0, 1.15, 0.9, 0.4, 0.8, 0.15), strict=True))
    return EditCosts(LATIN, named, SOME_RULES)


def as_table(words: list[str], alphabet: int) -> tuple[np.ndarray, np.ndarray]:
    lengths = np.array([len(word) for word in words])
    table = np.zeros((int(lengths.max()), len(words)), np.uint8)
    for column, word in enumerate(words):
        table[: len(word), column] = letters_of(word, alphabet)
    return table, lengths


@any_examples
@given(short_word, st.lists(short_word, min_size=1, max_size=5))
def test_costs_are_those_of_a_plain_table(typed: str, meant: list[str]) -> None:
    costs = some_costs()
    found = costs.distances(letters_of(typed, LATIN), *as_table(meant, LATIN))
    expected = [plain_cost(costs, SOME_RULES, typed, word) for word in meant]
    assert found.tolist() == pytest.approx(expected, abs=1e-4)


def test_what_is_the_same_costs_nothing() -> None:
    for alphabet, words in ((LATIN, ["night", "don't", "aa"]), (RUSSIAN, ["ночь", "елка", "аа"])):
        for word in words:
            assert edit_costs(alphabet).distances(letters_of(word, alphabet), *as_table([word], alphabet)).tolist() == [
                0
            ]


CHEAPER = """
карова  корова  картва
тся     ться    вся
плот    плод    плов
кот     код     ком
напесать написать напасать
компютер компьютер компцютер
длиный  длинный длийный
recieve receive recipve
fone    phone   zone
independant independent independxnt
visable visible visxble
acommodate accommodate aczommodate
"""


@pytest.mark.parametrize("typed, likely, unlikely", rows(CHEAPER))
def test_usual_slips_cost_less(typed: str, likely: str, unlikely: str) -> None:
    alphabet = alphabet_of(typed)
    assert alphabet is not None
    near, far = (
        edit_costs(alphabet).distances(letters_of(typed, alphabet), *as_table([likely, unlikely], alphabet)).tolist()
    )
    assert 0 < near < far


def test_the_first_letter_is_seldom_wrong() -> None:
    costs = edit_costs(LATIN)
    first, later = (costs.distances(letters_of("xaxb", LATIN), *as_table([word], LATIN))[0] for word in ("axb", "xab"))
    assert first > later


@pytest.mark.parametrize("line", ["0.5 a>b", "cheap: a>b", "0.5: ab", "0.5: é>e", "0.5: ^a>b", "0.5: ab>"])
def test_a_table_that_cannot_be_read(tmp_path: Path, line: str) -> None:
    table = tmp_path / "costs.txt"
    table.write_text("".join(f"{name}: 1\n" for name in NAMED) + line, encoding="utf-8")
    with pytest.raises(ValueError):
        read_costs(table, LATIN)


def test_a_table_without_a_cost(tmp_path: Path) -> None:
    table = tmp_path / "costs.txt"
    table.write_text("added: 1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="replaced"):
        read_costs(table, LATIN)


# -- candidates

russian_word = st.text(st.sampled_from("абвёея"), min_size=1, max_size=8)
latin_word = st.text(st.sampled_from("abcz'"), min_size=1, max_size=8).filter(lambda word: word.strip("'") == word)
OTHERS = ["c3po", "їжак", "naïve", "ΑΒΓ", "2021", "БЯ", "AB", "чатgpt", "а" * 40]


def offered_keys(segment: Segment) -> set[str]:
    """The keys that are the only key of a form, or its best one by a dictionary."""
    found = set()
    for form in range(len(segment.forms)):
        keys = segment.keys_of_form(form)
        row = int(segment.container["form_keys.ends"][form]) - len(keys)
        if len(keys) == 1 or segment.are_common(np.array([row]))[0]:
            found.add(keys[0])
    return found


@any_examples
@given(st.lists(russian_word | latin_word, max_size=12), russian_word | latin_word, st.integers(1, 3))
def test_candidates_are_all_forms_near_the_word(
    tmp_path_factory: pytest.TempPathFactory, lexicon: list[str], word: str, max_edits: int
) -> None:
    word = fold_yo(word)
    collection = collection_of(tmp_path_factory.mktemp("near"), " ".join(lexicon), *OTHERS)
    segment = collection.segments[0]
    shapes = shapes_of(segment)
    forms = set(segment.forms.strings())
    # A key that is a form, but perhaps for capitals and ё, may be among the keys or not.
    plain = {fold_yo(form.casefold()) for form in forms}
    for table, strings, of_table, left_out in (
        (segment.forms, forms, shapes.forms, set()),
        (segment.keys, offered_keys(segment), shapes.keys, plain),
    ):
        near = near_forms(segment, of_table, word, max_edits)
        found = {
            table[number]: distance
            for number, distance in zip(near.numbers.tolist(), near.distances.tolist(), strict=True)
        }
        expected = {
            form: distance
            for form in strings - left_out
            if alphabet_of(fold_yo(form.casefold())) == alphabet_of(word)
            and (distance := plain_distance(word, fold_yo(form.casefold()))) <= max_edits
        }
        assert expected == {
            form: found[form]
            for form in found.keys() - left_out
            if form in expected or alphabet_of(fold_yo(form.casefold())) is not None
        }


@pytest.mark.parametrize("word", ["", "naïve", "x" * 33, "cлово"])
def test_words_that_cannot_be_compared(words: Collection, word: str) -> None:
    segment = words.segments[0]
    with pytest.raises(ValueError):
        near_forms(segment, shapes_of(segment).forms, word, 2)
    assert corrections(words, word) == []


def test_long_words_are_compared_up_to_the_last_letter(tmp_path: Path) -> None:
    long = "достопримечательностивосхищающих"
    assert len(long) == 32
    found = corrections(collection_of(tmp_path, long), long[:-1] + "й")
    assert [suggestion.form for suggestion in found] == [long]


def test_an_empty_index_suggests_nothing(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        writer.commit()
    assert corrections(Collection(open_generation(tmp_path)), "вокцина") == []


# -- corrections


@pytest.mark.parametrize("typed, meant", rows(TYPOS))
def test_what_was_meant_comes_first(words: Collection, typed: str, meant: str) -> None:
    assert corrections(words, typed)[0].form == meant


@pytest.mark.parametrize("typed", [typed for typed, _ in rows(TYPOS)])
def test_what_was_meant_is_offered(words: Collection, typed: str) -> None:
    first = corrections(words, typed)[0]
    in_a_dictionary = ("кампания", "што", "resistent")
    assert worth_offering(words, typed, first) == (typed not in in_a_dictionary)


@pytest.mark.parametrize("word", WORDS.split())
def test_right_words_are_never_corrected(words: Collection, word: str) -> None:
    for suggestion in corrections(words, word):
        assert suggestion.form.casefold() != word.casefold()
        assert not worth_offering(words, word, suggestion)


@pytest.mark.parametrize(
    "word", ["синхрофазотрон", "xylophone", "кг", "xviii", "www", "рябина", "qazcovac", "шпрот", "кабан", "whale"]
)
def test_right_words_unknown_to_the_index_are_left_alone(words: Collection, word: str) -> None:
    assert not any(worth_offering(words, word, suggestion) for suggestion in corrections(words, word))


def test_best_first_and_no_more_than_asked_for(words: Collection) -> None:
    found = corrections(words, "кох")
    assert {suggestion.form for suggestion in found} >= {"кот", "код"}
    assert [suggestion.cost for suggestion in found] == sorted(suggestion.cost for suggestion in found)
    assert corrections(words, "кох", limit=2) == found[:2]
    assert corrections(words, "кох", limit=0) == []


def test_of_two_the_more_frequent_one(tmp_path: Path) -> None:
    collection = collection_of(tmp_path, "кот", *["год"] * 50, "ход", *["ток"] * 3)
    found = {suggestion.form: suggestion.doc_freq for suggestion in corrections(collection, "гот")}
    assert next(iter(found)) == "год" and found["год"] == 50 and found["ход"] == 1


def test_a_word_that_is_known_is_doubted_only_beside_a_hundred_times_as_frequent_one(tmp_path: Path) -> None:
    once = collection_of(tmp_path / "a", "the goverment", *["government"] * 99)
    assert not worth_offering(once, "goverment", corrections(once, "goverment")[0])
    rare = collection_of(tmp_path / "b", "the goverment", *["government"] * 100)
    first = corrections(rare, "goverment")[0]
    assert first == Suggestion("government", first.cost, 100) and worth_offering(rare, "goverment", first)


def test_only_live_documents_count(tmp_path: Path) -> None:
    build(tmp_path, documents("вакцина", "вакцинка", "прочее"))
    with Writer(tmp_path) as writer:
        writer.delete("0")
    collection = Collection(open_generation(tmp_path))
    assert [suggestion.form for suggestion in corrections(collection, "вакцына")] == ["вакцинка"]
    assert collection.doc_freq(["вакцина"]) == 0


def test_all_segments_are_asked(tmp_path: Path) -> None:
    build(tmp_path, documents(*(f"слово{number} вакцина" for number in range(40))))
    with Writer(tmp_path) as writer:
        writer.add(Document(id="new", text="вакцина президент"))
    collection = Collection(open_generation(tmp_path))
    assert len(collection.segments) == 2
    assert corrections(collection, "презедент")[0].form == "президент"
    first = corrections(collection, "вакцына")[0]
    assert first.form == "вакцина" and first.doc_freq == collection.doc_freq(["вакцина"]) == 41


def pairs_of(directory: Path, words: str) -> Collection:
    """An index with a document of one word for each word, `word*n` for n of them."""
    texts = (part.partition("*") for part in words.split())
    return collection_of(directory, *(word for word, _, count in texts for _ in range(int(count or 1))))


def test_frequency_is_that_of_the_form_not_of_its_lemma(tmp_path: Path) -> None:
    collection = pairs_of(tmp_path, "дома*40 дому домны*4 прочее*40")
    assert collection.doc_freq(["дом"]) == 41
    assert corrections(collection, "домх")[0].form == "дома"
    # дому has 41 documents by its lemma, one by itself.
    ranked = [suggestion.form for suggestion in corrections(collection, "домщ")]
    assert ranked.index("дома") < ranked.index("дому")


def test_the_documents_of_a_form(tmp_path: Path) -> None:
    collection = pairs_of(tmp_path, "кот*5 кота*3 коты cats*2 cat*7 lonely")
    segment = collection.segments[0]
    counts = {form: doc_freq_of_form(segment, segment.forms.find(form)) for form in segment.forms.strings()}
    assert counts == {"кот": 5, "кота": 3, "коты": 1, "cats": 2, "cat": 7, "lonely": 1}


def test_the_documents_of_a_form_of_very_many_are_an_estimate(tmp_path: Path) -> None:
    collection = pairs_of(tmp_path, "кот*3000 кота*1500")
    segment = collection.segments[0]
    counted = [doc_freq_of_form(segment, segment.forms.find(form)) for form in ("кот", "кота")]
    assert counted == pytest.approx([3000, 1500], rel=0.1)


def test_of_all_segments_together(tmp_path: Path) -> None:
    """A form is as frequent as all segments say."""
    build(tmp_path, documents(*["год"] * 40, *["ход"] * 30))
    with Writer(tmp_path) as writer:
        writer.add_many(Document(id=f"new{number}", text="ход") for number in range(30))
    assert corrections(Collection(open_generation(tmp_path)), "зод")[0].form == "ход"


def on_top(typed: str, *meant: str, distance: float = 2.0) -> list[float]:
    costs = EditCosts(alphabet_of(typed) or 0, dict.fromkeys(NAMED, 1.0), {}, {"apart": 10, "cut": 100})
    distances = np.full(len(meant), distance, np.float32)
    found = costs.costs_on_top(letters_of(typed, costs.alphabet), *as_table(list(meant), costs.alphabet), distances)
    return [float(cost) for cost in found]


@any_examples
@given(short_word, st.lists(short_word, min_size=1, max_size=5))
def test_what_comes_on_top_is_that_of_plain_strings(typed: str, meant: list[str]) -> None:
    assert on_top(typed, *meant) == [plain_on_top(typed, word) for word in meant]


def plain_on_top(typed: str, meant: str) -> float:
    """By strings: 10 for slips apart, 100 for a word cut short at each end it may have been cut at."""
    short, long = sorted((typed, meant), key=len)
    front = next((n for n in range(len(short)) if short[n] != long[n]), len(short))
    back = next((n for n in range(len(short)) if short[-1 - n] != long[-1 - n]), len(short))
    changed = len(long) - min(front + back, len(short))
    cost = 10.0 if changed > 2 else 0.0
    if len(short) < len(long):
        if long.startswith(short) and not (len(long) - len(short) == 1 and long[-1] == long[-2]):
            cost += 100
        if long.endswith(short) and not (len(long) - len(short) == 1 and long[0] == long[1]):
            cost += 100
    return cost


def test_a_sign_at_the_end_is_often_left_out() -> None:
    assert on_top("молодеж", "молодежь", "молодежи", "молодежный") == [0, 100, 110]


def test_a_usual_slip_of_several_letters_is_one() -> None:
    assert on_top("купацца", "купаться") == [10]
    assert on_top("купацца", "купаться", distance=0.55) == [0]


CUT = """
полосочка*2 полосатка*2 | полосатк   | полосатка
молодежь молодец*2      | молодеж    | молодежь
военный военные*2       | военныйй   | военный
"""


@pytest.mark.parametrize("line", [line for line in CUT.splitlines() if line])
def test_words_that_lack_an_end_are_still_found(tmp_path: Path, line: str) -> None:
    words, typed, meant = (cell.strip() for cell in line.split("|"))
    assert corrections(pairs_of(tmp_path, words), typed)[0].form == meant


def test_a_word_in_capitals_is_an_abbreviation_rather_than_a_slip(tmp_path: Path) -> None:
    collection = pairs_of(tmp_path, "must*30 government*30")
    for typed, offered in (("goverment", True), ("GOVERMENT", True), ("MST", False), ("mst", True)):
        assert worth_offering(collection, typed, corrections(collection, typed)[0]) == offered, typed


# -- keys: the texts have other forms alone

OTHER_FORMS = """
здравоохранения дельфинов динозаврами холодильниках гриппа сотрудничестве вакцину жёлуди Чимкентом libraries dictionaries mice
"""
TYPOS_OF_KEYS = """
здравохранение здравоохранение
дельфен        дельфин
динозавар      динозавр
холодилник     холодильник
грип           грипп
сотрудничиство сотрудничество
вакцына        вакцина
жолудь         желудь
libary         library
dictionery     dictionary
"""


@pytest.fixture(scope="module")
def other_forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("other_forms")
    build(directory, documents(*OTHER_FORMS.split(), "прочее"))
    return directory


@pytest.mark.parametrize("typed, meant", rows(TYPOS_OF_KEYS))
def test_a_typo_in_a_dictionary_form_finds_the_other_forms(other_forms: Path, typed: str, meant: str) -> None:
    with open_index(other_forms) as searcher:
        results = searcher.search(typed)
        assert results.total == 1
        (correction,) = results.corrections
        assert (correction.original, correction.replacement, correction.action) == (typed, meant, "instead")


@pytest.mark.parametrize("word", ["дельфин", "здравоохранение", "library", "mouse", "грипп", "гриб", "house"])
def test_dictionary_forms_are_no_typos(other_forms: Path, word: str) -> None:
    with open_index(other_forms) as searcher:
        found = searcher.search(word)
    # A word that finds nothing is told the nearest one, but that is not searched for.
    assert all(one.action == "offered" for one in found.corrections)
    assert not (found.hits and found.corrections)


def test_typos_that_count_as_forms_of_a_word(tmp_path: Path) -> None:
    """docs/query-language.md says so of them: they are no corrections."""
    build(tmp_path, documents("two elephants", "a long list of dictionaries", "other"))
    with open_index(tmp_path) as searcher:
        for word in ("elephnat", "loooong", "dictionnaries"):
            assert searcher.search(word, exact=True).total == 1 and not searcher.search(word).corrections
            assert searcher.search(f"={word}").total == 0


def test_a_key_is_offered_with_its_documents(tmp_path: Path) -> None:
    build(tmp_path, documents("дельфинов", "дельфинами", "дельфинам", "прочее"))
    with Writer(tmp_path) as writer:
        writer.delete("0")
    collection = Collection(open_generation(tmp_path))
    first = corrections(collection, "дельфен")[0]
    assert first == Suggestion("дельфин", first.cost, 2) and worth_offering(collection, "дельфен", first)
    with Writer(tmp_path) as writer:
        for doc in "12":
            writer.delete(doc)
    assert corrections(Collection(open_generation(tmp_path)), "дельфен") == []


def test_a_key_of_a_known_word_is_that_word(tmp_path: Path) -> None:
    """«стали» is a form of «стать», of which there are many, and of «сталь»."""
    collection = pairs_of(tmp_path, "стали*3 прочее*3")
    for suggestion in corrections(collection, "стали"):
        assert not worth_offering(collection, "стали", suggestion)


# -- spaces


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return collection_of(
        tmp_path_factory.mktemp("texts"),
        "hello world",
        "я не знаю",
        "в общем так",
        "он устал",
        "потому что",
        "keyboard",
        "ad hoc board",
    )


BREAKS = """
helloworld hello world
HelloWorld hello world
незнаю     не    знаю
вобщем     в     общем
онустал    он    устал
потомучто  потому что
"""


@pytest.mark.parametrize("typed, first, second", rows(BREAKS))
def test_a_space_that_is_missing(texts: Collection, typed: str, first: str, second: str) -> None:
    assert split_word(texts, typed) == (first, second)


@pytest.mark.parametrize("word", ["unknown", "helloworlds", "hello", "he", "board", "знаюь", "чатgpt"])
def test_words_that_are_not_two(texts: Collection, word: str) -> None:
    assert split_word(texts, word) is None


def test_a_space_too_many(texts: Collection) -> None:
    assert joined_word(texts, "key", "Board") == "keyboard"
    assert joined_word(texts, "hello", "world") is None
    assert joined_word(texts, "key", "bored") is None
