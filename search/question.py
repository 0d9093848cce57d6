"""The question that an application asks, with its arguments checked."""

from __future__ import annotations

from naidi.indexer.errors import InvalidQuery
from naidi.indexer.late import datetime
from naidi.indexer.messages import message
from naidi.indexer.record import record
from naidi.indexer.typed import TYPE_CHECKING

from .query.analysed import AmongIds, DateRange, FieldFilter, LanguageIs

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Unpack

    from .collection import Collection
    from .query.analysed import Filter
    from .search_options import Expand, Mode, Only, SearchOptions, Sort, Where

MODES = ("any", "all")
_MOST_SORT_KEYS = 20


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
    where: Where | None = None
    only: Only | None = None
    sort: Sort = "score"
    after: str | None = None
    collapse: str | None = None
    strict: bool = False
    exact: bool = False
    translate: bool = True
    recent: bool = False
    expand: Expand = False
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
            raise InvalidQuery(message("the query must be a str, not {kind}", kind=type(self.query).__name__))
        for name, number in (("limit", self.limit), ("offset", self.offset)):
            if type(number) is not int or number < 0:
                raise InvalidQuery(
                    message("{name} must be a whole number from 0, not {number}", name=name, number=repr(number))
                )
        if self.mode not in MODES:
            raise InvalidQuery(
                message("mode must be one of {modes}, not {mode}", modes=", ".join(MODES), mode=repr(self.mode))
            )
        if self.sort != "score":
            self._check_sort()
        for name, text in (("after", self.after), ("collapse", self.collapse)):
            if text is not None and not isinstance(text, str):
                raise InvalidQuery(message("{name} must be a str, not {text}", name=name, text=repr(text)))
        if self.after is not None and self.offset:
            raise InvalidQuery(message("after and offset exclude each other: a cursor says where the page begins"))
        if self.language is not None and not isinstance(self.language, str):
            raise InvalidQuery(
                message("language must be a code such as 'en', not {language}", language=repr(self.language))
            )
        for name, day in (("since", self.since), ("until", self.until)):
            if day is not None and not isinstance(day, datetime.date):
                raise InvalidQuery(message("{name} must be a datetime.date, not {day}", name=name, day=repr(day)))
        switches: tuple[object, ...] = (self.exact, self.translate, self.recent, self.strict)
        for each in switches:
            if each is not True and each is not False:
                raise InvalidQuery(
                    message("exact, translate, recent and strict must be True or False, not {each}", each=repr(each))
                )
        if self.expand is not True and self.expand is not False and self.expand != "auto":
            raise InvalidQuery(message("expand must be True, False or 'auto', not {expand}", expand=repr(self.expand)))
        if self.timeout is not None and not _is_time(self.timeout):
            raise InvalidQuery(
                message("timeout must be a number of seconds above 0, not {timeout}", timeout=repr(self.timeout))
            )
        if hasattr(self.only, "__next__"):  # it can be read but once, and a question may be read several times
            from .ranking.id_match import ids_of

            object.__setattr__(self, "only", ids_of(self.only))

    def _check_sort(self) -> None:
        keys = self.sort_keys
        if not keys or not all(isinstance(key, str) and key.lstrip("-") for key in keys) or len(keys) > _MOST_SORT_KEYS:
            raise InvalidQuery(
                message(
                    'sort must be "score", "date", "title" or a field, or a list of these, not {sort}',
                    sort=repr(self.sort),
                )
            )

    @property
    def sort_keys(self) -> tuple[str, ...]:
        """What to sort by, the first key first."""
        sort = self.sort
        if isinstance(sort, str):
            return (sort,)
        try:
            return tuple(sort)
        except TypeError:
            return ()

    @property
    def identity(self) -> str:
        """What pages that follow each other have in common: all that decides the order, filters aside."""
        switches = self.exact, self.translate, self.recent, self.expand
        return repr((self.query, self.sort_keys, self.mode, *switches, self.collapse))

    @property
    def is_about_dates(self) -> bool:
        """Whether it matters which documents have a date."""
        if self.since is not None or self.until is not None:
            return True
        return not self.is_by_score and any(key.removeprefix("-") == "date" for key in self.sort_keys)

    @property
    def is_by_score(self) -> bool:
        """Whether the best documents come first."""
        return self.sort == "score" or self.sort_keys == ("score",)

    def filters(self, collection: Collection, warn: Callable[[str], object]) -> tuple[Filter, ...]:
        """The filters by language, days, fields and ids.

        Parameters:
          collection: the index.
          warn: called with a warning for each field that the index lacks. No document passes then.

        Raises InvalidQuery for a condition that the kind of a field does not let, and for a string of more than filters.
        """
        filters: list[Filter] = []
        if self.language is not None:
            from .query.filters import read_language

            filters.append(read_language(self.language, _ignored) or LanguageIs(self.language.lower()))
        if self.since is not None or self.until is not None:
            filters.append(DateRange(self.since, self.until))
        filters += narrowing_filters(collection, warn, self.where, self.only)
        return tuple(filters)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What may not be meant, though it has a meaning."""
        found: list[str] = []
        if self.language is not None:
            from .query.filters import read_language
            from .query.lexer import shortened

            if read_language(self.language, found.append) is None:
                found.append(
                    message(
                        "unknown language {language}: use a code of ISO 639-1 such as en or ru",
                        language=shortened(self.language),
                    )
                )
        if self.since is not None and self.until is not None and self.since.toordinal() > self.until.toordinal():
            found.append(
                message(
                    "since {since} is later than until {until}: no document is dated so",
                    since=self.since,
                    until=self.until,
                )
            )
        return tuple(found)


def narrowing_filters(
    collection: Collection, warn: Callable[[str], object], where: Where | None = None, only: Only | None = None
) -> list[Filter]:
    """The filters by fields and ids. The parameters are those of `Question.filters`, and its fields; a function is no filter."""
    filters: list[Filter] = []
    if where is not None:
        filters.append(_field_filter(where, collection, warn))
    if only is not None and not callable(only):
        from .ranking.id_match import ids_of

        filters.append(AmongIds(ids_of(only)))
    return filters


def _field_filter(where: Where, collection: Collection, warn: Callable[[str], object]) -> Filter:
    if isinstance(where, str):
        from .query.filter_query import read_filter_query

        return read_filter_query(where, collection, warn)
    from naidi.indexer.conditions import check_condition, condition_of, names_in
    from naidi.indexer.fields import kind_of, unknown_field

    condition, schema = condition_of(where), collection.schema
    unknown = [name for name in names_in(condition) if kind_of(schema, name) is None]
    for name in unknown:
        warn(unknown_field(schema, name))
    if unknown:
        return AmongIds(frozenset())
    check_condition(condition, schema)
    return FieldFilter(condition)


def _is_time(seconds: object) -> bool:
    # A NaN is not above 0.
    return isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and seconds > 0


def _ignored(message: str) -> None:
    """A warning that `warnings` has."""
