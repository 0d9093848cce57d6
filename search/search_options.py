"""The options of a search, for type checkers and for who looks them up. Loaded late: `question` checks them."""

from __future__ import annotations

import datetime
from typing import Literal, TypedDict

Mode = Literal["any", "all"]
Sort = Literal["score", "date", "-date"]


class SearchOptions(TypedDict, total=False):
    """The options that `Searcher.search` and `Searcher.search_ids` share. All are given by name.

    offset: number of best hits to leave out; 0 by default.
    mode: "any" (the default): documents with any of the words; "all": documents with all of them.
    language: an ISO 639-1 code; only documents in this language.
    since: a day; only documents of this day or later ones. Documents without a date are left out.
    until: a day; only documents of this day or earlier ones. Documents without a date are left out.
    sort: "score" (the default), "date" (oldest first) or "-date" (newest first); undated documents come last in both.
    exact: search for the typed words alone, without corrections of keyboard layout and spelling, other alphabets, synonyms and
      derived words.
    recent: newer documents score higher.
    expand: also search for the key terms of the best documents.
    timeout: seconds after which the answer is what was found so far. None (the default): no limit.
    """

    offset: int
    mode: Mode
    language: str | None
    since: datetime.date | None
    until: datetime.date | None
    sort: Sort
    exact: bool
    recent: bool
    expand: bool
    timeout: float | None
