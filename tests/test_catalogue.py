"""The Russian catalogue is whole, and the command speaks Russian where the locale says so: to people, never to programs."""

from __future__ import annotations

import ast
import gettext
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import SEEDS, naidi
from naidi import open_index
from naidi.fields import Keyword
from naidi.indexer import errors, messages
from naidi.indexer.cli.saying import kept
from naidi.indexer.errors import NaidiError
from naidi.indexer.messages import Message, catalogue_of, message, of_system, plural, told
from naidi.search.cli import main
from naidi.search.results import Facet, Results
from naidi.search.show.as_text import Look, facet_lines, render_text
from tests.catalogue import MO, ROOT, Name, name_of, sentences, translated

RUSSIAN = {"LANG": "ru_RU.UTF-8", "LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": ""}
ENGLISH = {**RUSSIAN, "LANG": "C.UTF-8"}
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
PLACEHOLDER = re.compile(r"\{\w+(?:!\w)?(?::[^{}]*)?\}")
# What is the same in Russian.
ALIKE = {
    "JSON Lines",
    "reStructuredText",
    "translate",
    "--facets={names}: {error}",
    "--format: {error}",
    "collapse: {error}",
    "where: {reason}",
    "{health}, {nodes}, OpenSearch {server}",
    "  naidi man > ~/.local/share/man/man1/naidi.1\n  man naidi",
}

ENTRIES: dict[Name, tuple[str, ...]] = {
    name_of(entry): (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)
    for entry in translated()
    if entry.id
}
SENTENCES = sentences()


# -- the catalogue


def test_the_catalogue_has_the_sentences_of_the_source_and_no_other() -> None:
    """`python tests/catalogue.py` takes over what has changed."""
    assert set(ENTRIES) == set(SENTENCES)
    catalogue = translated()
    assert not [entry.id for entry in catalogue if entry.id and entry.fuzzy] and not catalogue.obsolete
    assert len(ENTRIES) > 900


# What names a key in any language.
KEYS = {"↑", "↓"}


def test_every_sentence_is_translated() -> None:
    for name, forms in ENTRIES.items():
        assert len(forms) == (3 if isinstance(name, tuple) else 1), name
        for form in forms:
            words = PLACEHOLDER.sub("", re.sub(r"`[^`]*`", "", first(name)))
            is_said = re.search("[A-Za-z]{3}", words) and first(name) not in ALIKE
            assert form and (not is_said or CYRILLIC.search(form) or form in KEYS), name


def first(name: Name) -> str:
    return name if isinstance(name, str) else name[0]


def test_the_translation_has_the_same_values() -> None:
    """With the same marks of how they are written. A sentence of others may leave a value out: they say some in English."""
    for name, forms in ENTRIES.items():
        names = {name} if isinstance(name, str) else set(name)
        english = [set(PLACEHOLDER.findall(each)) for each in names]
        for form in forms:
            russian = set(PLACEHOLDER.findall(form))
            of_others = SENTENCES[name] == {"click or the system"}
            assert russian in english or (russian <= set().union(*english) and of_others), (name, form)
            assert form.count("`") == first(name).count("`"), (name, form)
            assert re.findall("`([^`{]*)`", form) == re.findall("`([^`{]*)`", first(name)), (name, form)


def test_examples_keep_their_commands() -> None:
    seen = 0
    for name, (*_, form) in ENTRIES.items():
        english, russian = first(name).split("\n"), form.split("\n")
        assert len(english) == len(russian), name
        for one, other in zip(english, russian, strict=True):
            if one.startswith(("  naidi", "naidi ")) and len(english) > 1:
                assert re.split(r"\s{2,}", one.strip())[0] == re.split(r"\s{2,}", other.strip())[0]
                assert len(one) - len(re.split(r"\s{2,}", one)[-1]) == len(other) - len(re.split(r"\s{2,}", other)[-1])
                seen += 1
    assert seen > 25


def test_what_is_compiled_is_what_is_written() -> None:
    with MO.open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for name, forms in ENTRIES.items():
        if isinstance(name, str):
            assert compiled.gettext(name) == forms[0]
        else:
            assert tuple(compiled.ngettext(*name, count) for count in (1, 2, 5)) == forms


with MO.open("rb") as _file:
    BY_GETTEXT = gettext.GNUTranslations(_file)
OURS = catalogue_of("ru")


