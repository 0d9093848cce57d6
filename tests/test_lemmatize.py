"""Do the forms of a word meet under one key, and do different words stay apart?

The tables are the specification. `MEET`: the forms of a line have a key in common. `APART`: no two forms of a line have.
`KEYS`: exactly these keys, in this order. A line that begins with XFAIL is a known failure; when it starts to hold, the test
says so and the word can go.
"""

from __future__ import annotations

import re
import string
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path

import pymorphy3_dicts_ru
import pytest
from _pytest.mark import ParameterSet
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.quality import lemmas as benchmark
from naidi.indexer import core
from naidi.indexer.analysis import keys, normalize
from naidi.indexer.analysis.lemmatize import english, english_table, opencorpora, tables
from naidi.indexer.analysis.lemmatize.fingerprint import DICTIONARIES, RULES, fingerprint
from naidi.indexer.analysis.lemmatize.keys import LONGEST_WORD, Keys, all_keys, are_common_keys
from naidi.indexer.analysis.lemmatize.russian import RussianLemmatizer
from naidi.indexer.analysis.lemmatize.stem import all_stems, stem

ROOT = Path(__file__).parent.parent
with_core = pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")
RUSSIAN_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"

MEET = """
# Russian nouns
вакцина вакцины вакцине вакцину вакциной вакцин вакцинам вакцинами вакцинах
окно окна окну окном окне окон окнам
день дня дню днём дне дни дней дням днями днях
человек человека людей людям людьми люди
ребёнок ребенка дети детей детям
год года году годом лет годы годов
время времени временем времён временам
мать матери матерью матерей
Казахстан Казахстана Казахстану Казахстаном Казахстане
Алматы алматы
небо неба небеса небес
полк полка полку полком полке

# Russian verbs
идти иду идёт идут шёл шла шло шли идя шедший
брать беру берёшь берет брал берите беря
быть был была будет будут есть будучи
хотеть хочу хочет хотят хотел
прийти пришёл пришла придёт пришедший пришли
бояться боюсь боится боялся боялась бойтесь
узнавать узнаю узнаёт узнает
вакцинировать вакцинируют вакцинировал вакцинированы вакцинируя
сказать скажу сказал сказала скажите сказанный
боялась боялася
ехать еду едешь едут ехал

# Russian adjectives and adverbs
синий синего синему синим синем синяя синюю синие синих
хороший хорошая хорошего хороших хорош хороша
быстрый быстрая быстрее быстр
быстро быстрее
дорогой дорогого дорогие дорог дороже
важнейший важнейшая важнейших важнейшими
лучший лучшего лучшая лучшие лучшими
должен должна должно должны

# Russian pronouns and numerals
он его него ему нему им ним нём
она её ней нею ею
они их них им ими ними
весь вся всё всего всю все всех всеми
тот та то того тому тем те тех
все всех всем всеми
себя себе собой
два двух двум двумя

# ё and е
ёлка елка ёлки елки
актёр актёра актера актером
узнаёт узнает
осёл осел
самолёт самолет самолёты
ещё еще

# written shortenings
тысяча тысяч тыс
миллион миллионов млн
рублей руб
год гг
километр километров км
hour hours hrs
year years yrs

# surnames in every case, known to the dictionary or not
Токаев Токаева Токаеву Токаевым Токаеве Токаевой Токаевы Токаевых
Назарбаев Назарбаева Назарбаеву Назарбаевым Назарбаеве Назарбаевой
Ашикбаев Ашикбаева Ашикбаеву Ашикбаевым Ашикбаеве Ашикбаевой
Иванов Иванова Иванову Ивановым Иванове Ивановой Ивановы Ивановых
Путин Путина Путину Путиным Путине Путиной
Смаилов Смаилова Смаилову Смаиловым Смаилове Смаиловой
Синицын Синицына Синицыну Синицыным Синицыне Синицыной
Зеленский Зеленского Зеленскому Зеленским Зеленском Зеленская Зеленскую
Достоевский Достоевского Достоевскому Достоевским Достоевском
Толстой Толстого Толстому Толстым Толстом Толстая
Гебрейесус Гебрейесуса Гебрейесусу Гебрейесусом Гебрейесусе
Байден Байдена Байдену Байденом Байдене
Шевченко шевченко
Королёв Королева Королеву Королевым
Цой Цоя Цою Цоем
Меркель меркель
XFAIL Машин Машина Машиным

# abbreviations
МИД МИДа МИДу МИДом МИДе мид
ВОЗ воз
США сша
ОПЕК опек
WHO who
NATO NATO's nato
NGO NGOs ngo

# loooong words
классно классссно
очень оооочень
so sooooo
very veryyyy

# hyphens, for whoever asks for a whole compound
медико-санитарный медико-санитарной медико-санитарного медико-санитарную
премьер-министр премьер-министра премьер-министру
город-герой города-героя
Касым-Жомарт Касым-Жомарта

# English nouns
vaccine vaccines vaccine's
child children children's
mouse mice
woman women women's
analysis analyses
city cities
leaf leaves
wolf wolves
blog blogs
coronavirus coronaviruses
datum data
person persons
XFAIL person people

# English verbs
meet meets met meeting
go goes went gone going
be am is are was were been being
have has had having
think thinks thought thinking
develop develops developed developing
mix mixes mixed mixing
sing sings sang sung singing
run runs ran running
vaccinate vaccinated vaccinating
travel travelled traveled travelling traveling
go goin

# English adjectives and pronouns
good better best
bad worse worst
big bigger biggest
easy easier easiest
he him
they them
we us
who whom
this these
that those

# British and American
recognise recognised recognize recognized recognising
colour colours color colors coloured colored
theatre theatres theater theaters
organisation organizations
analyse analyzed
neighbour neighbor neighbours neighbors
neighbourhood neighborhoods
XFAIL programme program
catalogue catalog
centre center

# apostrophes
do don't don’t
will won't
they they're they’ve
Kazakhstan Kazakhstan's Kazakhstan’s
Tokayev Tokayev’s
O'Brien O’Brien obrien
worker workers'

# accents
café cafe
naïve naive

# typing errors in long words, where no name can be meant
administration administartion
accommodate accomodate
unfortunately unfortunatley
XFAIL work wrok

# what stays apart or together by convention of the treebanks
XFAIL создавать создаётся
страшный страшно
XFAIL пора порой
"""

