"""The query that a SearchQuerySet builds, as a string: filters become `field:(…)`, as in haystack's Whoosh backend."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from haystack.backends import BaseSearchQuery
from haystack.constants import FUZZY_WHOOSH_MAX_EDITS, FUZZY_WHOOSH_MIN_PREFIX
from haystack.inputs import Clean, Exact, PythonData, Raw

from .own_fields import in_utc
from .query_strings import cleaned, quoted

_OF_WORDS = {"content": "{}", "contains": "*{}*", "endswith": "*{}", "startswith": "{}*"}
_OF_ENDS = {"gt": "{{{} to}}", "gte": "[{} to]", "lt": "{{to {}}}", "lte": "[to {}]"}


class NaidiSearchQuery(BaseSearchQuery):  # type: ignore[misc]
    """Builds query strings. `query_strings.read` reads them."""

    def clean(self, query_fragment: str) -> str:
        """A user's text without signs that mean something."""
        return cleaned(query_fragment)

    def build_exact_query(self, query_string: str) -> str:
        """A phrase."""
        return quoted(query_string)

    def build_query_fragment(self, field: str, filter_type: str, value: Any) -> str:
        """The part of the query for one filter, such as `price:([3 to 5])`.

        Parameters:
          field: the name in an index; "content" for the content of documents.
          filter_type: one of haystack's: content, contains, exact, gt, gte, lt, lte, in, startswith, endswith, range, fuzzy.
          value: what is looked for, or an input type such as `haystack.inputs.Exact`.
        """
        from haystack import connections

        if not hasattr(value, "input_type_name"):
            if hasattr(value, "values_list"):
                value = list(value)
            value = Clean(value) if isinstance(value, str) and value != " " else PythonData(value)
        prepared = value.prepare(self)
        is_exact = value.input_type_name == "exact"
        if value.post_process is False or (is_exact and filter_type not in ("in", "range", *_OF_ENDS)):
            fragment = _plain(prepared)
        elif filter_type in _OF_WORDS or filter_type == "fuzzy":
            fragment = _all_words(filter_type, prepared)
        elif filter_type == "in":
            fragment = _joined(prepared)
        elif filter_type == "range":
            fragment = f"[{_plain(prepared[0])} to {_plain(prepared[1])}]"
        elif filter_type == "exact":
            fragment = Exact(_plain(prepared)).prepare(self)
        else:
            fragment = _OF_ENDS[filter_type].format(_plain(prepared))
        if fragment and not isinstance(value, Raw) and not (fragment.startswith("(") or fragment.endswith(")")):
            fragment = f"({fragment})"
        if field == "content":
            return fragment
        return f"{connections[self._using].get_unified_index().get_index_fieldname(field)}:{fragment}"


def _all_words(filter_type: str, prepared: Any) -> str:
    terms = []
    for word in prepared.split(" ") if isinstance(prepared, str) else [prepared]:
        text = _plain(word)
        if filter_type == "fuzzy":
            terms.append(f"{text}~{FUZZY_WHOOSH_MAX_EDITS}/{min(FUZZY_WHOOSH_MIN_PREFIX, len(text))}")
        else:
            terms.append(_OF_WORDS[filter_type].format(text))
    return terms[0] if len(terms) == 1 else f"({' AND '.join(terms)})"


def _joined(values: Iterable[Any]) -> str:
    return f"({' OR '.join(quoted(value) if isinstance(value, str) else _plain(value) for value in values)})"


def _plain(value: Any) -> str:
    """A value as a query string has it."""
    if isinstance(value, datetime.datetime):
        return (value if value.utcoffset() is None else in_utc(value)).strftime("%Y%m%d%H%M%S").rjust(14, "0")
    if isinstance(value, datetime.date):
        return value.strftime("%Y%m%d000000").rjust(14, "0")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return str(value)
