"""The options of a search, for type checkers and for who looks them up. Loaded late: `question` checks them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypedDict

from naidi.indexer.conditions import Condition, FieldName

Mode = Literal["any", "all"]
Expand: TypeAlias = bool | Literal["auto"]
Sort: TypeAlias = str | Sequence[str]
Where: TypeAlias = Condition | FieldName | Mapping[str, Any] | str
Only: TypeAlias = Iterable[str] | Callable[[str], bool]


class SearchOptions(TypedDict, total=False):
    """The options that `Searcher.search` and `Searcher.search_ids` share. All are given by name.

    offset: number of best hits to leave out; 0 by default.
    mode: "any" (the default): documents with any of the words; "all": documents with all of them.
    language: an ISO 639-1 code; only documents in this language.
    since: a day; only documents of this day or later ones. Documents without a date are left out.
    until: a day; only documents of this day or earlier ones. Documents without a date are left out.
    where: a condition on the fields of documents, such as `field("price") < 500`; a mapping of names to values; or a string in the
      query language that is made of filters alone: 'price:<500 -tags:old lang:ru'.
    only: the ids of the documents that may be found, or a function that says of an id whether it may. A frozenset
      or a list that is given again is the quickest: it is looked up once. A function is called for each document that is found.
    sort: "score" (the default, best first), "date" (oldest first), "title", or the name of a field; with "-" before it the other
      way round. Several are a list: each orders what those before it leave equal. Documents without a value come last, both ways.
    after: the `cursor` of the page before. The next page begins behind its last document, also if there are new ones since.
    collapse: the name of a field; of the documents with the same value, the best alone is a hit.
    strict: raise InvalidQuery for what would be a warning about the query, such as an unknown field.
    exact: search for the typed words alone, without corrections of keyboard layout and spelling, other alphabets, synonyms,
      translations and derived words.
    translate: also search for what words of the query mean in the other language of the index. True by default.
    recent: newer documents score higher.
    expand: also search for the key terms of the best documents; "auto": only where these promise something.
    timeout: seconds after which the answer is what was found so far. None (the default): no limit.
    """

    offset: int
    mode: Mode
    language: str | None
    since: datetime.date | None
    until: datetime.date | None
    where: Where | None
    only: Only | None
    sort: Sort
    after: str | None
    collapse: str | None
    strict: bool
    exact: bool
    translate: bool
    recent: bool
    expand: bool | Literal["auto"]
    timeout: float | None