@given(st.sampled_from(sorted(ENTRIES, key=first)) | st.text(max_size=20), st.integers(0, 10**6))
def test_our_reader_finds_what_gettext_finds(name: Name, count: int) -> None:
    assert OURS is not None
    if isinstance(name, str):
        assert OURS.gettext(name) == (BY_GETTEXT.gettext(name) if name else "")
    else:
        assert OURS.ngettext(*name, count) == BY_GETTEXT.ngettext(*name, count)


def test_every_number_has_the_form_that_gettext_gives_it() -> None:
    assert OURS is not None
    for count in range(1300):
        assert OURS.ngettext("{count:,} file", "{count:,} files", count) == BY_GETTEXT.ngettext(
            "{count:,} file", "{count:,} files", count
        )


def test_a_catalogue_that_is_missing_or_damaged_leaves_english(tmp_path: Path) -> None:
    assert messages._Compiled(str(tmp_path / "none.mo")).gettext("encrypted") == "encrypted"
    (tmp_path / "bad.mo").write_bytes(b"something else")
    assert messages._Compiled(str(tmp_path / "bad.mo")).ngettext("{count} a", "{count} b", 2) == "{count} b"
    assert not list(messages._Compiled(str(tmp_path / "bad.mo")).sentences())


# -- that nothing in the indexer was forgotten. Of the search, `test_told` says the same.


def test_no_error_and_no_line_of_the_indexer_is_a_bare_string() -> None:
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, NaidiError)}
    speaking = kinds | {
        "UsageError",
        "BadParameter",
        "TooLarge",
        "BadXml",
        "UndecodableBytes",
        "ReaderStopped",
        "leave_out",
    }
    found = 0
    for path in sorted((ROOT / "indexer").rglob("*.py")):
        in_readers = "readers" in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            is_warning = called == "append" and "warnings" in ast.unparse(node.func)
            speaks = called in speaking or (in_readers and (called == "ValueError" or is_warning)) or called == "echo"
            if not speaks or "WrongMessage" in called:
                continue
            found += 1
            first_one = node.args[1] if called == "DocumentUnreadable" else node.args[0]
            assert not has_bare_words(first_one), f"{path.name}:{node.lineno}"
    assert found > 250