APART = """
# a name or a noun is not the word it looks like
Токай Токаева
воз вода
кот который
новый новейший
хороший лучший
научный научно
видеть видимо
данный дать
can could
will would
many more
new news
Adam Adams
even event
hour or
four for
tour tor
Handel handle
Martina martian
business busy
university universe
general generous
вакцина вакцинация
мука мучить
рис рисунок
min minute
s be
XFAIL even evening
XFAIL interest interesting
цвет цветы
XFAIL открыть открытый
"""

KEYS = """
ВОЗ = ВОЗ воз
воз = воз
МИДа = мид МИД
Казахстана = казахстан
Kazakhstan's = kazakhstan
мыла = мыло мыть
стоит = стоить стоять
met = meet
meeting = meet meeting
vaccines = vaccine
vaccine = vaccine
ёлки = елка
Ёж = еж
всё = весь все
есть = быть есть
don't = do not
can't = can not
it's = it
O'Brien = o'brien obrien
WHO = WHO who

# digits, mixed scripts and other scripts stand as they are, ё folded; letters that Russian lacks may be left out
2021 = 2021
COVID19 = covid19
b2b = b2b
Ё2 = е2
чатGPT = чатgpt
қазақстан = қазақстан казакстан
Україна = україна украина
қазақ = қазақ
көл = көл
ελλάς = ελλάσ
東京 = 東京
x = x
"""


def rows(table: str) -> list[str]:
    return [line for line in map(str.strip, table.splitlines()) if line and not line.startswith("#")]


