"""The page of results: what stands on it, made of the results of a search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from naidi.indexer.errors import InvalidQuery
from naidi.indexer.fields import Boolean, Keyword, Schema
from naidi.indexer.printable import printable

from ..facet_filters import filter_of, where_of
from ..open_index import Searcher
from ..query.filters import read_days
from ..results import Correction, Facet, Hit, Results, Snippet
from ..show.as_text import shown
from .marked_text import breakable, marked
from .page_query import MAX_OFFSET, PAGE, PageQuery, is_shown, replaced_word
from .rendering import document_path, rendered, url
from .texts import Texts

HTML = "text/html; charset=utf-8"

_FACETS = ("language", "year", "type", "folder")
_MOST_FACETS = 8
# The facet to which a filter belongs.
_FACET_OF = {"lang": "language", "date": "year", "ext": "type", "dir": "folder"}
# So many values of a facet are shown at once, and so many more unfold.
_SHOWN, _UNFOLDED = 6, 20
# So many words that were searched for beside a typed one are named.
_ALSO = 6
_SNIPPETS = 2


@dataclass(frozen=True)
class _Link:
    """A link of the page. hint: what a reader of the screen is told instead of the text."""

    text: str
    url: str
    hint: str = ""


@dataclass(frozen=True)
class _Value:
    """A value of a facet. url: "" if no filter keeps its documents. active: whether one does."""

    text: str
    count: str
    url: str
    active: bool


@dataclass(frozen=True)
class _FacetShown:
    """A facet with its values."""

    name: str
    values: Sequence[_Value]
    more: Sequence[_Value]


@dataclass(frozen=True)
class _SnippetShown:
    """A passage with its place."""

    html: Markup
    url: str
    place: str


@dataclass(frozen=True)
class HitShown:
    """A result as the page shows it. Nothing of it needs escaping but the strings."""

    rank: int
    title: Markup
    url: str
    where: Markup
    date: str
    day: str
    language: str
    language_name: str
    size: str
    snippets: Sequence[_SnippetShown]


@dataclass(frozen=True)
class _Notice:
    """What is said about the search. pieces: (text, whether it is a word of the query or of the index)."""

    pieces: Sequence[tuple[str, bool]]
    links: Sequence[_Link] = ()


def search_page(request: Request, searcher: Searcher, texts: Texts, timeout: float) -> Response:
    """The page for a request. Raises what a search raises, but for questions without a meaning: these are told on the page."""
    asked = PageQuery.of(request.query_params)
    root = str(request.scope.get("root_path", ""))
    if not asked.asks:
        return Response(rendered("home.html", request, texts, **_home(searcher, asked, texts, root)), media_type=HTML)
    facets = facet_names(searcher)
    try:
        results = searcher.search(
            asked.query or "*",
            PAGE,
            offset=asked.offset,
            snippets=_SNIPPETS,
            mode=asked.mode,
            exact=asked.exact,
            sort=asked.sort,
            facets=facets,
            where=where_of(asked.filters),
            since=_day(asked.since, last=False),
            until=_day(asked.until, last=True),
            timeout=timeout,
        )
    except InvalidQuery as error:
        page = rendered("search.html", request, texts, **_failed(asked, searcher, texts, root, error))
        return Response(page, 422, media_type=HTML)
    made = _Page(results, asked, searcher, texts, root)
    response = Response(rendered("search.html", request, texts, **made.values(facets)), media_type=HTML)
    if results.partial:
        response.headers["Cache-Control"] = "no-store"
    return response


def facet_names(searcher: Searcher) -> list[str]:
    """The facets of the page: those of files, and fields that name something."""
    named = [name for name, kind in searcher.schema.items() if isinstance(kind, (Keyword, Boolean))]
    return [*named[: _MOST_FACETS - len(_FACETS)], *(name for name in _FACETS if name not in named)]


def _day(text: str, *, last: bool) -> Any:
    """The first or the last day of what was typed; None for nothing. Raises InvalidQuery."""
    if not text:
        return None
    days = read_days(text)
    return days.until if last else days.since


def _shown_day(text: str, *, last: bool) -> str:
    """What was typed as a box for dates takes it: the first or the last day; "" for what is no date."""
    try:
        day = _day(text, last=last)
    except InvalidQuery:
        return ""
    return "" if day is None else str(day.isoformat())


def form_values(asked: PageQuery, texts: Texts, root: str) -> dict[str, Any]:
    """What every page with the search box needs."""
    return {
        "asked": asked,
        "left_out": texts.left_out(asked.left_out),
        "query": printable(asked.query),
        "since": _shown_day(asked.since, last=False),
        "until": _shown_day(asked.until, last=True),
        "home_url": url(f"{root}/", {"ui": asked.ui}),
        "help_url": url(f"{root}/help", {"ui": asked.ui}),
        "languages": [
            _Link("English", asked.but(ui="en", offset=asked.offset).url(f"{root}/"), "en"),
            _Link("Русский", asked.but(ui="ru", offset=asked.offset).url(f"{root}/"), "ru"),
        ],
    }


def _wrong_filters(asked: PageQuery, searcher: Searcher, texts: Texts, home: str) -> Iterator[_Notice]:
    """What is wrong with each filter that has no meaning by itself, and a link without it."""
    for one in asked.filters:
        try:
            searcher.search("*", 0, where=one, snippets=0)
        except InvalidQuery as error:
            before, behind = texts.wrong_filter(error)
            link = _Link(texts.remove_filter(printable(one)), asked.without_filter(one).url(home))
            yield _Notice([(before, False), (printable(one), True), (f"{printable(behind)}. ", False)], [link])


def _failed(asked: PageQuery, searcher: Searcher, texts: Texts, root: str, error: Exception) -> dict[str, Any]:
    home = f"{root}/"
    wrong = list(_wrong_filters(asked, searcher, texts, home))
    return {
        **form_values(asked, texts, root),
        "title": texts.results_for(printable(asked.query)),
        "summary": "",
        "took": "",
        "notices": wrong or [_Notice([(printable(texts.of(error)), False)])],
        "active": active_filters(asked, searcher.schema, texts, home),
        "clear_url": PageQuery(query=asked.query, ui=asked.ui).url(home) if asked.narrowed else "",
        "advice": "",
        "facets": [],
        "hits": [],
        "failed": True,
        "previous": "",
        "next": "",
        "shown": "",
    }


def _home(searcher: Searcher, asked: PageQuery, texts: Texts, root: str) -> dict[str, Any]:
    """What the start page shows: what there is to be searched."""
    results = searcher.search("*", 1, snippets=0, facets=["language", "year", "type", "folder"], timeout=1)
    page = _Page(results, asked, searcher, texts, root)
    return {
        **form_values(asked, texts, root),
        "count": texts.documents(searcher.doc_count),
        "facets": list(page.facets(_FACETS)),
    }


def filter_name(one: str, schema: Schema, texts: Texts) -> str:
    """A filter as a person reads it."""
    name, _, value = one.partition(":")
    facet = _FACET_OF.get(name)
    if facet is None or name in schema:
        return printable(one)
    value = value.strip('"«»“”')
    shown = texts.language_name(value) if facet == "language" else printable(value)
    return f"{texts[f'facet_{facet}']}: {shown}"


def active_filters(asked: PageQuery, schema: Schema, texts: Texts, home: str) -> list[_Link]:
    """Links that take away one filter each."""
    named = [(one, filter_name(one, schema, texts)) for one in asked.filters]
    return [_Link(name, asked.without_filter(one).url(home), texts.remove_filter(name)) for one, name in named]


class _Page:
    """One page of results."""

    def __init__(self, results: Results, asked: PageQuery, searcher: Searcher, texts: Texts, root: str) -> None:
        self._results = results
        self._asked = asked
        self._schema = searcher.schema
        self._texts = texts
        self._root = root
        self._home = f"{root}/"
        self._first = asked.but()

    def values(self, facets: Sequence[str]) -> dict[str, Any]:
        """For the template."""
        results, asked, texts = self._results, self._asked, self._texts
        first, last = results.offset + 1, results.offset + len(results.hits)
        back = max(asked.offset - PAGE, 0)
        on = asked.offset + PAGE
        active = active_filters(asked, self._schema, texts, self._home)
        return {
            **form_values(asked, texts, self._root),
            "title": texts.results_for(printable(asked.query) or ", ".join(one.text for one in active)),
            "summary": texts.found(results.total, results.total_is_exact) if results.total else texts["nothing_found"],
            "took": texts.took(results.took_ms),
            "notices": list(self._notices()),
            "active": active,
            "clear_url": PageQuery(query=asked.query, ui=asked.ui).url(self._home) if asked.narrowed else "",
            "advice": texts["fewer_conditions"]
            if asked.narrowed or len(asked.query.split()) > 1
            else texts["another_word"],
            "facets": list(self.facets(facets)),
            "hits": [hit_shown(hit, asked, texts, self._root) for hit in results.hits],
            "failed": False,
            "previous": asked.but(offset=back).url(self._home) if asked.offset else "",
            "next": asked.but(offset=on).url(self._home) if last < results.total and on <= MAX_OFFSET else "",
            "shown": texts.shown_from(first, last) if results.hits else "",
        }

    def facets(self, names: Sequence[str]) -> Iterator[_FacetShown]:
        """The facets that say something: those with two values, and those that a filter was taken from."""
        for name in names:
            facet = self._results.facets.get(name)
            if facet is None:
                continue
            values = list(self._values(name, facet))
            if len(values) > 1 or any(value.active for value in values):
                told = self._texts[f"facet_{name}"] if name in _FACETS and name not in self._schema else name
                yield _FacetShown(told, values[:_SHOWN], values[_SHOWN : _SHOWN + _UNFOLDED])

    def _values(self, name: str, facet: Facet) -> Iterator[_Value]:
        asked, first = self._asked, self._first
        in_order = facet.values
        if name == "year" and name not in self._schema:
            in_order = tuple(sorted(in_order, key=lambda one: str(one[0]), reverse=True))
        for value, count in in_order[: _SHOWN + _UNFOLDED]:
            if value == "" and name == "type" and name not in self._schema:
                yield _Value(self._texts["no_ending"], self._texts.number(count), "", False)
                continue
            one = filter_of(name, value, self._schema)
            if one is None or not is_shown(one):
                continue
            active = one in asked.filters
            text = self._texts.language_name(value) if name == "language" else breakable(str(value))
            address = asked.without_filter(one).url(self._home) if active else first.url_with_filter(self._home, one)
            yield _Value(text, self._texts.number(count), address, active)

    def _notices(self) -> Iterator[_Notice]:
        told = [one for one in self._results.corrections if one.told]
        for action in ("instead", "offered"):
            yield from self._corrected([one for one in told if one.action == action], action)
        also = list(dict.fromkeys(printable(one.replacement) for one in told if one.action == "as well"))
        if also:
            yield _Notice([(self._texts.also(also[:_ALSO], len(also[_ALSO:])), False)])
        for warning in self._results.warnings:
            yield _Notice([(printable(self._texts.of(warning)), False)])

    def _corrected(self, corrections: Sequence[Correction], action: str) -> Iterator[_Notice]:
        asked, texts = self._asked, self._texts
        if not corrections:
            return
        if action == "instead":
            pieces: list[tuple[str, bool]] = []
            for original, replacements in _grouped(corrections):
                told = texts.instead(printable(", ".join(replacements)), printable(original))
                pieces += [(text, bool(place % 2)) for place, text in enumerate(told) if text]
                pieces.append((" ", False))
            exactly = _Link(texts.exactly(printable(asked.query)), asked.but(exact=True).url(self._home))
            yield _Notice(pieces, [exactly])
            return
        links, words = [], []
        for one in corrections:
            query = replaced_word(asked.query, one.original, one.replacement)
            shown = printable(one.replacement)
            if query is None:
                words.append((shown, True))
            else:
                links.append(_Link(printable(query), asked.but(query=query).url(self._home)))
        yield _Notice([(f"{texts['did_you_mean']}: ", False), *words], links)


def _grouped(corrections: Sequence[Correction]) -> Iterator[tuple[str, list[str]]]:
    """(typed word, what was searched for in its place) in the order of the corrections."""
    found: dict[str, list[str]] = {}
    for one in corrections:
        found.setdefault(one.original, []).append(one.replacement)
    yield from found.items()


def hit_shown(hit: Hit, asked: PageQuery, texts: Texts, root: str) -> HitShown:
    """A result for the page."""
    path, named = document_path(hit.id, f"{root}/documents")
    title, marks = shown(hit.title, hit.title_marks, hit.path)
    return HitShown(
        rank=hit.rank,
        title=marked(title, marks) if title.strip() else Markup.escape(texts["untitled"]),
        url=asked.url(path, named),
        where=breakable(hit.id),
        date=texts.date(hit.date) if hit.date is not None and hit.date_source != "mtime" else "",
        day=hit.date.isoformat() if hit.date is not None else "",
        language=hit.language if hit.language not in (None, "und") else "",
        language_name=texts.language_name(hit.language),
        size="" if hit.size is None else texts.size(hit.size),
        snippets=[_snippet(one, hit, asked.url(path, {**named, "at": str(one.start)}), texts) for one in hit.snippets],
    )


def _snippet(snippet: Snippet, hit: Hit, address: str, texts: Texts) -> _SnippetShown:
    text, marks = shown(snippet.text, snippet.marks, hit.path)
    place = texts.line(snippet.line) if snippet.page is None else texts.page(snippet.page)
    return _SnippetShown(marked(text, marks), f"{address}#at", place)
