"""The backend: what haystack asks of an index, and answers in its form."""

from __future__ import annotations

import datetime
import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from haystack.backends import BaseEngine, BaseSearchBackend, log_query
from haystack.constants import DJANGO_CT, DJANGO_ID, ID
from haystack.exceptions import SearchBackendError, SkipDocument, SpatialError
from haystack.models import SearchResult
from haystack.utils import get_identifier, get_model_ct
from haystack.utils.app_loading import haystack_get_model

from naidi import Condition, DocumentMissing, FacetRequest, Hit, NaidiError, Results, Searcher, quote

from .comparisons import Unanswerable
from .counting import column_of, date_facet, field_facet, step_counts, value_counts
from .own_fields import OwnFields, document_of, own_fields, values_of
from .places import Place, place_in_memory, place_on_disk
from .plan import Plan, plan
from .query_strings import RESERVED_CHARACTERS, RESERVED_WORDS, Leaf, Node, read
from .request import Marking, Request, of_models
from .search_query import NaidiSearchQuery

_NUMBERED = re.compile(r"(.*)\.(0|[1-9]\d{0,18})", re.DOTALL)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3,6})?")

_T = TypeVar("_T")


class NaidiSearchBackend(BaseSearchBackend):  # type: ignore[misc]
    """The search backend of haystack over an index of naidi.

    Settings: `PATH`, the folder of the index or its address in a cluster; `STORAGE`, "file" (the default) or "ram"; and those of
    every backend: `TIMEOUT` (seconds to wait for another writer, 10 by default), `INCLUDE_SPELLING`, `SILENTLY_FAIL`, `BATCH_SIZE`.
    """

    RESERVED_WORDS = RESERVED_WORDS
    RESERVED_CHARACTERS = RESERVED_CHARACTERS

    def __init__(self, connection_alias: str, **connection_options: Any) -> None:
        super().__init__(connection_alias, **connection_options)
        self.log = logging.getLogger("haystack")
        self.setup_complete = False
        self.content_field_name = ""
        self.own = OwnFields()
        storage, path = connection_options.get("STORAGE", "file"), connection_options.get("PATH", "")
        if storage not in ("file", "ram"):
            raise ImproperlyConfigured(
                f"STORAGE of the connection {connection_alias!r} is {storage!r}: 'file' or 'ram'"
            )
        if storage == "file" and not path:
            raise ImproperlyConfigured(f"the connection {connection_alias!r} needs a PATH: the folder of its index")
        self.place: Place = (
            place_in_memory(connection_alias, self.timeout) if storage == "ram" else place_on_disk(path, self.timeout)
        )

    def setup(self) -> None:
        """Read the fields of the indexes, and make an index if there is none. Raises OSError if it cannot be made."""
        from haystack import connections

        all_fields = connections[self.connection_alias].get_unified_index().all_searchfields()
        self.content_field_name, self.own = self.build_schema(all_fields)
        self.place.make(self.own.schema)
        self.setup_complete = True

    def build_schema(self, fields: Mapping[str, Any]) -> tuple[str, OwnFields]:
        """The name of the content field, and all fields by name. Raises SearchBackendError if there are none."""
        if not fields:
            raise SearchBackendError("no search index has a field: there is nothing to search")
        own = own_fields(fields.values(), (ID, DJANGO_CT, DJANGO_ID))
        return own.content, own

    # -- writing

    def update(self, index: Any, iterable: Iterable[Any], commit: bool = True) -> None:
        """Add objects, or put them in the place of what was known of them, in one commit.

        Parameters:
          index: the SearchIndex that prepares them.
          iterable: the objects.
          commit: ignored: each call is a commit.
        """
        self._ready()
        documents = []
        for obj in iterable:
            try:
                prepared = index.full_prepare(obj)
            except SkipDocument:
                self.log.debug("Indexing for object `%s` skipped", obj)
                continue
            try:
                documents.append(document_of(self.own, _doc_id(str(prepared[ID])), prepared))
            except (ValueError, NaidiError) as error:
                self._failed("one object is left out: %s", error)
        if documents:
            self._try("the update is lost", lambda: self.place.add(documents, self.own.schema))

    def remove(self, obj_or_string: Any, commit: bool = True) -> None:
        """Delete an object, or what has an identifier such as "blog.post.7"."""
        self._ready()
        doc_id = _doc_id(get_identifier(obj_or_string))
        self._try("nothing is removed", lambda: self.place.delete(doc_id, self.own.schema))

    def clear(self, models: Sequence[Any] | None = None, commit: bool = True) -> None:
        """Delete all objects, or those of some models. After the former, the index has the fields as they are now."""
        self._ready()
        if models is None:
            self._try("nothing is cleared", self.delete_index)
            return
        if not isinstance(models, (list, tuple)):
            raise TypeError(f"models must be a list, not {models!r}")
        condition = of_models(sorted(map(get_model_ct, models)))
        self._try("nothing is cleared", lambda: self.place.delete_where(condition, self.own.schema))

    def delete_index(self) -> None:
        """Begin with an empty index. Raises as naidi's Writer does."""
        self._ready()
        self.place.empty(self.own.schema)
        self.setup()

    def optimize(self) -> None:
        """Merge what many commits have left."""
        self._ready()
        self._try("nothing is merged", lambda: self.place.optimize(self.own.schema))

    # -- searching

    def _search(
        self,
        query_string: str,
        sort_by: Sequence[str] | None = None,
        start_offset: int = 0,
        end_offset: int | None = None,
        fields: str | Sequence[str] = "",
        highlight: bool | Mapping[str, Any] = False,
        facets: Mapping[str, Any] | Sequence[str] | None = None,
        date_facets: Mapping[str, Mapping[str, Any]] | None = None,
        query_facets: Sequence[tuple[str, str]] | None = None,
        narrow_queries: Iterable[str] | None = None,
        spelling_query: str | None = None,
        within: Any = None,
        dwithin: Any = None,
        distance_point: Any = None,
        models: Iterable[Any] | None = None,
        limit_to_registered_models: bool | None = None,
        result_class: Callable[..., Any] | None = None,
        boost: Mapping[str, float] | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """The objects that answer a query.

        Parameters:
          query_string: as NaidiSearchQuery builds it; `query_strings.read` says what it may hold.
          sort_by: names of fields, with "-" the other way round; directions may differ.
          start_offset, end_offset: the page.
          fields: names of the fields that results need; all by default.
          highlight: whether results get `highlighted`; its `tag` is the element around words found.
          facets, date_facets, query_facets, narrow_queries, spelling_query, models, limit_to_registered_models, result_class,
            boost: as haystack describes them.

        Returns a dictionary with "results", "hits", "facets" and "spelling_suggestion". Raises SpatialError for anything
        geographic, and what naidi raises if the connection does not fail silently.
        """
        if within or dwithin or distance_point:
            raise SpatialError("naidi has no geographic search")
        self._ready()
        query_string = str(query_string)
        # As in other backends: one letter is a stop word.
        if not query_string or (len(query_string) == 1 and query_string != "*"):
            return _nothing()

        def find() -> dict[str, Any]:
            searcher, known = self.place.opened()
            request = Request(self.own, searcher, known)
            request.narrow(self._models_wanted(models, limit_to_registered_models), narrow_queries)
            requests, names = self._facet_requests(facets, date_facets)
            question = plan(_without_boost(query_string, boost), self.own, dict(boost or {}))
            found = request.search(
                question,
                *_page(start_offset, end_offset),
                sort=self._sort(sort_by),
                facets=requests,
                snippets=3 if highlight else 0,
            )
            tag = str(highlight.get("tag", "em")) if isinstance(highlight, Mapping) else "em"
            mark = None if not highlight or question is None else Marking(searcher, question, tag)
            results = self._results(searcher, found, fields, result_class, mark)
            results["facets"] = self._counted(found, names, request, question, query_facets)
            if self.include_spelling:
                results["spelling_suggestion"] = self._suggestion(
                    searcher, spelling_query or query_string, request.where
                )
            return results

        return self._found(find)

    search = log_query(_search)

    def more_like_this(
        self,
        model_instance: Any,
        additional_query_string: str | None = None,
        start_offset: int = 0,
        end_offset: int | None = None,
        models: Iterable[Any] | None = None,
        limit_to_registered_models: bool | None = None,
        result_class: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Objects whose texts are like that of an object, without itself. Takes and returns what `search` does."""
        self._ready()

        def find() -> dict[str, Any]:
            searcher, known = self.place.opened()
            request = Request(self.own, searcher, known)
            narrowed = [additional_query_string] if additional_query_string and additional_query_string != "*" else []
            request.narrow(self._models_wanted(models, limit_to_registered_models), narrowed)
            try:
                found = request.similar(_doc_id(get_identifier(model_instance)), *_page(start_offset, end_offset))
            except DocumentMissing:
                return _nothing()
            return self._results(searcher, found, "", result_class, None)

        return self._found(find)

    def create_spelling_suggestion(self, query_string: str) -> str | None:
        """The query with misspelt words mended; None if naidi has nothing to mend."""
        self._ready()
        return self._suggestion(self.place.searcher(), query_string, None)

    # -- what these are made of

    def _ready(self) -> None:
        if not self.setup_complete:
            self.setup()

    def _failed(self, what: str, error: BaseException) -> None:
        """What went wrong: raised, or logged if the connection fails silently."""
        if not self.silently_fail:
            if isinstance(error, Unanswerable):
                raise SearchBackendError(str(error)) from error
            raise error
        self.log.error(what, error)

    def _try(self, otherwise: str, act: Callable[[], _T], instead: Callable[[], _T] | None = None) -> Any:
        try:
            return act()
        except (Unanswerable, NaidiError, OSError) as error:
            self._failed(f"{otherwise}: %s", error)
        return None if instead is None else instead()

    def _found(self, find: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = self._try("nothing is found", find, _nothing)
        return found

    def _models_wanted(self, models: Iterable[Any] | None, limited: bool | None) -> list[str]:
        """The models that results may be of, by name; empty for all."""
        if models:
            return sorted(map(get_model_ct, models))
        if limited is None:
            limited = getattr(settings, "HAYSTACK_LIMIT_TO_REGISTERED_MODELS", True)
        return list(self.build_models_list()) if limited else []

    def _sort(self, sort_by: Sequence[str] | None) -> str | list[str]:
        if not sort_by:
            return "score"
        keys = [sort_by] if isinstance(sort_by, str) else sort_by
        try:
            return ["-" * key.startswith("-") + column_of(self.own, key.removeprefix("-")) for key in keys]
        except Unanswerable as error:
            raise SearchBackendError(f"order_by: {error}") from error

    def _facet_requests(
        self, facets: Mapping[str, Any] | Sequence[str] | None, date_facets: Mapping[str, Mapping[str, Any]] | None
    ) -> tuple[list[FacetRequest], list[tuple[str, str, str]]]:
        """What naidi counts, and (kind, name, name in naidi) of each."""
        requests, names = [], []
        for name in facets or ():
            options = facets[name] if isinstance(facets, Mapping) else {}
            requests.append(field_facet(self.own, name, options if isinstance(options, Mapping) else {}))
            names.append(("fields", name, column_of(self.own, name)))
        for name, options in (date_facets or {}).items():
            requests.append(date_facet(self.own, name, options))
            names.append(("dates", name, column_of(self.own, name)))
        if len({column for _, _, column in names}) < len(names):
            raise Unanswerable("a field is counted once a search: by its values or by steps of time")
        return requests, names

    def _counted(
        self,
        found: Results,
        names: Sequence[tuple[str, str, str]],
        request: Request,
        question: Plan | None,
        query_facets: Sequence[tuple[str, str]] | None,
    ) -> dict[str, Any]:
        pairs = [pair for pair in query_facets or () if isinstance(pair, (tuple, list)) and len(pair) == 2]
        if not names and not pairs:
            return {}
        counted: dict[str, Any] = {"fields": {}, "dates": {}, "queries": {}}
        for kind, name, column in names:
            facet = found.facets.get(column)
            if facet is not None:
                counts = step_counts(facet, found.total) if kind == "dates" else value_counts(facet)
                counted[kind][name] = counts
        for name, query in pairs:
            text = f"{name}:{query}" if name in self.own else query
            counted["queries"][f"{name}_{query}"] = request.count(question, text)
        return counted

    def _results(
        self,
        searcher: Searcher,
        found: Results,
        fields: str | Sequence[str],
        result_class: Callable[..., Any] | None,
        mark: Marking | None,
    ) -> dict[str, Any]:
        from haystack import connections

        unified = connections[self.connection_alias].get_unified_index()
        indexed = unified.get_indexed_models()
        made, hits = [], found.total
        wanted = {fields} if isinstance(fields, str) and fields else set(fields)
        for hit in found:
            text = None
            if mark is not None or not wanted or self.content_field_name in wanted:
                text = _text_of(searcher, hit)
            values = dict(values_of(self.own, hit, text))
            app_label, model_name = str(values.pop(DJANGO_CT)).split(".")
            pk = values.pop(DJANGO_ID)
            model = haystack_get_model(app_label, model_name)
            if not model or model not in indexed:
                hits -= 1
                continue
            converters = unified.get_index(model).fields
            known = {each.index_fieldname: each for each in converters.values()}
            additional = {
                name: known[name].convert(value) if name in known and not known[name].is_multivalued else value
                for name, value in values.items()
                if (name in known or name == ID) and (not wanted or name in wanted or name == ID)
            }
            if mark is not None:
                additional["highlighted"] = {self.content_field_name: mark.passages(hit, text)}
            made.append((result_class or SearchResult)(app_label, model_name, pk, hit.score, **additional))
        return {"results": made, "hits": hits, "facets": {}, "spelling_suggestion": None}

    def _suggestion(self, searcher: Searcher, query_string: str, where: Condition | None) -> str | None:
        words = [
            each for leaf in _leaves(read(str(query_string))) if leaf.form != "pattern" for each in leaf.text.split()
        ]
        if not words:
            return None
        # All words in one question would be enough for known ones, but a word is only offered for what finds nothing by itself.
        mended: dict[str, str] = {}
        for word in dict.fromkeys(words[:20]):
            options: dict[str, Any] = {} if where is None else {"where": where}
            for each in searcher.search(quote(word), 1, snippets=0, **options).corrections:
                if each.kind in ("spelling", "layout"):
                    mended.setdefault(word, each.replacement)  # the surest
        return " ".join(mended.get(word, word) for word in words) if mended else None

    def _from_python(self, value: Any) -> Any:
        """A value as it is put into an index: days become moments, lists and truth become text."""
        if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            return datetime.datetime(value.year, value.month, value.day)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (list, tuple)):
            return ",".join(map(str, value))
        return value if isinstance(value, (int, float, datetime.datetime)) else str(value)

    def _to_python(self, value: Any) -> Any:
        """What a text of an index stands for."""
        if not isinstance(value, str):
            return value
        if value in ("true", "false"):
            return value == "true"
        if _MOMENT.fullmatch(value):
            return datetime.datetime.fromisoformat(value)
        try:
            found = json.loads(value)
        except ValueError:
            return value
        return found if isinstance(found, (list, dict, int, float)) else value


def _page(start: int | None, end: int | None) -> tuple[int, int | None]:
    """Where a page begins, and how many results it has at most. As elsewhere in haystack, an end of 0 means one result."""
    begin = max(0, start or 0)
    return begin, None if end is None else max(1, end - begin)


def _without_boost(query: str, boost: Mapping[str, float] | None) -> str:
    """The query string without the words to boost that `build_query` puts behind it."""
    if boost:
        query = query.removesuffix(" " + " ".join(f"{word}^{factor}" for word, factor in boost.items()))
    return query


def _doc_id(identifier: str) -> str:
    """The id of a document. naidi orders equal documents by id, so that those of a model stand by their numbers."""
    match = _NUMBERED.fullmatch(identifier)
    return identifier if match is None else f"{match[1]}:{int(match[2]):019}"


def _text_of(searcher: Searcher, hit: Hit) -> str | None:
    try:
        return searcher.get(hit.id).text
    except DocumentMissing:  # deleted since, by another process
        return None


def _leaves(node: Node) -> Iterable[Leaf]:
    if isinstance(node, Leaf):
        yield node
    for part in getattr(node, "parts", ()):
        yield from _leaves(part)


def _nothing() -> dict[str, Any]:
    return {"results": [], "hits": 0}


class NaidiEngine(BaseEngine):  # type: ignore[misc]
    """What `ENGINE` of a connection names."""

    backend = NaidiSearchBackend
    query = NaidiSearchQuery