def has_bare_words(node: ast.AST) -> bool:
    """Whether an expression has words of its own that are not of a message."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and re.search("[a-z]{2} ?[a-z]", node.value) is not None
    if isinstance(node, ast.JoinedStr):
        return any(has_bare_words(each) for each in node.values if isinstance(each, ast.Constant))
    return False


# -- what was kept as text is told anew


@pytest.fixture
def in_russian() -> Iterator[None]:
    from naidi.indexer.cli import saying

    messages.speak("ru")
    saying._known.cache_clear()
    saying._told_again.cache_clear()
    yield
    messages.speak("en")
    saying._known.cache_clear()
    saying._told_again.cache_clear()


@pytest.mark.usefixtures("in_russian")
@pytest.mark.parametrize(
    "text, russian",
    [
        ("encrypted", "зашифровано"),
        ("unsupported format .exe", "неподдерживаемый формат .exe"),
        ("3 files left out: encrypted (2), unsupported format .exe (1)",
         "пропущено 3 файла: зашифровано (2), неподдерживаемый формат .exe (1)"),
        ("1 file left out: damaged ZIP file (1)", "пропущен 1 файл: повреждённый файл ZIP (1)"),
        ("12,345 lines that are no JSON", "12 345 строк не в JSON"),
        ("21 lines behind row 20,000 are left out: the time was over on a busy machine",
         "21 строка после 20,000-й пропущена: время вышло на занятой машине"),
        ("{odd} text of nobody: 7", "{odd} text of nobody: 7"),
        ("a.zip: encrypted", "a.zip: зашифровано"),
        ("the same file as a.txt", "тот же файл, что и a.txt"),
        ("the same file as one of another folder", "тот же файл, что и файл из другой папки"),
        (", and", ", and"),
        (": " * 200, ": " * 200),
        ("encrypted " * 50, "encrypted " * 50),
        ("", ""),
    ],
)  # fmt: skip
def test_a_reason_that_was_kept_as_text(text: str, russian: str) -> None:
    assert kept(text) == russian


@pytest.mark.usefixtures("in_russian")
def test_every_reason_of_a_file_that_is_left_out_is_told() -> None:
    page = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
    rows = page[page.index("| reason |") :].split("\n\n")[0].splitlines()[2:]
    reasons = [reason.removesuffix(": …") for row in rows for reason in re.findall(r"`([^`]+)`", row.split(" | ")[0])]
    assert len(reasons) > 25
    begun = ("cannot be read", "the reader failed", "cannot be decoded")  # the reader's own words follow
    assert [reason for reason in reasons if kept(reason) == reason and not reason.startswith(begun)] == []


@pytest.mark.usefixtures("in_russian")
@given(st.text("ab {}:,;()1!\n", max_size=60))
def test_any_text_can_be_a_kept_one(text: str) -> None:
    assert isinstance(kept(text), str)


def test_in_english_a_kept_text_is_as_it_was() -> None:
    assert kept("encrypted") == "encrypted"


@pytest.mark.usefixtures("in_russian")
def test_numbers_and_values_in_russian() -> None:
    assert told(plural("{count:,} file", "{count:,} files", 22)) == "22 файла"
    assert told(plural("{count:,} file", "{count:,} files", 12_345)) == "12 345 файлов"
    assert told(message("{count:,} ({languages})", count=1234, languages=message("none"))) == "1234 (нет)"
    assert told(of_system(OSError(2, "No such file or directory"))) == "Нет такого файла или каталога"
    assert told(of_system(OSError(5, "Input/output error"), inside=True)) == "ошибка ввода-вывода"
    assert of_system(OSError(2, message("{path}: {reason}", path="a", reason="b"))) == "a: b"
    assert isinstance(of_system(OSError("x")), Message)


@pytest.mark.usefixtures("in_russian")
def test_facets_of_any_index_have_russian_names_and_those_of_an_application_its_own() -> None:
    one = Facet((("x", 2),))
    results = Results("q", 2, 1.0, facets=dict.fromkeys(("folder", "type", "language", "year", "brand"), one))
    shown = ["папка: x (2)", "тип: x (2)", "язык: x (2)", "год: x (2)", "brand: x (2)"]
    assert list(facet_lines(results)) == shown
    own = list(facet_lines(results, schema={"type": Keyword(), "brand": Keyword()}))
    assert own == [shown[0], "type: x (2)", *shown[2:]]


@pytest.mark.usefixtures("in_russian")
def test_an_explanation_has_one_decimal_sign(folder: Path) -> None:
    with open_index(folder / "index_data") as searcher:
        for recent in (False, True):
            results = searcher.search("vaccine vaccinated", explain=True, recent=recent)
            explanation = results.hits[0].explanation
            assert explanation is not None and len(explanation.matches) > 1
            shown = "\n".join(render_text(results, Look(explain=True, width=1000)))
            lines = [line for line in shown.splitlines() if "оценка" in line or "idf" in line]
            assert len(lines) > 2
            assert not re.search(r"\d\.\d|boost|doc_freq|recency", "\n".join(lines))
            total = next(line for line in lines if "оценка" in line)
            parts = " + ".join(f"{match.score:.4f}" for match in explanation.matches).replace(".", ",")
            assert f"{explanation.total:.4f} = ".replace(".", ",") in total and parts in total
            assert json.loads(json.dumps(explanation.formula)).startswith("(" * recent)  # programs read a point
            assert "," not in explanation.formula


# -- the command itself

COMMANDS = sorted(main.commands)
# Of English sentences; none of them is a name of an option or a value.
ENGLISH_WORDS = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "is",
        "are",
        "and",
        "in",
        "with",
        "for",
        "each",
        "that",
        "not",
        "this",
        "be",
        "was",
        "were",
        "it",
        "its",
        "by",
        "from",
        "as",
        "what",
        "which",
    ]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of documents, some files that cannot be read among them."""
    place = tmp_path_factory.mktemp("russian")
    shutil.copytree(SEEDS, place / "seeds")
    (place / "seeds" / "bad.pdf").write_bytes(b"%PDF-1.4 nothing more")
    (place / "seeds" / "a.exe").write_bytes(b"MZ")
    (place / "seeds" / ".hidden").write_bytes(b"")
    (place / "seeds" / "lines.jsonl").write_text('{"a": "word"}\n{"a"\n', encoding="utf-8")
    run = naidi("index", "seeds", "-v", cwd=place, env=RUSSIAN)
    assert run.returncode == 0, run.stderr
    for stream in (run.stdout, run.stderr):
        assert stream and not english_words(stream), stream
    assert "добавлено 4" in run.stdout and "пропущено seeds/bad.pdf: повреждённый PDF" in run.stderr
    assert "seeds/lines.jsonl: 1 строка не в JSON" in run.stderr
    return place


