"""The documentation as a site: it builds strictly, shows what GitHub shows, loads nothing from elsewhere, is searched by naidi.

Without the extra [docs] what needs it is skipped. With NAIDI_DOCS set, as .ci/run sets it, it fails instead.
"""

from __future__ import annotations

import html.parser
import importlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from commands import ROOT
from naidi import open_index

HOME = ROOT / "docs" / "site"
CONFIG = HOME / "mkdocs.yml"


def loaded(name: str) -> ModuleType:
    """A module of docs/site."""
    spec = importlib.util.spec_from_file_location(f"site_{name}", HOME / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def needs(*modules: str) -> None:
    """Skip the test where a module is missing, unless all of them must be there."""
    for module in modules:
        if os.environ.get("NAIDI_DOCS"):
            importlib.import_module(module)
        else:
            pytest.importorskip(module)


pages = loaded("pages")
serve = loaded("serve")


class Elements(html.parser.HTMLParser):
    """What a page is made of: how often each element stands in its text, its ids, and what it links to or loads."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.language = ""
        self._in_article = "<article" not in markup
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values: dict[str, str] = {name: value or "" for name, value in attrs}
        if tag == "article":
            self._in_article = True
        elif self._in_article:
            self.counts[tag] += 1
        if tag == "html":
            self.language = values.get("lang", "")
        self.ids |= {values[name] for name in ("id", "name") if name in values}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "form":
            self.links.append(values.get("action", ""))
        else:
            self.loads += [values[name] for name in ("src", "href", "data", "poster", "srcset") if name in values]

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self._in_article = False


# -- links and lists, without mkdocs


@pytest.mark.parametrize(
    ("page", "link", "leads"),
    [
        ("index.md", "docs/json.md#limits", "json.md#limits"),
        ("index.md", "CHANGELOG.md", "changelog.md"),
        ("json.md", "../README.md", "index.md"),
        ("json.md", "query-language.md", "query-language.md"),
        ("json.md", "../tests/trust", "https://github.com/naidi-search/naidi/tree/main/tests/trust"),
        ("json.md", "../setup.cfg", "https://github.com/naidi-search/naidi/blob/main/setup.cfg"),
        ("ru/tutorial.md", "../tutorial.md", "../tutorial.md"),
        ("ru/index.md", "docs/ru/tutorial.md", "tutorial.md"),
        ("ru/index.md", "docs/json.md", "../json.md"),
        ("ru/index.md", "README.md", "../index.md"),
        ("json.md", "no-such-page.md", "no-such-page.md"),
        ("json.md", "../no-such-file", "../no-such-file"),
        ("json.md", "#here", "#here"),
        ("json.md", "https://example.org/a.md", "https://example.org/a.md"),
    ],
)
def test_where_links_lead(page: str, link: str, leads: str) -> None:
    assert pages.relinked(f"[a]({link}) b", page) == f"[a]({leads}) b"


def test_code_stays_as_it_is() -> None:
    block = "```sh\ntext [a](../README.md)\n- no item\n```\n"
    assert pages.relinked(f"[a](../README.md)\n{block}", "json.md") == f"[a](index.md)\n{block}"


def test_a_list_below_text_and_in_a_list() -> None:
    assert pages.relinked("text\n- a\n  more\n- b\n  - c\n", "json.md") == "text\n\n- a\n  more\n- b\n    - c\n"
    assert pages.relinked("- a\n  more\n- b\n", "json.md") == "- a\n  more\n- b\n"
    assert pages.relinked("| a |\n|---|\n- b\n", "json.md") == "| a |\n|---|\n\n- b\n"


def test_a_page_has_one_source_and_a_source_one_page() -> None:
    assert [pages.source_of(pages.page_of(source)) for source in pages.sources()] == pages.sources()


# -- the site as it is built


def build(config: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """What mkdocs says. It counts the warnings that it shows: with --quiet none would be an error."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(config), "-d", str(out)]
    environment = {name: value for name, value in os.environ.items() if name != "NAIDI_SEARCH_URL"}
    environment |= {"NO_MKDOCS_2_WARNING": "1", "PYTHONUTF8": "1"}
    return subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=120
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site. A warning of mkdocs fails: a page that is not in the navigation, a link or an anchor that leads nowhere."""
    needs("material", "pymdownx")
    out = tmp_path_factory.mktemp("site") / "out"
    run = build(CONFIG, out)
    assert run.returncode == 0 and "WARNING" not in run.stdout, run.stdout
    return out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "text", "told"),
    [
        ("docs/files.md", "[a](json.md#no-such-heading)", "does not contain an anchor '#no-such-heading'"),
        ("docs/files.md", "[a](no-such-page.md)", "'no-such-page.md'"),
        ("README.md", "[a](docs/no-such-page.md)", "'no-such-page.md'"),
        ("README.md", "[a](no-such-file)", "'no-such-file'"),
        ("docs/new.md", "# New", 'not included in the "nav" configuration'),
    ],
)
def test_what_is_wrong_with_a_page_fails_the_build(page: str, text: str, told: str, tmp_path: Path) -> None:
    needs("material", "pymdownx")
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "docs", copy / "docs")
    for source in pages.ABOVE:
        shutil.copy(ROOT / source, copy / source)
    for beside in ("tests", "benchmarks", "examples", ".ci"):  # links lead there
        (copy / beside).symlink_to(ROOT / beside)
    with (copy / page).open("a", encoding="utf-8") as file:
        file.write(f"\n\n{text}\n")
    run = build(copy / "docs" / "site" / "mkdocs.yml", tmp_path / "out")
    assert run.returncode == 1 and "Aborted with 1 warnings" in run.stdout and told in run.stdout, run.stdout


@pytest.fixture(scope="module")
def built(site: Path) -> dict[str, Elements]:
    """Page of the site -> what it is made of."""
    return {
        path.relative_to(site).as_posix(): Elements(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")
    }


def file_of(source: str) -> str:
    """The built page of a source."""
    stem = pages.page_of(source).removesuffix(".md")
    return f"{stem}.html" if stem.split("/")[-1] == "index" else f"{stem}/index.html"


@pytest.mark.slow
def test_every_page_is_there(built: dict[str, Elements]) -> None:
    assert {*built} == {*map(file_of, pages.sources()), "404.html"}


@pytest.mark.slow
def test_no_page_asks_another_site_for_anything(built: dict[str, Elements], site: Path) -> None:
    for name, page in built.items():
        assert page.loads and not [each for each in page.loads if re.match(r"(\w+:)?//", each)], name
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*[\"']?(https?:)?//", sheet.read_text(encoding="utf-8")), sheet
    # The theme asks GitHub for stars where a page has this.
    assert not [
        path for path in site.rglob("*.html") if 'data-md-component="source"' in path.read_text(encoding="utf-8")
    ]


@pytest.mark.slow
def test_links_between_pages_lead_to_pages_and_headings(built: dict[str, Elements], site: Path) -> None:
    count = 0
    for name, page in built.items():
        for link in page.links + page.loads:
            address = urllib.parse.urlsplit(urllib.parse.urljoin(f"https://site/{name}", link))
            if address.netloc != "site":
                continue
            path = urllib.parse.unquote(address.path).lstrip("/")
            path += "index.html" if not path or path.endswith("/") else ""
            assert (site / path).is_file(), (name, link)
            anchor = urllib.parse.unquote(address.fragment)
            if anchor and path in built:
                assert anchor in built[path].ids, (name, link)
                count += 1
    assert count > 100


@pytest.mark.slow
@pytest.mark.parametrize("source", pages.sources())
def test_a_page_shows_what_github_shows(source: str, built: dict[str, Elements]) -> None:
    """Two readers of Markdown see the same headings, lists, tables and code: mkdocs and, as GitHub does, CommonMark."""
    needs("markdown_it")
    import markdown_it

    text = (ROOT / source).read_text(encoding="utf-8")
    theirs = Elements(markdown_it.MarkdownIt("gfm-like", {"linkify": False}).render(text)).counts
    ours = built[file_of(source)].counts
    kinds = ("h1", "h2", "h3", "h4", "li", "ol", "table", "tr", "th", "td", "pre", "code", "strong", "em", "img")
    assert {kind: ours[kind] for kind in kinds} == {kind: theirs[kind] for kind in kinds}


@pytest.mark.slow
def test_pages_say_their_language(built: dict[str, Elements], site: Path) -> None:
    languages: dict[str, Any] = {name: page.language for name, page in built.items()}
    assert {name for name, language in languages.items() if language == "ru"} == {
        "ru/index.html",
        "ru/tutorial/index.html",
    }
    assert {*languages.values()} == {"en", "ru"}
    for page, said in (("tutorial", "Table of contents"), ("ru/tutorial", "Содержание")):
        text = (site / page / "index.html").read_text(encoding="utf-8")
        assert {each for each in ("Table of contents", "Содержание") if f'aria-label="{each}"' in text} == {said}


# -- searched by naidi


def test_anchors_of_headings() -> None:
    needs("pymdownx")
    text = "# Title\n\n```sh\n# no heading\n```\n\n## `naidi` in 2 *words*\n\ntext\n\n## Поиск, да\n## Поиск, да\n"
    assert [anchor for _, anchor in serve.headings(text)] == ["title", "naidi-in-2-words", "поиск-да", "поиск-да_1"]
    assert serve.address("json.md", text, text.index("text")) == "/json/#naidi-in-2-words"
    assert serve.address("json.md", text, 0) == serve.address("json.md") == "/json/"
    assert serve.address("index.md") == "/" and serve.address("ru/index.md") == "/ru/"
    assert serve.address("ru/tutorial.md", text, len(text)) == "/ru/tutorial/#поиск-да_1"


@pytest.mark.slow
@pytest.mark.parametrize("source", pages.sources())
def test_anchors_are_those_of_the_built_page(source: str, built: dict[str, Elements]) -> None:
    text = pages.without_targets((ROOT / source).read_text(encoding="utf-8"))
    anchors = [anchor for _, anchor in serve.headings(text)]
    assert anchors and built[file_of(source)].ids >= {*anchors}


def test_texts_are_indexed_as_they_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = tmp_path / "repository"
    (repository / "docs").mkdir(parents=True)
    (repository / "README.md").write_text("# Start\n\nA vaccine. [More](docs/a.md)", encoding="utf-8")
    (repository / "docs" / "a.md").write_text("# More\n\nПрививки.", encoding="utf-8")
    monkeypatch.setattr(serve, "ROOT", repository)
    monkeypatch.setattr(serve, "sources", lambda: ["README.md", "docs/a.md"])
    serve.index_pages(tmp_path / "texts", tmp_path / "index")
    with open_index(tmp_path / "index") as searcher:
        assert [hit.id for hit in searcher.search("vaccines")] == ["naidi/index.md"]
        assert searcher.get("naidi/index.md").text == "# Start\n\nA vaccine. More"
    monkeypatch.setattr(serve, "sources", lambda: ["README.md"])
    serve.index_pages(tmp_path / "texts", tmp_path / "index")
    with open_index(tmp_path / "index") as searcher:
        assert [*searcher.ids()] == ["naidi/index.md"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of the site with its search."""
    needs("material", "pymdownx", "starlette.testclient")
    # The page of `naidi serve`.
    from starlette.testclient import TestClient

    home = tmp_path_factory.mktemp("served")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NAIDI_SEARCH_URL", "")
        serve.build(home / "site")
    serve.index_pages(home / "texts", home / "index")
    with TestClient(serve.application(home / "site", home / "index")) as client:
        yield client


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("cron", "/guide-folder/#when-it-follows"),
        ("django haystack", "/haystack/"),
        ("naidi.toml", "/settings/"),
        ("гарантии", "/guarantees/"),  # the page has no word of Russian
        ("за десять минут", "/ru/tutorial/"),
        ("ыуеештпы", "/settings/"),  # settings, in the other keyboard layout
    ],
)
def test_a_query_finds_the_right_page_first(served: Any, query: str, page: str) -> None:
    """From the search box to the page, by the links that a reader clicks on."""
    form = re.search(r'<form class="naidi-search"[^>]* action="([^"]*)"', served.get("/json/").text)
    assert form is not None
    answer = served.get(urllib.parse.urljoin("/json/", form[1]), params={"q": query})
    assert answer.status_code == 200
    found = [link for link in Elements(answer.text).links if "/documents/" in link]
    assert urllib.parse.unquote(served.get(found[0]).url.path) == page.partition("#")[0]
    if "#" in page:
        assert str(served.get(found[1]).url).endswith(page)


