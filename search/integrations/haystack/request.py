"""One question to one searcher: what narrows it, its pages, and the marks in what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from haystack.constants import DJANGO_CT

from naidi import Condition, FacetRequest, Hit, Results, Searcher, field

from .own_fields import OwnFields, naidi_name
from .plan import KnownIds, Plan, ids_of, plan

_PAGE = 10_000  # naidi gives so many hits at once
_SHORT = 300  # a text of so many characters is shown whole


def of_models(names: Sequence[str]) -> Condition:
    """The condition that an object is of one of these models."""
    return field(naidi_name(DJANGO_CT)).isin(names)


class Marking:
    """Marks the words found, for a web page. All other text is escaped."""

    def __init__(self, searcher: Searcher, question: Plan, tag: str) -> None:
        self._searcher = searcher
        self._question = question
        self._tag = tag

    def passages(self, hit: Hit, text: str | None) -> list[str]:
        """The passages of a hit; a short text as one."""
        if text is None or len(text) > _SHORT:
            return [snippet.html(self._tag) for snippet in hit.snippets]
        whole = self._searcher.highlight(text, self._question.query, exact=self._question.exact)
        return [whole.html(self._tag).strip()]


class Request:
    """One question to one searcher: what narrows it, and the search itself."""

    def __init__(self, own: OwnFields, searcher: Searcher, known: KnownIds) -> None:
        self._own = own
        self._known = known
        self._searcher = searcher
        self.where: Condition | None = None
        self._only: frozenset[str] | None = None
        self._is_empty = False

    def narrow(self, models: Sequence[str], queries: Iterable[str] | None) -> None:
        """Let only objects of these models pass that answer all of the queries. Raises Unanswerable."""
        if models:
            self._require(of_models(models))
        for query in queries or ():
            found = plan(str(query), self._own)
            if found is None:
                self._is_empty = True
                return
            if found.where is not None:
                self._require(found.where)
            self._keep_ids(found)

    def _require(self, condition: Condition) -> None:
        self.where = condition if self.where is None else self.where & condition

    def _keep_ids(self, question: Plan) -> None:
        for part in question.parts:
            self._keep(ids_of(part, self._searcher, self._known))
        if question.query != "*":
            self._keep(self._known.get(question.query, self._searcher))

    def _keep(self, ids: frozenset[str]) -> None:
        self._only = ids if self._only is None else self._only & ids

    def search(
        self,
        question: Plan | None,
        start: int,
        limit: int | None,
        *,
        sort: str | list[str] = "score",
        facets: Sequence[FacetRequest] = (),
        snippets: int = 0,
    ) -> Results:
        """A page of what a plan finds; None for a plan that finds nothing."""
        if question is None or self._is_empty:
            return Results("", 0, 0.0)
        only = self._only
        for part in question.parts:
            ids = ids_of(part, self._searcher, self._known)
            only = ids if only is None else only & ids
        where = self.where if question.where is None else self._with(question.where)
        options: dict[str, Any] = {"exact": question.exact, "sort": sort, "facets": facets}
        if where is not None:
            options["where"] = where
        if only is not None:
            options["only"] = only

        def page(offset: int, most: int, **others: Any) -> Results:
            return self._searcher.search(
                question.query, most, offset=offset, snippets=snippets, **{**options, **others}
            )

        return _all_pages(page, start, limit)

    def similar(self, doc_id: str, start: int, limit: int | None) -> Results:
        """A page of documents like one. Raises DocumentMissing."""
        if self._is_empty:
            return Results("", 0, 0.0)
        options: dict[str, Any] = {"where": self.where, "only": self._only, "snippets": 0}

        def page(offset: int, most: int, **others: Any) -> Results:
            return self._searcher.similar(doc_id, most, offset=offset, **options)

        return _all_pages(page, start, limit)

    def count(self, question: Plan | None, query: str) -> int:
        """How many of the documents that a plan finds also answer a query."""
        other = Request(self._own, self._searcher, self._known)
        other.where, other._only, other._is_empty = self.where, self._only, self._is_empty
        other.narrow((), [query])
        return other.search(question, 0, 1).total

    def _with(self, condition: Condition) -> Condition:
        return condition if self.where is None else self.where & condition


def _all_pages(page: Callable[..., Results], start: int, limit: int | None) -> Results:
    """The hits of a page that may be greater than naidi's pages."""
    first = page(start, _PAGE if limit is None else min(limit, _PAGE))
    hits = list(first.hits)
    while len(hits) < (first.total - start if limit is None else min(limit, first.total - start)):
        more = page(start + len(hits), _PAGE, facets=()).hits
        if not more:
            break
        hits += more
    hits = hits if limit is None else hits[:limit]
    return Results(
        first.query, first.total, first.took_ms, first.corrections, first.warnings, tuple(hits), facets=first.facets
    )
