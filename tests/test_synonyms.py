"""Which words of a query have other names?

The tables are the specification. `LEADS`: a query, then what must be among the alternatives. `NOWHERE`: queries without any.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from indexes import build, documents
from naidi.indexer.analysis import keys
from naidi.indexer.analysis.tokenizer import forms
from naidi.search.bridges.builtin_synonyms import EVERYDAY, KEYS, LISTS, builtin_table, compiled
from naidi.search.bridges.learnt_synonyms import LearntPair, learnt_table, trusted
from naidi.search.bridges.synonym_groups import (
    MAX_BYTES,
    MAX_LINES,
    MAX_MEMBERS,
    MAX_MEMBERS_OF_ALL,
    Group,
    read_file,
    read_group,
    read_lines,
)
from naidi.search.bridges.synonyms import MAX_ALTERNATIVES, GroupTable, Match, Synonyms, WordKeys
from naidi.search.bridges.word_bridges import RARE
from naidi.search.open_index import open_index

ROOT = Path(__file__).parents[1]

LEADS = """
WHO -> ВОЗ = World Health Organization = Всемирная организация здравоохранения
ВОЗ -> WHO = World Health Organization = Всемирная организация здравоохранения
всемирная организация здравоохранения -> WHO = World Health Organization = ВОЗ
всемирной организации здравоохранения -> WHO = World Health Organization = ВОЗ
во Всемирную Организацию Здравоохранения -> WHO = World Health Organization = ВОЗ
world health organizations -> WHO = ВОЗ = Всемирная организация здравоохранения
# Abbreviations that are no other words may be typed small
nato -> НАТО
юнеско -> UNESCO
covid -> COVID-19 = КОВИД
сша -> USA = United States
рф -> Russian Federation
# with a case ending
МИДом -> Министерство иностранных дел = Foreign Ministry
# in capitals alone
US -> США
AIDS -> СПИД = ВИЧ!
# Names in any case
президент Казахстана -> Kazakhstan = РК
в Соединённых Штатах Америки -> US = США
Соединенные Штаты -> US = США
Организации Объединенных Наций -> ООН = UN
столица Турции -> Turkey = Türkiye
в Нью-Дели -> New Delhi
Кубе -> Cuba
Филиппинах -> Philippines
Астане -> Nur-Sultan
Nur-Sultan -> Астана
kyiv -> Киев
Vienna -> Вена
# Brands and loan words
айфоном -> iPhone
iphone -> Айфон
в ютубе -> YouTube
ютьюб -> YouTube = Ютуб
кока-колу -> Coca-Cola
стив джобс и эппл -> Apple
на вайлдберриз -> Wildberries
бэкапов -> backup = бекап
backup -> бэкап
оффлайн -> offline
email -> e-mail = имейл
вебсайтами -> веб-сайт = website
wifi -> Вайфай = Wi-Fi
"""

EVERYDAY_LEADS = """
автомобилей -> машина
машины -> автомобиль
врачами -> доктор
докторов -> врач
картошку -> картофель
мобильник -> сотовый телефон
сотовые телефоны -> мобильник
куплю -> покупать
покупали -> купить
взяли -> брать
берёт -> взять
сделает -> делать
cars -> automobile
movies -> film = motion picture
physician -> doctor
mobile phones -> cell phone
"""

NOWHERE = """
who
who is it
соня
host
game
кук
honor
воз
воза
us
tell us
turkey recipes
chad
michael jordan
guinea pig
вена
сана
куб
мок
sec
aids!
вакцина для детей
организация
world
здравоохранение всемирной организации
"""


def rows(table: str) -> list[str]:
    return [line for line in table.strip().splitlines() if not line.startswith("#")]


def words(query: str) -> list[WordKeys]:
    return [WordKeys(form, keys(form)) for form in forms(query)]


def table(source: str, *lines: str) -> GroupTable:
    """Groups all of whose words the index knows."""
    return GroupTable(source, read_lines(lines, "test").groups, keys)


def told(matches: Sequence[Match]) -> list[tuple[int, int, list[str]]]:
    return [(match.start, match.end, [other.text for other in match.alternatives]) for match in matches]


@pytest.mark.parametrize("row", rows(LEADS))
def test_the_built_in_list_leads(row: str) -> None:
    query, _, expected = row.partition(" -> ")
    (match,) = Synonyms([builtin_table()]).of(words(query))
    found = {other.text for other in match.alternatives}
    for name in expected.split(" = "):
        assert (name.rstrip("!") in found) is not name.endswith("!")
    assert all(other.source == "built-in" for other in match.alternatives)


@pytest.mark.parametrize("row", rows(EVERYDAY_LEADS))
def test_the_list_of_everyday_words_leads(row: str) -> None:
    query, _, expected = row.partition(" -> ")
    (match,) = Synonyms([builtin_table(EVERYDAY)]).of(words(query))
    assert set(expected.split(" = ")) <= {other.text for other in match.alternatives}
    assert all(other.source == EVERYDAY for other in match.alternatives)


def test_alphabets_meet_in_names_and_loan_words_alone() -> None:
    """Everyday words of the two languages are no synonyms: that would be translation."""
    for group in built_in_groups(EVERYDAY):
        scripts = {any("а" <= letter <= "я" for letter in name.casefold()) for name in group.members}
        capitals = any(name[1:2].isupper() or "-" in name for name in (*group.members, *group.found_only))
        assert len(scripts) == 1 or capitals, group


@pytest.mark.parametrize("query", rows(NOWHERE))
def test_the_built_in_list_leads_nowhere(query: str) -> None:
    assert Synonyms([builtin_table()]).of(words(query.rstrip("!"))) == []


def test_words_that_begin_a_name_of_several() -> None:
    synonyms = Synonyms(
        [builtin_table(), builtin_table(EVERYDAY), table("user", "ноль = zero", "чёрный лебедь = black swan")]
    )
    asked = words("машина айфон стиральная machine чёрный ноль он the")
    assert [word.form for word in asked if synonyms.may_begin_several(word)] == ["стиральная", "machine", "чёрный"]


def test_names_count_for_more_than_everyday_words(tmp_path: Path) -> None:
    build(tmp_path, documents("Мьянма", "автомобиль", "машина", "Бирма"))
    with open_index(tmp_path) as searcher:
        for query, weight in (("Мьянма", 0.85), ("машина", 0.4)):
            own, other = searcher.search(query).hits
            assert other.score / own.score == pytest.approx(weight)


@pytest.mark.parametrize(
    ("query", "own", "other"),
    [
        ("Китай", "Китай", "China"),
        ("Токаев", "Токаев", "Tokayev"),
        ("искусственный интеллект", "искусственный интеллект", "AI"),
    ],
)
def test_its_own_language_comes_first(query: str, own: str, other: str, tmp_path: Path) -> None:
    """One in the other alphabet counts for less beside a word that the index has, even if it is met thrice as often."""
    build(tmp_path / "both", documents(f"{own} и ещё семь слов без всякого смысла", f"{other} and {other} or {other}"))
    build(tmp_path / "other", documents(other))
    with open_index(tmp_path / "both") as searcher:
        first, second = searcher.search(query).hits
        assert (first.id, second.id) == ("0", "1")
    with open_index(tmp_path / "other") as searcher:
        (hit,) = searcher.search(query).hits
        (match,) = searcher.search(query, explain=True).hits[0].explanation.matches  # type: ignore[union-attr]
        assert match.boost > 0.5, hit


def test_a_name_that_the_index_lacks_keeps_its_weight_beside_a_synonym(tmp_path: Path) -> None:
    build(tmp_path, documents("РК сегодня", "Qazaqstan today"))
    with open_index(tmp_path) as searcher:
        found = searcher.search("Казахстан", explain=True)
        (similarity,) = [one.confidence for one in found.corrections if one.kind == "romanisation"]
        (match,) = next(hit for hit in found.hits if hit.id == "1").explanation.matches  # type: ignore[union-attr]
        assert match.boost == pytest.approx(0.85 * similarity, rel=0.01)


def test_the_users_own_synonyms_count_in_full(tmp_path: Path) -> None:
    build(tmp_path, documents("кочет", "rooster"))
    (tmp_path / "synonyms.txt").write_text("кочет = rooster\n", encoding="utf-8")
    with open_index(tmp_path) as searcher:
        own, other = searcher.search("кочет").hits
        assert other.score / own.score == pytest.approx(0.85)


def test_an_acronym_of_two_letters_counts_for_less_than_its_words(tmp_path: Path) -> None:
    build(tmp_path, documents("machine learning", "ML", "machine gun, learning"))
    with open_index(tmp_path) as searcher:
        assert [hit.id for hit in searcher.search("machine learning").hits] == ["0", "2", "1"]


@pytest.mark.parametrize(("query", "other"), [("ОР", "or"), ("вич", "which"), ("dlya", "для")])
def test_function_words_stand_for_nothing(query: str, other: str, tmp_path: Path) -> None:
    build(tmp_path, documents(f"one {other} two"))
    with open_index(tmp_path) as searcher:
        assert searcher.search(query).total == 0


def test_a_given_name_is_no_city(tmp_path: Path) -> None:
    build(tmp_path, documents("Нурсултан", "Nursultan", "Астана", "Нур-Султан"))
    with open_index(tmp_path) as searcher:
        assert {hit.id for hit in searcher.search("Нурсултан Назарбаев").hits} == {"0", "1"}
        assert {hit.id for hit in searcher.search("Астана").hits} == {"2", "3"}


def test_alternatives_bring_the_keys_to_search_by() -> None:
    (match,) = Synonyms([builtin_table()]).of(words("США"))
    by_text = {other.text: other.keys for other in match.alternatives}
    assert by_text["US"] == (("US",),)  # not "us", not "we"
    assert by_text["United States"] == (("unite", "united"), ("state",))


@pytest.mark.parametrize("source", LISTS)
def test_the_built_in_keys_are_up_to_date(source: str) -> None:
    assert Path(KEYS[source]).read_text(encoding="utf-8") == compiled(*LISTS[source]), (
        "run python -m naidi.search.bridges.builtin_synonyms"
    )


def built_in_groups(source: str) -> list[Group]:
    return [group for path in LISTS[source] for group in read_file(path).groups]


@pytest.mark.parametrize("source", LISTS)
def test_every_built_in_group_has_each_name_once(source: str) -> None:
    groups = built_in_groups(source)
    assert len(set(groups)) == len(groups)
    for group in groups:
        names = [*group.members, *group.found_only]
        assert len({name.casefold() for name in names}) == len(names), group


@pytest.mark.parametrize("source", LISTS)
def test_every_built_in_name_leads_to_its_group(source: str) -> None:
    synonyms = Synonyms([builtin_table(source)])
    for group in built_in_groups(source):
        for name in group.members:
            others = {other.text for match in synonyms.of(words(name)) for other in match.alternatives}
            missing = {other for other in (*group.members, *group.found_only) if other not in others}
            # Not told: another writing with the same keys.
            assert all(len(forms(name)) == len(forms(other)) for other in missing if other != name), (name, missing)
            assert others, name


def test_everyday_words_help_only_where_few_documents_have_the_word(tmp_path: Path) -> None:
    for number in (RARE - 1, RARE):
        index = tmp_path / str(number)
        build(index, documents(*["машина"] * number, "автомобиль", "айфон", *["iphone"] * RARE))
        with open_index(index) as searcher:
            assert searcher.search("машина").total == number + (number < RARE)
            assert len(searcher.search_ids("машина", limit=200)) == number + (number < RARE)
            assert searcher.search("iphone").total == RARE + 1  # names help always


def test_the_built_in_list_needs_no_dictionary() -> None:
    code = (
        "import sys\n"
        "from naidi.search.bridges.builtin_synonyms import builtin_table\n"
        "from naidi.search.bridges.synonyms import GroupTable, Synonyms, WordKeys\n"
        "from naidi.search.bridges.synonym_groups import read_group\n"
        "mine = GroupTable('user', [read_group('ВОЗ = Всемирный орган')], {}.get)\n"
        "found = Synonyms([mine, builtin_table()]).of([WordKeys('США', ('сша', 'США')), WordKeys('ok', ('ok',))])\n"
        "assert found[0].alternatives\n"
        "heavy = {'pymorphy3', 'lemminflect', 'simplemma', 'langdetect', 'numpy', 'whoosh'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (run.returncode, run.stderr) == (0, "")


# Matching


def test_the_longest_name_is_taken() -> None:
    synonyms = Synonyms([table("user", "Гвинея = A1", "Экваториальная Гвинея = B1", "Гвинея Бисау Север = C1")])
    assert told(synonyms.of(words("экваториальная гвинея"))) == [(0, 2, ["B1"])]
    # Of overlapping ones the longest, wherever it begins.
    assert told(synonyms.of(words("экваториальная гвинея бисау север"))) == [(1, 4, ["C1"])]
    assert told(synonyms.of(words("гвинея, экваториальная гвинея, гвинея"))) == [
        (0, 1, ["A1"]),
        (1, 3, ["B1"]),
        (3, 4, ["A1"]),
    ]


def test_a_name_of_several_groups_leads_to_all() -> None:
    synonyms = Synonyms([table("user", "GM = General Motors", "GM = генная модификация")])
    assert told(synonyms.of(words("GM"))) == [(0, 1, ["General Motors", "генная модификация"])]
    # which stay strangers.
    assert told(synonyms.of(words("general motors"))) == [(0, 2, ["GM"])]


def test_the_first_table_tells_what_both_have() -> None:
    first = table("user", "WHO = Всемирная организация здравоохранения")
    second = table("learnt", "WHO = всемирной организации здравоохранения = ВОЗ")
    (match,) = Synonyms([first, second]).of(words("WHO"))
    assert [(other.text, other.source) for other in match.alternatives] == [
        ("Всемирная организация здравоохранения", "user"),
        ("ВОЗ", "learnt"),
    ]


def test_the_same_words_in_another_case_are_no_alternative() -> None:
    synonyms = Synonyms([table("user", "всемирный банк = всемирного банка = World Bank")])
    assert told(synonyms.of(words("всемирным банком"))) == [(0, 2, ["World Bank"])]
    assert Synonyms([table("user", "всемирный банк = всемирного банка")]).of(words("всемирный банк")) == []


def test_one_way() -> None:
    synonyms = Synonyms([table("user", "Турция = Türkiye => Turkey = Turkiye Cumhuriyeti")])
    assert told(synonyms.of(words("турции"))) == [(0, 1, ["Türkiye", "Turkey", "Turkiye Cumhuriyeti"])]
    assert told(synonyms.of(words("türkiye"))) == [(0, 1, ["Турция", "Turkey", "Turkiye Cumhuriyeti"])]
    assert synonyms.of(words("turkey")) == []


def test_alternatives_are_bounded() -> None:
    lines = [f"ABC = word{n}" for n in range(3 * MAX_ALTERNATIVES)]
    (match,) = Synonyms([table("user", *lines)]).of(words("ABC"))
    assert [other.text for other in match.alternatives] == [f"word{n}" for n in range(MAX_ALTERNATIVES)]


def test_without_tables_or_words_nothing_is_found() -> None:
    assert Synonyms().of(words("WHO")) == []
    assert Synonyms([builtin_table()]).of([]) == []


# Words that the index lacks


class Index:
    """Knows some forms."""

    def __init__(self, *known: str) -> None:
        self.known = known

    def keys(self, form: str) -> tuple[str, ...] | None:
        return keys(form) if form in self.known else None


GROUPS = read_lines(["ВОЗ = всемирная организация здравоохранения = World Health Organization"], "test").groups


def test_words_that_the_index_lacks_are_found_by_dictionary() -> None:
    synonyms = Synonyms([GroupTable("user", GROUPS, Index("ВОЗ").keys)])
    assert told(synonyms.of(words("всемирной организации здравоохранения"))) == [
        (0, 3, ["ВОЗ", "World Health Organization"])
    ]
    assert told(synonyms.of(words("ВОЗ"))) == [
        (0, 1, ["всемирная организация здравоохранения", "World Health Organization"])
    ]


def test_no_dictionary_is_asked_for_other_words(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("naidi.indexer.analysis.lemmatize.keys.keys", lambda form: asked.append(form) or (form,))
    synonyms = Synonyms([GroupTable("user", GROUPS, Index("ВОЗ").keys)])
    assert synonyms.of(words("вакцина для детей")) == []
    assert asked == []
    assert synonyms.of(words("всемогущий")) == []
    assert asked == ["всемирная"]


def test_threads_may_share_synonyms() -> None:
    lines = [f"{letter}{letter}{letter} = {letter}абв" for letter in "бвгджзклмн"]
    queries = [words(line.partition(" = ")[0]) for line in lines]
    for _ in range(20):
        synonyms = Synonyms([GroupTable("user", read_lines(lines, "test").groups, Index().keys)])
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(synonyms.of, queries * 4))


# The user's file


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.txt"
    lines = ["# names", "", "WHO = ВОЗ  =  World  Health Organization # comment", "C# = си-шарп", " Турция => Turkey "]
    for mark in (b"", b"\xef\xbb\xbf"):
        for end in ("\n", "\r\n"):
            path.write_bytes(mark + end.join(lines).encode())
            found = read_file(path)
            assert found.warnings == ()
            assert found.groups == (
                Group(("WHO", "ВОЗ", "World Health Organization")),
                Group(("C#", "си-шарп")),
                Group(("Турция",), ("Turkey",)),
            )


BAD_LINES = """
WHO                     | one member
WHO =                   | '' is no word
= ВОЗ                   | '' is no word
WHO = ... = ВОЗ         | '...' is no word
=>                      | '' is no word
WHO =>                  | '' is no word
WHO => ВОЗ => МОТ       | more than once
a b c d e f g h i j k l m = x | more than 12 words
"""


@pytest.mark.parametrize("row", rows(BAD_LINES))
def test_a_bad_line_is_told_and_left_out(row: str, tmp_path: Path) -> None:
    line, message = (part.strip() for part in row.split("|"))
    path = tmp_path / "synonyms.txt"
    path.write_text(f"UN = ООН\n{line}\nEU = ЕС\n", encoding="utf-8")
    found = read_file(path)
    assert [group.members[0] for group in found.groups] == ["UN", "EU"]
    (warning,) = found.warnings
    assert warning.startswith(f"{path}, line 2 is ignored: ") and message in warning


def test_a_line_with_too_many_members() -> None:
    with pytest.raises(ValueError, match="more than 32 members"):
        read_group(" = ".join(f"w{n}" for n in range(33)))


def test_a_line_that_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.txt"
    path.write_bytes("UN = ООН\n".encode() + "EU = ЕС\n".encode("cp1251"))
    found = read_file(path)
    assert found.groups == (Group(("UN", "ООН")),)
    assert found.warnings == (f"{path}, line 2 is ignored: it is not UTF-8; save the file as UTF-8",)


def test_a_file_in_utf_16(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.txt"
    path.write_text("UN = ООН\n", encoding="utf-16")
    assert read_file(path).groups == ()
    assert "save it as UTF-8" in read_file(path).warnings[0]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "none.txt", tmp_path):
        found = read_file(path)
        assert found.groups == ()
        assert found.warnings[0].startswith(f"{path} cannot be read (")


def test_a_pipe_or_a_device_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    for name, why in (
        ("pipe.txt", "Not a regular file"),
        ("zero.txt", "Not a regular file"),
        ("loop.txt", "Too many "),
    ):
        found = read_file(tmp_path / name)
        assert found.groups == () and found.warnings[0].startswith(f"{tmp_path / name} cannot be read ({why}")


def test_a_search_goes_on_beside_a_pipe_called_synonyms(tmp_path: Path) -> None:
    build(tmp_path / "index", documents("один", "два"))
    os.mkfifo(tmp_path / "index" / "synonyms.txt")
    with open_index(tmp_path / "index") as searcher:
        results = searcher.search("один")
    assert results.total == 1 and "synonyms.txt cannot be read (Not a regular file)" in results.warnings[0]


def test_a_file_that_is_too_long(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.txt"
    line = "UN = ООН # " + "x" * 1000 + "\n"
    count = MAX_BYTES // len(line.encode())
    path.write_text(line * (count + 5), encoding="utf-8")
    found = read_file(path)
    assert len(found.groups) == count
    assert found.warnings == (f"{path} is longer than 2,000,000 bytes: what follows them is ignored; shorten the file",)


def test_as_many_lines_and_members_are_read_as_a_first_query_has_time_for() -> None:
    def groups(*lines: str) -> tuple[int, tuple[str, ...]]:
        found = read_lines(lines, "x")
        return len(found.groups), found.warnings

    pairs = [f"w{n} = w{n + 1}" for n in range(MAX_LINES + 5)]
    said = "x, line 10001 and what follows it are ignored: 10,000 lines are read; shorten the file"
    assert groups(*pairs[:MAX_LINES]) == (MAX_LINES, ())
    assert groups(*pairs) == (MAX_LINES, (said,))
    assert groups(*["#"] * (MAX_LINES - 1), *pairs) == (1, (said,))
    wide = " = ".join(f"w{n}" for n in range(MAX_MEMBERS))
    lines = MAX_MEMBERS_OF_ALL // MAX_MEMBERS
    assert groups(*[wide] * lines) == (lines, ())
    said = f"x, line {lines + 1} and what follows it are ignored: 20,000 members are read; shorten the file"
    assert groups(*[wide] * (lines + 9)) == (lines, (said,))


# What documents define


def learnt(*counted: tuple[int, str, str]) -> list[LearntPair]:
    """The pairs trusted where so many documents define an acronym so."""
    found = [(f"{pair}-{n}", *rest) for pair, (count, *rest) in enumerate(counted) for n in range(count)]
    return trusted([(name, acronym, long_form) for name, acronym, long_form in found], keys)


def test_cases_of_a_long_form_are_one() -> None:
    assert learnt(
        (3, "ВОЗ", "всемирной организации здравоохранения"),
        (2, "ВОЗ", "всемирную организацию здравоохранения"),
        (1, "ВОЗ", "всемирная организация здравоохранения"),
    ) == [LearntPair("ВОЗ", "всемирная организация здравоохранения", 6, 6)]


def test_a_document_counts_once() -> None:
    assert trusted([(1, "AB", "a b"), (1, "AB", "a b"), (2, "AB", "a b")], keys)[0].doc_count == 2


@pytest.mark.parametrize(
    ("counts", "kept"),
    [
        ([1], [1]),
        ([1, 1], [1, 1]),
        ([3, 1], [3, 1]),
        ([4, 1], [4]),
        ([20, 2], [20]),
        ([19, 2], [19, 2]),
        ([5, 4, 3, 2, 2], [5, 4, 3, 2]),
    ],
)
def test_rare_long_forms_are_dropped_beside_common_ones(counts: list[int], kept: list[int]) -> None:
    names = ["alpha beta", "apple banana", "arctic bear", "azure bird", "amber bottle"]
    pairs = learnt(*((count, "AB", name) for count, name in zip(counts, names, strict=False)))
    assert [pair.doc_count for pair in pairs] == kept
    assert {pair.acronym_count for pair in pairs} == {sum(counts)}


def test_a_long_form_leads_to_an_acronym_that_mostly_means_it() -> None:
    pairs = learnt((5, "GM", "general motors"), (3, "GM", "genetically modified"))
    known = Index("GM", "general", "motors", "genetically", "modified")
    synonyms = Synonyms([learnt_table(pairs, known.keys)])
    assert told(synonyms.of(words("GM"))) == [(0, 1, ["general motors", "genetically modified"])]
    assert told(synonyms.of(words("general motors"))) == [(0, 2, ["GM"])]
    assert synonyms.of(words("genetically modified")) == []


def test_an_acronym_that_documents_write_small_is_meant_in_capitals_alone() -> None:
    pairs = learnt((1, "GIT", "global interface table"))
    known = ("GIT", "global", "interface", "table")
    assert told(Synonyms([learnt_table(pairs, Index(*known).keys)]).of(words("git"))) == [
        (0, 1, ["global interface table"])
    ]
    synonyms = Synonyms([learnt_table(pairs, Index(*known, "git").keys)])
    assert synonyms.of(words("git")) == []
    (match,) = synonyms.of(words("GIT"))
    assert [(other.text, other.source) for other in match.alternatives] == [("global interface table", "learnt")]
    (match,) = synonyms.of(words("global interface tables"))
    assert [(other.text, other.keys) for other in match.alternatives] == [("GIT", (("GIT",),))]


def test_an_acronym_that_documents_only_have_with_endings_needs_no_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = learnt((1, "CNV", "copy number variations"))
    known = {form: keys(form) for form in ("copy", "number", "variations", "CNVs")}
    query = words("copy number variations")
    asked: list[str] = []
    monkeypatch.setattr("naidi.indexer.analysis.lemmatize.keys.keys", lambda form: asked.append(form) or (form,))
    (match,) = Synonyms([learnt_table(pairs, known.get)]).of(query)
    assert [(other.text, other.keys) for other in match.alternatives] == [("CNV", (("CNV",),))]
    assert asked == []


def test_words_without_keys_are_their_own() -> None:
    assert trusted([(1, "AB", "alpha beta")], {}.get) == [LearntPair("AB", "alpha beta", 1, 1)]
    assert trusted([], {}.get) == []
