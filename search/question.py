"""The question that an application asks, with its arguments checked."""

from __future__ import annotations

from naidi.indexer.errors import InvalidQuery
from naidi.indexer.late import datetime
from naidi.indexer.record import record
from naidi.indexer.typed import TYPE_CHECKING

from .query.nodes import DateRange, LanguageIs

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .search_options import Mode, SearchOptions, Sort

MODES, SORTS = ("any", "all"), ("score", "date", "-date")


@record
class Question:
    """One question to an index. SearchOptions describes most fields.

    query: in the query language, or the name of a document if `like` is set.
    limit: the number of hits wanted.
    like: find documents like the one that `query` names, by its id or path.

    Raises InvalidQuery for a value of the wrong type or out of range.
    """

    query: str
    limit: int = 10
    offset: int = 0
    mode: Mode = "any"
    language: str | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    sort: Sort = "score"
    exact: bool = False
    recent: bool = False
    expand: bool = False
    timeout: float | None = None
    like: bool = False

    @classmethod
    def of(cls, query: str, limit: int, **options: Unpack[SearchOptions]) -> Question:
        """The question of a search. Raises InvalidQuery, and TypeError for an unknown option."""
        if options:
            unknown = options.keys() - (set(cls.__match_args__) - {"query", "limit", "like"})
            if unknown:
                raise TypeError(f"a search has no option {', '.join(sorted(unknown))}")
        return cls(query, limit, **options)

    def __post_init__(self) -> None:
        if not isinstance(self.query, str):
            raise InvalidQuery(f"the query must be a str, not {type(self.query).__name__}")
        for name, number in (("limit", self.limit), ("offset", self.offset)):
            if type(number) is not int or number < 0:
                raise InvalidQuery(f"{name} must be a whole number from 0, not {number!r}")
        for name, choice, choices in (("mode", self.mode, MODES), ("sort", self.sort, SORTS)):
            if choice not in choices:
                raise InvalidQuery(f"{name} must be one of {', '.join(choices)}, not {choice!r}")
        if self.language is not None and not isinstance(self.language, str):
            raise InvalidQuery(f"language must be a code such as 'en', not {self.language!r}")
        for name, day in (("since", self.since), ("until", self.until)):
            if day is not None and not isinstance(day, datetime.date):
                raise InvalidQuery(f"{name} must be a datetime.date, not {day!r}")
        switches: tuple[object, ...] = (self.exact, self.recent, self.expand)
        for each in switches:
            if each is not True and each is not False:
                raise InvalidQuery(f"exact, recent and expand must be True or False, not {each!r}")
        if self.timeout is not None and not _is_time(self.timeout):
            raise InvalidQuery(f"timeout must be a number of seconds above 0, not {self.timeout!r}")

    @property
    def filters(self) -> tuple[DateRange | LanguageIs, ...]:
        """The filters by language and by days."""
        filters: list[DateRange | LanguageIs] = []
        if self.language is not None:
            from .query.filters import read_language

            filters.append(read_language(self.language, _ignored) or LanguageIs(self.language.lower()))
        if self.since is not None or self.until is not None:
            filters.append(DateRange(self.since, self.until))
        return tuple(filters)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What may not be meant, though it has a meaning."""
        found: list[str] = []
        if self.language is not None:
            from .query.filters import read_language
            from .query.lexer import shortened

            if read_language(self.language, found.append) is None:
                found.append(f"unknown language {shortened(self.language)}: use a code of ISO 639-1 such as en or ru")
        if self.since is not None and self.until is not None and self.since.toordinal() > self.until.toordinal():
            found.append(f"since {self.since} is later than until {self.until}: no document is dated so")
        return tuple(found)


def _is_time(seconds: object) -> bool:
    # A NaN is not above 0.
    return isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and seconds > 0


def _ignored(message: str) -> None:
    """A warning that `warnings` has."""