def cases(table: str) -> list[ParameterSet]:
    """The lines as test parameters; XFAIL lines must fail."""
    marked = []
    for line in rows(table):
        known_failure = line.startswith("XFAIL ")
        marks = [pytest.mark.xfail(strict=True, reason="known failure")] if known_failure else []
        text = line.removeprefix("XFAIL ")
        marked.append(pytest.param(text.split(), id=text, marks=marks))
    return marked


def tables_words() -> list[str]:
    return sorted({word for table in (MEET, APART) for line in rows(table) for word in line.split() if word != "XFAIL"})


@pytest.mark.parametrize("forms", cases(MEET))
def test_forms_of_a_word_meet(forms: list[str]) -> None:
    common = set.intersection(*(set(keys(form)) for form in forms))
    assert common, {form: keys(form) for form in forms}


@pytest.mark.parametrize("forms", cases(APART))
def test_different_words_stay_apart(forms: list[str]) -> None:
    shared = {(a, b): set(keys(a)) & set(keys(b)) for a, b in combinations(forms, 2)}
    assert not any(shared.values()), shared


@pytest.mark.parametrize("line", rows(KEYS))
def test_exact_keys(line: str) -> None:
    form, _, expected = line.partition(" = ")
    assert keys(form) == tuple(expected.split())


def test_small_letters_never_mean_the_abbreviation() -> None:
    assert not [key for key in keys("воз") if key != key.lower()]
    assert keys("мид") == ("мид",)


# Properties

russian_words = st.text(RUSSIAN_LETTERS, min_size=1, max_size=14)
english_words = st.text(string.ascii_lowercase, min_size=1, max_size=14)
any_words = st.one_of(
    russian_words,
    english_words,
    st.sampled_from(tables_words()),
    st.text(RUSSIAN_LETTERS + string.ascii_letters + "-'’0Ёі", max_size=12),
    st.text(max_size=8),
)
another = Keys()
quickly = settings(max_examples=300)


@quickly
@given(any_words)
def test_keys_are_never_missing_and_depend_on_the_form_alone(word: str) -> None:
    found = keys(word)
    assert found and len(set(found)) == len(found)
    assert found == another.of.__wrapped__(word)  # past the cache


@quickly
@given(any_words)
def test_keys_are_folded(word: str) -> None:
    form = normalize.form(word)
    base = normalize.abbreviation_base(form)
    for key in keys(word):
        assert "ё" not in key
        if key != normalize.fold_yo(base or ""):
            assert key == normalize.fold_yo(normalize.form(key.casefold()))


@quickly
@given(any_words)
def test_case_matters_to_abbreviations_alone(word: str) -> None:
    if not normalize.is_abbreviation(normalize.form(word)):
        assert keys(word) == keys(normalize.form(word))
    else:
        assert set(keys(normalize.form(word).casefold())) <= set(keys(word))


@quickly
@given(st.one_of(russian_words, st.sampled_from(tables_words())))
@example("вашею")
@example("убеждёний")
def test_a_russian_key_is_a_key_of_itself(word: str) -> None:
    """Whoever types the dictionary form of a word finds all its forms."""
    if not normalize.is_abbreviation(normalize.form(word)) and word.isalpha() and not word.isascii():
        for key in keys(word):
            assert key in keys(key), (keys(word), keys(key))


def test_a_row_of_the_english_table_is_found_as_in_the_whole_table() -> None:
    names: set[str] = set()
    whole, few = english_table.load_forms(names=names), english_table.few_forms()
    assert few is not None
    forms = [
        *sorted(whole)[::7],
        "'d",
        "zzzz",
        "mrna",
        "a",
        "adams",
        "moscow",
        "covid",
        "the,",
        "the,det",
        "",
        "\n",
        "Adams",
        "é",
    ]
    assert [few.get(form, ("?",)) for form in forms] == [whole.get(form, ("?",)) for form in forms]
    assert [form in few for form in forms] == [form in whole for form in forms]
    assert [few.is_name(form) for form in forms] == [form in names for form in forms]
    assert None not in few


