"""Answers to agents: they keep to their budget, can be cited, and quote documents so that these cannot speak as naidi."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi.indexer.document import Document
from naidi.indexer.errors import IndexDamaged
from naidi.indexer.fields import Keyword, Number
from naidi.indexer.printable import printable
from naidi.search.agents.answers import DEFAULT_BUDGET, LEAST_BUDGET, MOST_BUDGET, Answer, Part, fitting, shortened
from naidi.search.agents.arguments import Arguments
from naidi.search.agents.declared import TOOLS
from naidi.search.agents.errors import ToolError
from naidi.search.agents.quoting import Passage, address_of, id_of, shown_id
from naidi.search.agents.service import Service
from naidi.search.agents.tokens import LINE_END, tokens_in
from naidi.search.document_lines import DocumentLines
from naidi.search.memory_index import MemoryIndex
from naidi.search.open_index import Searcher
from naidi.search.results import Snippet
from tests.agent_documents import ANSWERS, HOSTILE
from tests.commands import SEEDS
from tests.fewer_examples import examples

SEED_DOCUMENTS = [
    Document(id=f"seeds/{path.name}", text=path.read_text(encoding="utf-8")) for path in SEEDS.glob("*.txt")
]
QUOTED = re.compile(r"(?:p[0-9]+ )?(?:[0-9]+(?:-[0-9]+)?)?> ?")


@pytest.fixture(scope="module")
def searcher() -> Iterator[Searcher]:
    with MemoryIndex([*ANSWERS, *HOSTILE, *SEED_DOCUMENTS]) as index, index.searcher() as opened:
        yield opened


@pytest.fixture(scope="module")
def service(searcher: Searcher) -> Service:
    return Service(searcher)


@pytest.fixture(scope="module")
def with_values(searcher: Searcher) -> Service:
    return Service(searcher, with_values=True)


def asked(service: Service, tool: str, **arguments: Any) -> str:
    """The text of an answer that is no error. `from` is written `from_`."""
    answer = service.call(tool, {name.rstrip("_"): value for name, value in arguments.items()})
    assert not answer.is_error, answer.text
    return answer.text


def refused(service: Service, tool: str, **arguments: Any) -> str:
    answer = service.call(tool, {name.rstrip("_"): value for name, value in arguments.items()})
    assert answer.is_error, answer.text
    return answer.text


# --- tokens and budgets


@pytest.mark.parametrize(
    "text, least, most",
    [
        ("", 0, 0),
        ("word", 1, 2),
        ("The quick brown fox jumps over the lazy dog.", 10, 14),
        ("Съешь же ещё этих мягких французских булок, да выпей чаю.", 20, 40),
        ("3.14159265", 4, 12),
        ("漢字", 2, 6),
        ("🙂", 1, 4),
        ("\n\n\n", 1, 3),
        ("WHO", 1, 2),
    ],
)
def test_tokens_of_a_text(text: str, least: int, most: int) -> None:
    """least: what the tokenizers make of it; most: what an estimate may say that is still of use."""
    assert least <= tokens_in(text) <= most


@given(st.text(), st.text())
def test_tokens_of_lines_may_be_added(one: str, other: str) -> None:
    assert tokens_in(f"{one}\n{other}") <= tokens_in(one) + LINE_END + tokens_in(other)


@given(st.text(max_size=300), st.integers(5, 60))
def test_a_shortened_text_fits(text: str, budget: int) -> None:
    short = shortened(text, budget)
    assert tokens_in(short) <= budget
    assert text.startswith(short.removesuffix("…"))


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 100)), min_size=1, max_size=5), max_size=8),
    st.integers(0, 300),
)
def test_what_fits_is_shown(sizes: list[list[tuple[int, int]]], budget: int) -> None:
    parts = [
        [Part((f"{number}" + " a" * size,), worth=worth) for size, worth in forms] for number, forms in enumerate(sizes)
    ]
    shown = fitting(parts, budget)
    assert sum(part.tokens for part in shown) <= budget
    assert all(part in forms for part, forms in zip(shown, parts, strict=False))
    best = [max(forms, key=lambda form: form.worth) for forms in parts]
    if sum(max(form.tokens for form in forms) for forms in parts) <= budget:
        assert [part.worth for part in shown] == [part.worth for part in best]
    if parts and min(form.tokens for form in parts[0]) <= budget:
        assert shown
    # Nothing is left that would be worth more and has room.
    left = budget - sum(part.tokens for part in shown)
    for part, forms in zip(shown, parts, strict=False):
        assert not any(form.worth > part.worth and form.tokens - part.tokens <= left for form in forms)
    assert not any(form.tokens <= left for forms in parts[len(shown) : len(shown) + 1] for form in forms)


def test_what_is_worth_more_for_a_token_goes_first() -> None:
    def forms(worth: float) -> list[Part]:
        return [Part(("long" + " a" * 40,), worth=worth), Part(("short",), worth=worth / 2)]

    def lengths(*worths: float) -> list[str]:
        return [part.lines[0].split()[0] for part in fitting([forms(worth) for worth in worths], 60)]

    assert lengths(1.0, 1.0) == ["long", "short"]
    assert lengths(1.0, 1.1) == ["short", "long"]
    huge = [[Part(("a",))], [Part(("c " * 300,), worth=100)], [Part(("d",))]]
    assert [part.lines for part in fitting(huge, 60)] == [("a",)], "none is left out in the middle"


QUERIES = st.one_of(
    st.sampled_from(
        [
            "backups",
            "отпуск",
            "backups отпуск копии",
            "vaccine вакцина",
            "*",
            "страница",
            '"ninety days"',
            "бекапы",
            "zzqx",
            "id:x",
            "-a",
        ]
    ),
    st.text(max_size=40),
)
BUDGETS = st.one_of(st.integers(LEAST_BUDGET, 1_500), st.integers(LEAST_BUDGET, MOST_BUDGET))
IDS = st.sampled_from([document.id for document in [*ANSWERS, *HOSTILE, *SEED_DOCUMENTS]])
FILTERS = st.sampled_from(
    ["", "", "lang:ru", "date:2024", "path:zz", "-lang:en", "price:3", "lang:zz", "(", "ext:md OR lang:ru"]
)


def is_within(answer: Answer, budget: int) -> None:
    text = answer.text if answer.values is None else answer.text + json.dumps(answer.values, ensure_ascii=False)
    assert answer.tokens <= budget, (answer.tokens, budget, text[:500])
    assert answer.text
    # Nothing ends a line but a line feed, and nothing steers a terminal.
    lines = answer.text.split("\n")
    assert lines == answer.text.splitlines()
    assert all(line == printable(line) for line in lines)


@given(QUERIES, st.integers(1, 50), st.integers(0, 30), FILTERS, BUDGETS, st.booleans())
@settings(max_examples=examples(150))
def test_a_search_keeps_to_its_budget(
    service: Service, with_values: Service, query: str, limit: int, offset: int, filters: str, budget: int, both: bool
) -> None:
    given = {"query": query, "limit": limit, "offset": offset, "filters": filters, "budget": budget}
    is_within((with_values if both else service).call("search", given), budget)


def test_a_last_page_that_does_not_fit_keeps_to_its_budget(service: Service) -> None:
    """It must say where to go on, which a last page need not."""
    query = "backups отпуск копии"
    total = int(asked(service, "search", query=query).partition(" ")[0])
    for budget in range(576, 596):
        given = {"query": query, "limit": total - 6, "offset": 5, "budget": budget}
        is_within(service.call("search", given), budget)


@given(
    IDS,
    st.one_of(st.none(), st.integers(1, 12_000)),
    st.one_of(st.none(), st.integers(1, 12_000)),
    st.one_of(st.none(), st.integers(1, 4)),
    st.integers(0, 30_000),
    st.one_of(st.just(""), QUERIES),
    BUDGETS,
    st.booleans(),
)
@settings(max_examples=examples(150))
def test_a_reading_keeps_to_its_budget(
    service: Service,
    with_values: Service,
    doc_id: str,
    first: int | None,
    last: int | None,
    page: int | None,
    skip: int,
    query: str,
    budget: int,
    both: bool,
) -> None:
    given = {
        "id": shown_id(doc_id),
        "from": first,
        "to": last,
        "page": page,
        "skip": skip,
        "query": query,
        "budget": budget,
    }
    is_within((with_values if both else service).call("read", given), budget)


@given(IDS, st.integers(1, 50), BUDGETS, st.booleans())
@settings(max_examples=examples(40))
def test_similar_documents_keep_to_their_budget(
    service: Service, with_values: Service, doc_id: str, limit: int, budget: int, both: bool
) -> None:
    given = {"id": shown_id(doc_id), "limit": limit, "budget": budget}
    is_within((with_values if both else service).call("similar", given), budget)


@given(
    st.one_of(st.sampled_from(["b", "бэк", "отп", "jng", "1"]), st.text(max_size=20)),
    st.integers(1, 50),
    QUERIES,
    FILTERS,
    st.booleans(),
)
@settings(max_examples=examples(60))
def test_counts_keep_to_their_budget(
    service: Service, with_values: Service, text: str, limit: int, query: str, filters: str, both: bool
) -> None:
    chosen = with_values if both else service
    is_within(chosen.call("suggest", {"text": text, "limit": limit}), DEFAULT_BUDGET)
    is_within(chosen.call("facets", {"query": query, "filters": filters}), DEFAULT_BUDGET)


@given(
    st.sampled_from([tool.name for tool in TOOLS] + ["", "x"]),
    st.dictionaries(
        st.sampled_from(["query", "limit", "offset", "filters", "budget", "id", "from", "to", "text", "names", "zz"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20), st.lists, max_leaves=3
        ),
        max_size=4,
    ),
)
@settings(max_examples=examples(200))
def test_any_arguments_have_an_answer(service: Service, tool: str, given: dict[str, Any]) -> None:
    answer = service.call(tool, given)
    assert "a bug in naidi" not in answer.text
    is_within(answer, MOST_BUDGET)


def test_a_small_budget_goes_to_the_first_hits(service: Service) -> None:
    def shown(budget: int) -> list[int]:
        """How many characters of passages each hit has."""
        text = asked(
            service,
            "search",
            query="two copies отпуск парковка passwords",
            limit=4,
            filters="path:handbook",
            budget=budget,
        )
        sizes: list[int] = []
        for line in text.split("\n"):
            if re.match(r"[0-9]+\. ", line):
                sizes.append(0)
            elif re.match(r"[0-9-]+> ", line):
                sizes[-1] += len(line)
        return sizes

    everything, some, least = shown(2_000), shown(300), shown(LEAST_BUDGET)
    assert len(everything) == len(some) == 4 and all(everything)
    assert some[0] == everything[0] and sum(some) < sum(everything)
    assert 1 < len(least) <= 4 and least[0] and sum(least) < sum(some)


def test_a_passage_of_rare_words_weighs_more_than_one_of_many() -> None:
    def worth(text: str, *words: str, **weights: tuple[str, float]) -> float:
        marks = tuple(sorted(found.span() for word in words for found in re.finditer(word, text)))
        return Passage(Snippet(text, marks), text, weights=weights).worth[0]

    weights = {"copies": ("copy", 1.0), "copy": ("copy", 1.0), "prune": ("prune", 3.0)}
    assert worth("The prune of it", "The", "prune", "of", **weights) == 3
    assert worth("copies, the copies, a copy", "copies", "copy", "the", **weights) == 1, "a word counts once"
    assert worth("the copies and the prune of it", "the", "copies", "prune", **weights) == 4
    assert worth("the copies and the prune of it", "the", "copies", "prune") == 2, "without weights all are alike"


def test_passages_with_nothing_but_function_words_are_not_shown() -> None:
    lines = ["The prune script is run at noon.", *(f"This is the line {number} of the text." for number in range(40))]
    with MemoryIndex([Document(id="a", text="\n\n".join(lines))]) as index, index.searcher() as searcher:
        text = asked(Service(searcher), "search", query="the prune of it", limit=1)
        assert "1> The prune script" in text and "line 1 of" not in text
        assert "> " in asked(Service(searcher), "search", query="the of"), "unless none has more"


def test_a_passage_is_cut_around_what_weighs_most() -> None:
    text = (
        "Servers stand here, "
        + "and nothing else is said, " * 8
        + "but the prune of copies is at noon, "
        + "as is known " * 9
    )
    marks = tuple(found.span() for word in ("Servers", "prune", "copies") for found in [re.search(word, text)] if found)
    snippet = Snippet(text, marks)
    weights = {"servers": ("servers", 1.0), "prune": ("prune", 3.0), "copies": ("copies", 1.0)}
    start, end = Passage(snippet, text, weights=weights).cut(100)
    assert "prune of copies" in text[start:end] and end - start <= 100
    alone = Passage(snippet, text, weights={"servers": ("servers", 1.0)})
    assert alone.cut(100)[0] == 0


def test_the_budget_is_used(service: Service) -> None:
    answer = service.call("search", {"query": "backups", "limit": 10, "budget": 500})
    assert answer.tokens > 350


# --- search


def test_a_hit_can_be_cited(service: Service) -> None:
    text = asked(service, "search", query="how long are copies of servers kept")
    assert "files: /home/ann/ + id" in text
    assert "1. handbook/backups.md | 2024-03-05 en | found: copies, copy; servers; kept" in text
    assert re.search(r"^5(-6)?> Copies are kept for ninety days\.", text, re.MULTILINE)
    alone = asked(service, "search", query="ninety", filters="path:handbook")
    assert "files: /home/ann/ + id" in alone
    assert "| ru file /elsewhere/deep/" not in asked(service, "search", query="third")


def test_passages_tell_their_lines(with_values: Service, searcher: Searcher) -> None:
    seen = 0
    for query in ("vaccine", "вакцины", "backups", "отпуск начало", "copies prune"):
        for hit in with_values.call("search", {"query": query, "limit": 20, "budget": 20_000}).values["hits"]:  # type: ignore[index]
            lines = (searcher.get(id_of(hit["id"])).text or "").split("\n")
            for passage in hit["passages"]:
                there = "".join(" ".join(lines[passage["from"] - 1 : passage["to"]]).split())
                assert "".join(printable("".join(passage["text"].strip("…").split())).split()) in printable(there)
                seen += 1
    assert seen > 20


def test_why_it_was_found(service: Service) -> None:
    text = asked(service, "search", query="vacation")
    assert "handbook/otpusk.txt" in text
    assert re.search(r"found: отпуск[^|\n]*\(translation of vacation\)", text)
    assert "found: passwords" in asked(service, "search", query="password")


def test_a_correction_is_told(service: Service) -> None:
    assert "→ passwords (spelling)" in asked(service, "search", query="pasworsd").replace("password ", "passwords ")


def test_one_can_go_on(service: Service) -> None:
    seen: list[str] = []
    offset = skipped = 0
    for _ in range(50):
        text = asked(service, "search", query="backups", limit=3, offset=offset)
        seen += re.findall(r"^[0-9]+\. (.+?)(?: \||$)", text, re.MULTILINE)
        skipped += "does not fit" in text
        more = re.search(r"; more: offset=([0-9]+)", text)
        if more is None:
            break
        assert int(more[1]) > offset
        offset = int(more[1])
    total = int(re.match(r"[0-9]+", text)[0])  # type: ignore[index]
    assert len(seen) == len(set(seen)) == total - skipped
    assert skipped == 1  # its id alone costs more than the default
    assert "none at offset=500" in asked(service, "search", query="backups", offset=500)


def test_a_hit_with_an_id_that_fits_no_budget_is_told(service: Service) -> None:
    text = asked(service, "search", query="漢字", budget=LEAST_BUDGET)
    assert "raise budget" in text


def test_nothing_found_says_what_to_try(service: Service) -> None:
    text = asked(service, "search", query="zzqxv backups", filters="path:nowhere")
    assert "no document found" in text
    assert "in no document, in any form: zzqxv" in text
    assert re.search(r"without the filters: [1-9]", text)
    assert "documents by word: passwords 1, guests 2" in asked(service, "search", query='"passwords guests"')


def test_filters_alone_are_a_search(service: Service) -> None:
    assert "1 document; hit 1" in asked(service, "search", filters="date:2023")
    assert "needs query" in refused(service, "search")


@pytest.mark.parametrize(
    "filters, told",
    [
        ("lang:zz", "unknown language code zz"),
        ("date:someday", "someday is not a date"),
        ("price:3", "there is no field 'price'"),
        ("words", "words is no filter"),
    ],
)
def test_a_wrong_filter_is_told_with_those_there_are(service: Service, filters: str, told: str) -> None:
    for tool in ("search", "facets"):
        text = refused(service, tool, query="backups", filters=filters)
        assert told in text
        assert "Known filters: lang:ru date:2021" in text


def test_fields_of_the_index_are_named() -> None:
    documents = [
        Document(id="a", text="drill", fields={"price": 100, "tags": ["new", 'o"d']}),
        Document(id="b", text="drill"),
    ]
    with (
        MemoryIndex(documents, schema={"price": Number(), "tags": Keyword(multiple=True)}) as index,
        index.searcher() as searcher,
    ):
        service = Service(searcher)
        assert "fields of this index: price:, tags:" in refused(service, "search", query="drill", filters="prize:3")
        text = asked(service, "facets", names="tags,price")
        assert 'tags> 1 tags:="new" | 1 tags:=«o"d» | 1 without' in text
        assert "price> 1 price:100" in text
        assert "1 document; hit 1" in asked(service, "search", filters='tags:=«o"d»')


# --- read


def read_on(service: Service, doc_id: str, budget: int, **first: Any) -> list[tuple[int, str]]:
    """(number, text) of the lines of a document, read to its end as the answers say. A line that was cut comes in several."""
    lines: list[tuple[int, str]] = []
    where = dict(first)
    for _ in range(3_000):
        text = asked(service, "read", id=doc_id, budget=budget, **where)
        for line in text.split("\n")[1:]:
            numbered = re.fullmatch(r"([0-9]+)>(…?) (.*?)", line)
            if numbered:
                lines.append((int(numbered[1]), numbered[3]))
        more = re.search(r"; more: from=([0-9]+)(?: skip=([0-9]+))?$", text.split("\n")[0])
        if more is None:
            return lines
        following = {"from_": int(more[1]), "skip": int(more[2] or 0)}
        assert following != where, text
        where = following
    raise AssertionError("it has no end")


@pytest.mark.parametrize(
    "document", [*ANSWERS, *HOSTILE, *SEED_DOCUMENTS], ids=lambda document: ascii(document.id[:20])
)
@pytest.mark.parametrize("budget", [LEAST_BUDGET + 100, 5_000])
def test_reading_on_gives_the_whole_text(service: Service, document: Document, budget: int) -> None:
    if len(document.id) > 500 and budget < 5_000:
        pytest.skip("the id alone costs more")
    read: dict[int, str] = {}
    for number, text in read_on(service, shown_id(document.id), budget):
        read[number] = read.get(number, "") + text
    lines = document.text.split("\n")
    for number, line in enumerate(lines, 1):
        told = "".join(printable("".join(line.split("\t"))).split())
        assert "".join(read.get(number, "").replace("…", "").split()) == told.replace("…", ""), number


def test_lines_from_to(service: Service) -> None:
    text = asked(service, "read", id="handbook/backups.md", from_=5, to="6")
    assert text.split("\n") == [
        "handbook/backups.md | 2024-03-05 en | lines 5-6 of 8; more: from=7",
        "5> Copies are kept for ninety days.",
        "6> After that they are deleted by the script prune.sh.",
    ]
    assert "(the end)" in asked(service, "read", id="handbook/backups.md", from_=8)
    assert "the document has the lines 1 to 8" in refused(service, "read", id="handbook/backups.md", from_=9)
    assert "to=2 is before from=5: the document has the lines 1 to " in refused(
        service, "read", id="handbook/backups.md", from_=5, to=2
    )
    assert "to=12 is before from=50: " in refused(service, "read", id="handbook/backups.md", from_=50, to=12)
    assert "to=2 is before line 5, where it would begin" in refused(service, "read", id="handbook/backups.md:5", to=2)


def test_a_reading_begins_where_the_query_is_found(service: Service) -> None:
    text = asked(service, "read", id="handbook/backups.md", query="deleting")
    assert "query found in lines 6" in text
    assert "\n5> Copies" in text
    assert "1>" not in text.replace("\n", " ").split("query")[0]
    assert "lines 1-" in asked(service, "read", id="handbook/backups.md", query="zzqx")


@pytest.mark.parametrize(
    "name",
    [
        "handbook/backups.md:6",
        "/home/ann/handbook/backups.md:6",
        "naidi://documents/handbook/backups.md",
        "backups.md",
        "backups.md:6",
    ],
)
def test_a_document_may_be_named_as_it_is_cited(service: Service, name: str) -> None:
    text = asked(service, "read", id=name, to=8)
    assert text.startswith("handbook/backups.md | ")
    assert ("lines 6-8" in text) == name.endswith(":6")


def test_an_id_that_looks_cited_is_an_id(service: Service) -> None:
    assert "lines 1-2" in asked(service, "read", id="a:12")


@pytest.mark.parametrize("document", HOSTILE, ids=lambda document: ascii(document.id[:20]))
def test_a_shown_id_is_taken_back(service: Service, document: Document) -> None:
    assert asked(service, "read", id=shown_id(document.id), budget=MOST_BUDGET)
    assert id_of(address_of(document.id)) == document.id
    assert shown_id(document.id) == printable(shown_id(document.id))


@pytest.mark.parametrize("name", ["handbok/backup.txt", "wrong/BACKUPS.md", "../backpus.md:3", "handbook/backups"])
def test_an_unknown_id_names_the_nearest(service: Service, name: str) -> None:
    text = refused(service, "read", id=name)
    assert "Ids are what search gives" in text
    assert text.endswith("unchanged. Near: handbook/backups.md")
    assert "Near: handbook/backups.md" in refused(service, "similar", id=name)


@pytest.mark.parametrize("name", ["../../etc/passwd", "network plan.txt", "backups", "a", "zz/", "/", ":1", "отпуск"])
def test_what_is_not_near_is_not_offered(name: str) -> None:
    documents = [
        Document(id=name, text="passwd etc network plan backups отпуск a") for name in ("Events.txt", "b/c.md")
    ]
    with MemoryIndex(documents) as index, index.searcher() as searcher:
        text = refused(Service(searcher), "read", id=name)
    assert "no document has the id" in text and "Near" not in text


def test_the_nearest_come_first() -> None:
    names = ["x/handbook.md", "y/old/handbok.md", "handbooks.md", "z/book.md", "q/handbook.md", "y/new/handbook.txt"]
    with MemoryIndex([Document(id=name, text="x") for name in names]) as index, index.searcher() as searcher:
        text = refused(Service(searcher), "read", id="new/Handbook.md")
    assert text.endswith("Near: y/new/handbook.txt; q/handbook.md; x/handbook.md")


@pytest.mark.parametrize("folders, told", [(2, 2), (5, 5), (9, 5)])
def test_an_end_of_several_ids_names_some(folders: int, told: int) -> None:
    documents = [Document(id=f"folder {number}/untitled.txt", text="x") for number in range(folders)]
    with MemoryIndex(documents) as index, index.searcher() as searcher:
        text = refused(Service(searcher), "read", id="untitled.txt")
    ids = "; ".join(f"folder {number}/untitled.txt" for number in range(told))
    assert text == f"several documents have an id that ends in 'untitled.txt': {ids}{'; …' * (folders > told)}"


def test_ids_in_an_error_are_whole() -> None:
    ids = [f"{number}{'ы' * 150}/untitled.txt" for number in range(4)]
    with MemoryIndex([Document(id=doc_id, text="x") for doc_id in ids]) as index, index.searcher() as searcher:
        text = refused(Service(searcher), "read", id="untitled.txt")
    named = text.partition("': ")[2].split("; ")
    assert len(named) > 1 and named.pop() == "…" and set(named) <= set(ids)
    assert tokens_in(text) <= LEAST_BUDGET


def test_pages(service: Service) -> None:
    text = asked(service, "read", id="hostile/pages", page=2, budget=400)
    assert "3 pages" in text
    assert "[page 2]\n41> second page" in text
    assert "the document has 3 pages" in refused(service, "read", id="hostile/pages", page=4)
    assert "has no pages" in refused(service, "read", id="handbook/backups.md", page=1)
    assert re.search(
        r"^p2 80> …page\np3 81> third page", asked(service, "search", query="third", filters=""), re.MULTILINE
    )


PAGES = ["Смена масла\nв редукторе\n", "каждые 400 часов работы\nи раз в год.\n", "", "Масло\n"]


def test_each_part_of_a_passage_has_its_page() -> None:
    starts = [sum(map(len, PAGES[:number])) for number in range(len(PAGES))]
    document = Document(id="manual.pdf", text="".join(PAGES), pages=tuple(starts))
    with MemoryIndex([document]) as index, index.searcher() as searcher:
        service = Service(searcher, with_values=True)
        text = asked(service, "search", query="масло")
        assert text.split("\n")[-3:] == [
            "p1 1-2> Смена масла в редукторе",
            "p2 3-4> каждые 400 часов работы и раз в год.",
            "p4 5> Масло",
        ]
        (hit,) = service.call("search", {"query": "масло"}).values["hits"]  # type: ignore[index]
        assert [(one["page"], one["from"], one["to"]) for one in hit["passages"]] == [(1, 1, 2), (2, 3, 4), (4, 5, 5)]


@given(
    st.lists(
        st.lists(st.sampled_from(["oil", "gear", "часов", "\n", "\n\n", "…"]), max_size=12), min_size=1, max_size=6
    ),
    st.integers(20, 200),
)
@settings(max_examples=examples(60))
def test_what_is_quoted_of_a_page_stands_on_it(pages: list[list[str]], chars: int) -> None:
    texts = [" ".join([*page, f"p{number}\n"]) for number, page in enumerate(pages)]
    starts = tuple(sum(map(len, texts[:number])) for number in range(len(texts)))
    document = Document(id="a", text="".join(texts), pages=starts)
    with MemoryIndex([document]) as index, index.searcher() as searcher:
        lines = DocumentLines(searcher.get("a"))
        for snippet in searcher.search("p0 oil", snippet_chars=300).hits[0].snippets:
            quotes = Passage(snippet, document.text, lines).shown(chars)
            assert [quote.page for quote in quotes] == sorted({quote.page or 0 for quote in quotes})
            for number, quote in enumerate(quotes):
                text = quote.text.removeprefix("…") if not number else quote.text
                text = text.removesuffix("…") if number == len(quotes) - 1 else text
                assert quote.page is not None
                assert text.strip() in " ".join(texts[quote.page - 1].split())
                start, end = lines.span(quote.first, quote.last)
                assert text.strip() in " ".join(document.text[start:end].split())


def test_an_index_without_texts_says_where_the_file_is() -> None:
    with MemoryIndex(ANSWERS[:1], store_texts=False) as index, index.searcher() as searcher:
        service = Service(searcher)
        assert "Its file is /home/ann/handbook/backups.md" in refused(service, "read", id="handbook/backups.md")
        assert "1. handbook/backups.md" in asked(service, "search", query="copies")
        with pytest.raises(ToolError):
            service.text_of(address_of("handbook/backups.md"))


# --- the other tools


def test_similar_documents(service: Service) -> None:
    text = asked(service, "similar", id="hostile/fake.txt", budget=3_000)
    assert "1. " in text and "hostile/fake.txt |" not in text


def test_words_are_completed(service: Service) -> None:
    assert re.search(r"^passwords? \| 1$", asked(service, "suggest", text="passw"), re.MULTILINE)
    assert "no word" in asked(service, "suggest", text="zzqxv")


def test_facets_give_filters(service: Service) -> None:
    text = asked(service, "facets", query="backups")
    for found in re.findall(r"([0-9]+) ((?:lang|date):\S+)", text):
        count, narrowing = found
        assert asked(service, "search", query="backups", filters=narrowing).startswith(f"{count} document")
    assert "there is no facet 'colour'" in refused(service, "facets", names=["colour"])
    assert list(re.findall(r"^(\w+)>", asked(service, "facets"), re.MULTILINE)) == [
        "language",
        "type",
        "year",
        "folder",
    ]


def test_facets_tell_empty_values_and_years_in_their_order() -> None:
    years = [2021, 2019, 2021, 2023, 2019, 2021]
    documents = [
        Document(id=f"{number}", text="x", path=f"{number}", date=datetime.date(year, 1, 1))
        for number, year in enumerate(years)
    ]
    documents.append(Document(id="a", text="x", path="docs/a.md", fields={"tag": ""}))
    with MemoryIndex(documents, schema={"tag": Keyword()}) as index, index.searcher() as searcher:
        text = asked(Service(searcher), "facets")
        assert "\ntype> 6 no ending | 1 ext:md\n" in text
        assert '\nfolder> 6 no folder | 1 dir:"docs"\n' in text
        assert "\nyear> 2 date:2019 | 3 date:2021 | 1 date:2023 | 1 others" in text
        assert "\ntag> 1 empty" in text


def test_of_many_years_those_of_the_most_documents_are_told() -> None:
    documents = [
        Document(id=f"{year} {number}", text="x", date=datetime.date(year, 1, 1))
        for year in range(1900, 2000)
        for number in range(1 + (year in (1910, 1950, 1990)))
    ]
    with MemoryIndex(documents) as index, index.searcher() as searcher:
        text = asked(Service(searcher), "facets")
    found = [int(year) for year in re.findall("date:([0-9]+)", text)]
    assert found == sorted(found) and {1910, 1950, 1990} < set(found) and len(found) < 20
    assert re.search(r"year> .* \| [0-9]+ others", text)


# --- what documents say


def test_nothing_of_a_document_looks_like_our_own_words(service: Service) -> None:
    """Every line is quoted, or begins as naidi's do. FAKE tries the beginnings of both."""
    for tool, asked_for in (
        ("search", {"query": "backups instructions", "budget": 5_000}),
        ("read", {"id": "hostile/fake.txt", "budget": 5_000}),
    ):
        for line in service.call(tool, asked_for).text.split("\n")[1:]:
            own = re.match(r"[0-9]+\. |files: |note: |searched |perhaps meant|[0-9]+ more hits|\[page", line)
            assert QUOTED.match(line) or own, line
            if own:
                assert "fake/id.txt" not in line and "SYSTEM" not in line
    assert "\x1b" not in asked(service, "read", id="hostile/fake.txt")


