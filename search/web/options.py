"""What the API takes and what a search is then asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from naidi.indexer.errors import InvalidQuery
from naidi.indexer.messages import message

from ..budget import MAX_NAME, MAX_QUERY
from ..facets import read_facet
from ..query.filters import read_days
from .parameters import Parameter

MAX_LIMIT, MAX_OFFSET, MAX_SNIPPETS, MAX_FACETS, MAX_IDS, MAX_COMPLETIONS = 100, 10_000, 10, 10, 100, 50
TIMEOUT = 5.0
"""Seconds that a search may take, unless the server was started with others."""
MAX_TEXT = 200_000
"""Code points of a text that one answer has at most."""

_LIMIT = Parameter("limit", "Most hits of the page.", "whole", most=MAX_LIMIT, default=10)
_OFFSET = Parameter("offset", "Number of best hits to leave out.", "whole", most=MAX_OFFSET, default=0)
_LANGUAGE = Parameter("language", "An ISO 639-1 code: only documents in this language.", least=1, most=20, example="en")
_WHERE = Parameter("where", "Filters of the query language that documents must pass.", least=1, example="lang:ru")
_SNIPPETS = Parameter("snippets", "Most snippets of a hit.", "whole", most=MAX_SNIPPETS, default=3)
_EXPLAIN = Parameter("explain", "Give each hit its explanation.", "switch", default=False)
_DUPLICATES = Parameter(
    "duplicates", "Let each hit name those farther down whose texts are nearly the same.", "switch", default=False
)
_FACETS = Parameter(
    "facets",
    "Count all documents found by this: `folder`, `type`, `language`, `year`, a field, or a field and a step as in "
    "`created:month`. May be given several times.",
    "texts",
    least=1,
    most=200,
    many=MAX_FACETS,
    example=["language"],
)


def _timeout(most: float) -> Parameter:
    return Parameter(
        "timeout",
        "Seconds after which the answer is what was found so far; `partial` says so.",
        "seconds",
        most=most,
        default=most,
    )


def search_parameters(timeout: float = TIMEOUT) -> tuple[Parameter, ...]:
    """The parameters of a search. timeout: seconds that one may take at most."""
    date = "A date, as `2021-05-29`, `2021-05` or `last month`: only documents of this day or {} ones."
    return (
        Parameter(
            "query", "The query: docs/query-language.md.", most=MAX_QUERY, required=True, example="vaccination children"
        ),
        _LIMIT,
        _OFFSET,
        Parameter(
            "mode", "Documents with any of the words, or with all of them.", choices=("any", "all"), default="any"
        ),
        _LANGUAGE,
        Parameter("since", date.format("later"), least=1, most=100, example="2020-01"),
        Parameter("until", date.format("earlier"), least=1, most=100, example="2026"),
        _WHERE,
        Parameter(
            "only",
            "The id of a document that may be found; no others are. May be given several times.",
            "texts",
            least=1,
            most=MAX_NAME,
            many=MAX_IDS,
        ),
        Parameter(
            "sort",
            "`score`, `date`, `title` or a field, with `-` before it for the other way round. May be given several times.",
            "texts",
            least=1,
            most=200,
            many=5,
            example=["score"],
        ),
        Parameter(
            "after",
            "The `cursor` of the page before, of the same query and sort.",
            least=1,
            most=MAX_NAME + 100,
        ),
        Parameter(
            "collapse", "A field: of the documents with the same value, the best alone is a hit.", least=1, most=200
        ),
        Parameter("strict", "What would be a warning about the query is an error.", "switch", default=False),
        Parameter("translate", "Search for translations, too.", "switch", default=True),
        Parameter("exact", "Search for the typed words alone.", "switch", default=False),
        Parameter("recent", "Newer documents score higher.", "switch", default=False),
        Parameter(
            "expand",
            "Search for the key terms of the best documents, too.",
            choices=("true", "false", "auto"),
            default="false",
        ),
        _SNIPPETS,
        _EXPLAIN,
        _DUPLICATES,
        _FACETS,
        Parameter("count_all", "If false, `total` may be a lower bound.", "switch", default=True),
        _timeout(timeout),
    )


def suggest_parameters(timeout: float = TIMEOUT) -> tuple[Parameter, ...]:
    """The parameters of completions."""
    return (
        Parameter("text", "What is typed so far.", most=1_000, required=True, example="vacc"),
        Parameter("limit", "Most completions.", "whole", least=1, most=MAX_COMPLETIONS, default=8),
        _WHERE,
        _timeout(timeout),
    )


def similar_parameters(timeout: float = TIMEOUT) -> tuple[Parameter, ...]:
    """The parameters of a search for documents like another."""
    return (
        Parameter("document", "The id of a document.", least=1, most=MAX_NAME, required=True),
        _LIMIT,
        _OFFSET,
        _LANGUAGE,
        _WHERE,
        _SNIPPETS,
        _EXPLAIN,
        _DUPLICATES,
        _FACETS,
        _timeout(timeout),
    )


DOCUMENT_PARAMETERS = (
    Parameter("from", "The first line to give, as the lines of its file are numbered.", "whole", least=1, most=10**12),
    Parameter("to", "The last line to give; not before `from`.", "whole", least=1, most=10**12),
    Parameter(
        "start",
        "Where to begin in the text, in code points: the `next` of an answer that was cut. Not together with `from`.",
        "whole",
        most=10**12,
    ),
    Parameter("query", "Mark the words of this query.", least=1, most=MAX_QUERY),
    Parameter("exact", "Mark the words as typed alone.", "switch", default=False),
)
"""The parameters of one document."""
ID_PARAMETER = Parameter("id", "The id of the document.", least=1, most=MAX_NAME, required=True)
"""The id, where it does not stand in the path."""


def search_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options of `Searcher.search` or `similar` for the values of an address. Raises InvalidQuery."""
    options = dict(given)
    for name, last in (("since", False), ("until", True)):
        if name in options:
            try:
                days = read_days(options[name])
            except InvalidQuery as error:
                raise InvalidQuery(
                    message("{name} {text}: {error}", name=name, text=repr(options[name]), error=error)
                ) from error
            options[name] = days.until if last else days.since
    if "expand" in options:
        options["expand"] = {"true": True, "false": False}.get(options["expand"], options["expand"])
    if "only" in options:
        options["only"] = frozenset(options["only"])
    if "sort" in options:
        sort = options["sort"]
        options["sort"] = sort[0] if len(sort) == 1 else tuple(sort)
    if "facets" in options:
        options["facets"] = tuple(map(read_facet, options["facets"]))
    return options