@quickly
@given(st.dictionaries(st.text("aA'bB-é", min_size=1, max_size=4), st.text("aAb/", min_size=1, max_size=5), min_size=1))
def test_a_row_of_any_sorted_table_is_found(rows: dict[str, str]) -> None:
    lines = [
        (form, "noun", lemmas) for form, lemmas in sorted(rows.items()) if form.islower() or re.search("[AB]", form)
    ]
    whole = english_table.load_forms(lines)
    few = english_table.FewForms("\n".join(map(",".join, lines)))
    assert [few.get(form, ("?",)) for form in rows] == [whole.get(form, ("?",)) for form in rows]


def test_many_words_are_looked_up_in_the_whole_table() -> None:
    few, many = english.EnglishLemmatizer(), english.EnglishLemmatizer()
    many.expect_many()
    assert isinstance(few._forms, english_table.FewForms) and not isinstance(many._forms, english_table.FewForms)
    words = [
        "ran",
        "left",
        "adams",
        "mondays",
        "womens",
        "hireing",
        "looong",
        "vaccinte",
        "colour",
        "don't",
        "o'brien's",
        "covid",
        "rose",
    ]
    assert list(map(few.lemmas, words)) == list(map(many.lemmas, words))
    assert list(map(few.is_common_lemma, words)) == list(map(many.is_common_lemma, words))


def test_another_file_of_lemminflect_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(english_table, "_SORTED_SIZE", 1)
    assert english_table.few_forms() is None
    assert not isinstance(english.EnglishLemmatizer()._forms, english_table.FewForms)


def test_every_lemma_of_the_english_table_is_a_key_of_itself() -> None:
    forms = english_table.load_forms()
    lemmatizer = english.EnglishLemmatizer(forms)
    lemmas = {lemma for lemmas in forms.values() for lemma in lemmas if lemma in forms}
    lost = {lemma for lemma in lemmas if lemma not in lemmatizer.lemmas(lemma)}
    # Only pronoun cases and their like, which have another lemma by the table of closed classes, and n't.
    assert lost <= {"n't", *tables.forms_to_lemmas("english_closed.txt")}, lost


@quickly
@given(russian_words)
def test_yo_and_ye_spellings_meet(word: str) -> None:
    assert set(keys(word)) & set(keys(normalize.fold_yo(word)))


@pytest.mark.parametrize("word", ["а" * 100_000, "авто" * 20_000, "ab" * 50_000, "é" * 10_000, "е" * 64, "не" * 32])
def test_endless_words_are_no_words(word: str) -> None:
    assert len(word) <= LONGEST_WORD or keys(word) == (word,)
    assert keys(word)


# The dictionaries behind the keys


@pytest.fixture(scope="module")
def compiled() -> opencorpora.Dictionary:
    dictionary = opencorpora.load_dictionary()
    assert isinstance(dictionary, opencorpora.CompiledDictionary)
    return dictionary


@pytest.fixture(scope="module")
def oracle() -> opencorpora.PymorphyDictionary:
    return opencorpora.PymorphyDictionary()


READ_WRITE = """
стали берет мыла вести узнает елка все всё еще полета черт сторублевые королевы
псевдокошка недовакцинирован антиковидный супермегаавтобус биткоина экстремально
байткод зумерский шиппинг коронавирусный ковидный криптовалютами самоизоляцией
бутявкать хрямзику наимилейшего побыстрее
ааа ъъъ ёёё гг т щ абвгд
"""


@pytest.mark.parametrize(
    "word", [*READ_WRITE.split(), *(w.lower() for w in tables_words() if w.isalpha() and w[0] > "а")]
)
def test_the_fast_reader_agrees_with_pymorphy3(
    compiled: opencorpora.Dictionary, oracle: opencorpora.PymorphyDictionary, word: str
) -> None:
    assert compiled.look_up(word) == oracle.look_up(word)