def test_a_resource_is_the_text_made_safe(service: Service) -> None:
    assert service.text_of(address_of("handbook/backups.md")) == ANSWERS[0].text
    assert "\x1b" not in service.text_of(address_of("hostile/fake.txt"))
    with pytest.raises(ToolError, match="no document has the id"):
        service.text_of("naidi://documents/none%20such%20file")


def test_ids_are_completed(service: Service) -> None:
    assert service.ids_like("handbook/b") == ["handbook/backups.md"]
    assert service.ids_like("zz") == []


# --- arguments and errors


@pytest.mark.parametrize("value, read", [(3, 3), ("3", 3), (" 12 ", 12), (3.0, 3), (None, 7)])
def test_whole_numbers(value: object, read: int) -> None:
    assert Arguments("t", {"n": value}, ("n",)).whole("n", 7, 1, 20) == read


@pytest.mark.parametrize("value", ["three", 0, 21, True, 3.5, [], {}, "9" * 50, "٣", "", float("nan"), float("inf")])
def test_what_is_no_whole_number(value: object) -> None:
    with pytest.raises(ToolError, match="n must be a whole number from 1 to 20, not "):
        Arguments("t", {"n": value}, ("n",)).whole("n", 7, 1, 20)


def test_other_wrong_arguments(service: Service) -> None:
    assert "search has no argument 'q': it has query, limit" in refused(service, "search", q="x")
    assert "query must be a string" in refused(service, "search", query=["x"])
    assert "read needs id" in refused(service, "read")
    assert f"budget must be a whole number from {LEAST_BUDGET}" in refused(service, "search", query="x", budget=5)
    assert "there are search, read, similar, suggest, facets" in refused(service, "find")
    assert "names must be a list" in refused(service, "facets", names=3)