def english_words(text: str) -> set[str]:
    """The words that only an English sentence has. Examples of commands are none."""
    found: set[str] = set()
    for line in text.splitlines():
        if line.strip().startswith(("naidi ", "$ naidi")):
            line = re.split(r"\s{2,}", line.strip())[-1] if "  " in line.strip() else ""
        found |= ENGLISH_WORDS & {word.strip(".,:;()«»[]'\"`") for word in re.sub("`[^`]*`", "", line).split()}
    return found


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_help_is_russian(command: str, tmp_path: Path) -> None:
    arguments = [command, "--help"] if command else ["--help"]
    run = naidi(*arguments, cwd=tmp_path, env=RUSSIAN)
    assert run.returncode == 0 and run.stdout.startswith("Использование: naidi")
    assert not english_words(run.stdout), run.stdout
    assert "Показать эту справку и выйти." in run.stdout
    english = naidi(*arguments, cwd=tmp_path, env=ENGLISH)
    assert english.stdout.startswith("Usage: naidi") and "Show this message and exit." in english.stdout
    options = re.compile(r"(?<![\w.])--?[a-z][a-z-]*")
    assert set(options.findall(run.stdout)) == set(options.findall(english.stdout))


def test_the_manual_page_is_russian(tmp_path: Path) -> None:
    page = naidi("man", cwd=tmp_path, env=RUSSIAN).stdout
    assert ".SH ОПИСАНИЕ" in page and not english_words(page.replace("\\-", "-"))


@pytest.mark.parametrize(
    "arguments, status, out, err",
    [
        (["search", "казахстан"], 0, None, r"\d документа? \(\d"),
        (["search", "щщщщъ"], 1, None, "нет документов"),
        (["search", "vacine"], 0, None, r"naidi: искали: vaccine"),
        (["search", "--count", "vaccine", "AND"], 0, r"\d", "naidi: "),
        (["search", "--facets", "vaccine", "-n1"], 0, None, "показан"),
        (["search", "--since", "x", "y"], 2, "", "naidi: --since x: x — не дата"),
        (["search", "--where", "price:<5", "x"], 1, "", "naidi: поля 'price' нет"),
        (["search", "--where", "price:<5", "x", "--json"], 1, "without a schema", "naidi: поля 'price' нет"),
        (["search", "--index", "nowhere", "x"], 2, "", "naidi: nowhere: индекса здесь нет"),
        (["search", "--index", "nowhere", "x", "--json"], 2, "", "naidi: nowhere: индекса здесь нет"),
        (["search", "--json", "--count", "x"], 2, "", "Ошибка: "),
        (["search", "--limit", "x", "y"], 2, "", "Ошибка: Недопустимое значение"),
        (["search", "--snipets", "y"], 2, "", "Ошибка: Нет такого параметра"),
        (["search", "-n"], 2, "", "Ошибка: Параметру '-n' нужен аргумент"),
        (["search"], 2, "", "Ошибка: Не задан аргумент"),
        (["serch"], 2, "", "Ошибка: Нет такой команды"),
        (["similar", "nowhere"], 2, "", "naidi: nowhere: "),
        (["status"], 0, "документы", ""),
        (["status", "--skipped"], 0, "seeds/bad.pdf: повреждённый PDF", ""),
        (["status", "--skipped"], 0, r"seeds/\.hidden: скрыто", ""),
        (["folders"], 0, r"\d документ.* \(актуально\)", ""),
        (["verify"], 0, "каждый байт на месте", ""),
        (["formats"], 0, "архив ZIP", None),
        (["config"], 0, "search.limit", None),
        (["index", "nowhere"], 2, "", "naidi: nowhere: нет такого файла или папки"),
        (["index", "--drop", "nowhere"], 2, "", "naidi: nowhere: индекс не следит за такой папкой"),
        (["index", "--upgrade", "--watch"], 2, "", "Ошибка: --upgrade не сочетается с: --watch"),
        (["index", "--upgrade", "seeds"], 2, "", "Ошибка: --upgrade не сочетается с: папка"),
        (["index", "--max-size", "x"], 2, "", "'x' — не размер"),
        (["index", "--dry-run"], 0, "", "ничего не сделано"),
        (["index", "--upgrade"], 0, "индекс актуален", ""),
        (["dictionary", "list"], 0, "", "naidi dictionary add"),
        (["dictionary", "add", "seeds/a.exe"], 2, "", "naidi: "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_what_the_command_says(
    folder: Path, arguments: list[str], status: int, out: str | None, err: str | None
) -> None:
    run = naidi(*arguments, cwd=folder, env=RUSSIAN)
    assert run.returncode == status == naidi(*arguments, cwd=folder, env=ENGLISH).returncode
    for stream, pattern in ((run.stdout, out), (run.stderr, err)):
        assert pattern is None or (re.search(pattern, stream) if pattern else stream == ""), stream
    assert not english_words(run.stderr), run.stderr
    if arguments[0] not in ("search", "config", "formats"):  # which show documents, values and names
        assert not english_words(run.stdout), run.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "--json", "vacine AND"],
        ["search", "--json", "--explain", "--verbose", "вакцына"],
        ["search", "--jsonl", "vaccine"],
        ["search", "--json", "щщщщъ"],
        ["search", "-l", "vaccine"],
        ["search", "--count", "vaccine"],
        ["search", "--format", "grep", "vaccine"],
        ["similar", "--json", "seeds/lines.jsonl#1"],
        ["suggest", "--json", "vac"],
        ["index", "--json"],
        ["index", "--dry-run", "--json"],
        ["index", "--upgrade", "--json"],
        ["status", "--json"],
        ["status", "--skipped", "--json"],
        ["folders", "--json"],
        ["formats", "--json"],
        ["verify", "--json"],
        ["config", "--json"],
        ["dictionary", "list", "--json"],
        ["completion", "bash"],
    ],
    ids=" ".join,
)
def test_what_programs_read_is_the_same(folder: Path, arguments: list[str]) -> None:
    english, russian = (naidi(*arguments, cwd=folder, env=env) for env in (ENGLISH, RUSSIAN))
    times = re.compile(r'"(took_ms|seconds)": [\d.]+')
    assert times.sub("", russian.stdout) == times.sub("", english.stdout)
    assert russian.returncode == english.returncode