@settings(max_examples=200)
@given(word=russian_words)
def test_the_fast_reader_agrees_with_pymorphy3_on_anything(
    compiled: opencorpora.Dictionary, oracle: opencorpora.PymorphyDictionary, word: str
) -> None:
    assert compiled.look_up(word) == oracle.look_up(word)
    assert compiled.knows(word) == oracle.knows(word)


def test_another_dictionary_format_falls_back_to_pymorphy3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opencorpora, "FORMAT_MAJOR", "3")
    with pytest.raises(ValueError, match=r"format 2\.4 is not 3\.x"):
        opencorpora.CompiledDictionary(Path(pymorphy3_dicts_ru.get_path()))
    assert isinstance(opencorpora.load_dictionary(), opencorpora.PymorphyDictionary)


def test_the_english_table_is_lemminflects() -> None:
    """Read from its file or asked from the package: the same table."""
    by_import = english_table.load_forms(english_table._rows_by_import())
    assert by_import == english_table.load_forms()


def test_a_missing_lemminflect_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(english_table, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="pip install lemminflect"):
        english_table.load_forms()


# Word tables


@pytest.mark.parametrize(
    "path", sorted((ROOT / "indexer/analysis/lemmatize").glob("*.txt")), ids=lambda path: path.name
)
def test_word_tables_are_folded_and_free_of_repeats(path: Path) -> None:
    for head, words in tables.read_table(path.name).items():
        for word in (head, *words):
            assert word == normalize.fold_yo(word.casefold()), word
        assert len(set(words)) == len(words), head


def test_a_table_line_without_a_colon_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken.txt").write_text("# fine\na: b\nc d\n", encoding="utf-8")
    monkeypatch.setattr(tables, "__file__", str(tmp_path / "tables.py"))
    with pytest.raises(ValueError, match=r"broken\.txt, line 3.*'c d'"):
        tables.read_table("broken.txt")


# Stems

STEMS = """
вакцинация вакцинац
вакцины вакцин
ёлками елк
vaccination vaccin
Vaccine's vaccin
Tokayev’s tokayev
ВОЗ воз
b2b b2b
Ё1 е1
қазақстан қазақстан
"""


@pytest.mark.parametrize("line", rows(STEMS))
def test_stems(line: str) -> None:
    form, expected = line.split()
    assert stem(form) == expected


@quickly
@given(any_words)
def test_stems_are_folded(word: str) -> None:
    assert "ё" not in stem(word) and stem(word) == stem(normalize.form(word))


# Many forms at once


def test_all_keys_and_stems_are_those_of_each_form() -> None:
    words = [*tables_words(), *READ_WRITE.split(), "", "'", "а" * 100, "o'brien", "города-героя", "київ", "ёе", "éa"]
    words += [word + ending for word in words if word for ending in ("ов", "ейший", "s", "ёк", "eee")]
    fresh = Keys()
    assert all_keys(words) == [fresh.of(word) for word in words]
    assert all_stems(words) == [stem(word) for word in words]
    assert all_keys([]) == [] and all_stems([]) == []


@settings(max_examples=50)
@given(words=st.lists(any_words | russian_words, max_size=20))
def test_all_keys_of_anything(words: list[str]) -> None:
    assert all_keys(words) == [keys(word) for word in words]
    assert all_stems(words) == [stem(word) for word in words]
    check_key_lines(_shared, [word for word in words if "\n" not in word and "".join(keys(word)).isprintable()])


_shared = Keys()


def check_key_lines(lemmatizer: Keys, words: list[str]) -> None:
    found = lemmatizer.lines_of_all(words)
    lines = found.lines.decode().split("\n")[:-1]
    own = [lines[row] for row in found.rows.tolist()]
    expected = [keys(word) for word in words]
    assert own == [key for row in expected for key in row]
    assert found.counts.tolist() == [len(row) for row in expected]
    assert found.common.tobytes() == b"".join(map(are_common_keys, words, expected))