def test_a_damaged_index_is_told_and_ends_nothing(
    service: Service, searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*arguments: Any, **options: Any) -> None:
        raise IndexDamaged("/x/segment: checksum is wrong; `naidi index --rebuild` makes it anew")

    with monkeypatch.context() as patch:
        patch.setattr(type(searcher), "search", damaged)
        text = refused(service, "search", query="backups")
        assert "`naidi index --rebuild`" in text and "tell the user" in text
    assert asked(service, "search", query="backups")


def test_a_bug_is_told_and_logged(
    service: Service, searcher: Searcher, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*arguments: Any, **options: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(searcher), "search", broken)
    assert "a bug in naidi: ZeroDivisionError" in refused(service, "search", query="backups")
    assert "ZeroDivisionError" in caplog.text


# --- what is declared


def test_what_tools_take_is_what_is_declared() -> None:
    from naidi.search.agents.count_tools import FACETS_ARGUMENTS, SUGGEST_ARGUMENTS
    from naidi.search.agents.read_tool import READ_ARGUMENTS
    from naidi.search.agents.search_tool import SEARCH_ARGUMENTS, SIMILAR_ARGUMENTS

    taken = [SEARCH_ARGUMENTS, READ_ARGUMENTS, SIMILAR_ARGUMENTS, SUGGEST_ARGUMENTS, FACETS_ARGUMENTS]
    assert [tuple(tool.properties) for tool in TOOLS] == taken
    assert all(set(tool.required) <= set(tool.properties) for tool in TOOLS)