def test_queries_by_line_are_answered_in_english(folder: Path) -> None:
    def answered(env: dict[str, str]) -> str:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **env}
        command = [sys.executable, "-m", "naidi", "search", "-"]
        asked = 'vacine\n{"query": "a", "since": "x"}\n{"query": "a", "limit": -1}\n'
        run = subprocess.run(command, input=asked, capture_output=True, encoding="utf-8", cwd=folder, env=environment)
        return re.sub(r'"took_ms": [\d.]+', "", run.stdout)

    assert answered(RUSSIAN) == answered(ENGLISH)
    assert [json.loads(line) for line in answered(ENGLISH).replace(", ,", ",").splitlines()]


@pytest.mark.parametrize("encoding", ["koi8-r", "cp1251", "ascii"])
def test_a_terminal_of_another_encoding(folder: Path, encoding: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **RUSSIAN, "LANG": f"ru_RU.{encoding}"}
    environment |= {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    shown_in = "utf-8" if encoding == "ascii" else encoding  # click mistrusts a terminal that says it knows ASCII alone
    for arguments in (["search", "vaccine"], ["search", "--help"], ["status"], ["index", "nowhere"]):
        command = [sys.executable, "-m", "naidi", *arguments]
        run = subprocess.run(command, capture_output=True, cwd=folder, env=environment)
        assert run.returncode in (0, 2)
        assert "Traceback" not in run.stderr.decode(shown_in)
        assert encoding == "ascii" or CYRILLIC.search(run.stdout.decode(encoding) + run.stderr.decode(encoding))


def test_a_plain_search_loads_no_more_in_russian(folder: Path) -> None:
    """gettext and the modules that it imports take a third of such a search."""
    code = (
        "import sys; sys.argv[1:] = ['search', 'vaccine']\n"
        "from naidi.__main__ import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*sys.modules)"
    )

    def loaded(env: dict[str, str]) -> set[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **env}
        run = subprocess.run([sys.executable, "-S", "-c", f"import sys; sys.path += {sys.path!r}\n{code}"],
                             capture_output=True, encoding="utf-8", cwd=folder, env=environment)  # fmt: skip
        assert ("докум" in run.stderr) == (env is RUSSIAN), run.stderr
        return set(run.stdout.splitlines()[-1].split())

    assert loaded(RUSSIAN) == loaded(ENGLISH)