@pytest.mark.parametrize("many", [False, True])
def test_key_lines_are_the_keys_of_each_form(many: bool) -> None:
    words = [
        *tables_words(),
        *READ_WRITE.split(),
        "а" * 100,
        "o'brien",
        "города-героя",
        "київ",
        "ёе",
        "éa",
        "ВОЗ",
        "NASA",
    ]
    words += [word + ending for word in words for ending in ("ов", "ейший", "s", "ёк", "eee", "7", "1a")]
    words += ["0", "2021", "covid19", "9" * 64, "9" * 65, "1" + "a" * 63, "b2b", "B2B", "12ё", "½", "٣"]
    fresh = Keys()
    if many:
        fresh._english_lemmatizer().expect_many()
        for start in range(0, len(words), 1_000):
            check_key_lines(fresh, words[start : start + 1_000])
    check_key_lines(fresh, words)
    check_key_lines(fresh, [])


def test_without_the_core_many_forms_are_lemmatised_one_by_one(oracle: opencorpora.PymorphyDictionary) -> None:
    assert RussianLemmatizer(oracle).all_lemmas(["кот", "ель"]) == ([None, None], [None, None])


# Caches, threads, imports


def test_the_cache_is_bounded_and_visible() -> None:
    few = Keys(capacity=2)
    for form in ("1", "2", "3"):
        few.of(form)
    assert few.of.cache_info().maxsize == 2 and few.of.cache_info().currsize == 2


def test_threads_share_keys_and_stems() -> None:
    words = tables_words() * 3
    fresh = Keys()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(fresh.of, words)) == [keys(word) for word in words]
        assert list(pool.map(stem, words)) == [stem(word) for word in words]
        assert list(pool.map(lambda n: fresh.of_all(words[n:])[0], range(8))) == [all_keys(words)[n:] for n in range(8)]


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_dictionaries_load_when_a_form_needs_them() -> None:
    heavy = {"pymorphy3", "simplemma", "lemminflect", "Stemmer"}
    start = "from naidi.indexer.analysis.lemmatize import keys, stem, fingerprint; fingerprint.fingerprint(); keys.keys('2021')"
    assert not heavy & loaded_by(start)
    assert "simplemma" not in loaded_by(start + "; keys.keys('слово')")
    assert not {"pymorphy3", "lemminflect"} & loaded_by(start + "; keys.keys('word')")


def test_the_fingerprint_names_rules_tables_and_dictionaries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = fingerprint()
    assert here == fingerprint() and "\n" not in here
    assert here.startswith(f"rules={RULES} tables=")
    for package in DICTIONARIES:
        assert f" {package}=" in here and f"{package}=absent" not in here
    (tmp_path / "simplemma-9.9.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    fingerprint.cache_clear()
    assert " simplemma=9.9" in fingerprint() and fingerprint() != here
    fingerprint.cache_clear()


# The benchmark's own arithmetic


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (["cat cats", "dog"], (1.0, 1.0, 1.0)),
        (["cat", "cats", "dog"], (0.0, 0.0, 0.0)),
        (["cat cats dog"], (1 / 3, 1.0, 0.5)),
    ],
)
def test_pair_scores(groups: Iterable[str], expected: tuple[float, float, float]) -> None:
    gold = [benchmark.Word(form, lemma) for form, lemma in (("cat", "cat"), ("cats", "cat"), ("dog", "dog"))]
    group_of = {form: (group,) for group in groups for form in group.split()}
    assert benchmark.pair_scores(gold, group_of.__getitem__) == pytest.approx(expected, abs=1e-6)


def test_the_fingerprint_names_the_installed_versions() -> None:
    from importlib.metadata import version

    parts = dict(part.split("=") for part in fingerprint().split())
    assert {package: parts[package] for package in DICTIONARIES} == {
        package: version(package) for package in DICTIONARIES
    }