@pytest.mark.slow
def test_one_command_builds_indexes_and_serves(served: Any, tmp_path: Path) -> None:
    command = [sys.executable, str(HOME / "serve.py"), "--port", "0", "--into", str(tmp_path / "made")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8", env=environment, cwd=tmp_path) as server:
        assert server.stderr is not None
        too_late = threading.Timer(120, server.kill)
        too_late.start()
        said = ""
        for line in server.stderr:
            said += line
            if "running on" in line:
                break
        try:
            found = re.search(r"running on (http://127\.0\.0\.1:\d+)", said)
            assert found is not None, said
            with urllib.request.urlopen(f"{found[1]}/search/?q=cron", timeout=30) as answer:
                assert "guide-folder.md" in answer.read().decode()
        finally:
            too_late.cancel()
            server.send_signal(signal.SIGINT)
    assert {path.name for path in (tmp_path / "made").iterdir()} == {"site", "site-texts", "site-index"}


@pytest.mark.slow
def test_what_is_not_there_is_404(served: Any) -> None:
    assert served.get("/search/documents/naidi/no-such-page.md").status_code == 404
    assert served.get("/search/documents/../../setup.cfg").status_code == 404
    assert served.get("/no-such-page/").status_code == 404


@pytest.mark.slow
def test_without_a_server_there_is_no_search_box(site: Path, served: Any) -> None:
    assert 'class="naidi-search"' not in (site / "index.html").read_text(encoding="utf-8")
    assert 'class="naidi-search"' in served.get("/").text
    assert 'name="ui" value="ru"' in served.get("/ru/").text and 'value="ru"' not in served.get("/").text


@pytest.mark.slow
def test_pages_lead_to_themselves_in_the_other_language(built: dict[str, Elements]) -> None:
    assert "../../tutorial/" in built["ru/tutorial/index.html"].links
    assert "../ru/tutorial/" in built["tutorial/index.html"].links
    assert "../ru/" in built["json/index.html"].links and "ru/" in built["index.html"].links
