"""What was chosen of how results are printed. A plain search knows it without click, see `plain_search`."""

from __future__ import annotations

from naidi.indexer.messages import message, sentence
from naidi.indexer.record import record
from naidi.indexer.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from click import UsageError

    from naidi.indexer.conditions import FacetRequest

    from ..show.line_format import Template

ALL_FIELDS = "*"
FACETS = ("folder", "type", "language", "year")
SNIPPETS = 3

OUTPUTS = {
    "as_json": "--json",
    "as_jsonl": "--jsonl",
    "as_paths": "-l",
    "as_count": "--count",
    "template": "--format",
    "quiet": "-q",
    "opened": "--open",
}


@record
class Printing:
    """The values of the options that `how_to_print` adds, with its defaults. Raises UsageError for some that exclude each other."""

    snippets: int | None = None
    no_snippets: bool = False
    line_numbers: bool = False
    show_score: bool = False
    explain: bool = False
    facet_names: str | None = None
    field_names: str | None = None
    show_duplicates: bool = False
    mark: str = "auto"
    color: str = "auto"
    links: str = "auto"
    no_pager: bool = False
    opened: int | None = None
    as_json: bool = False
    as_jsonl: bool = False
    as_paths: bool = False
    null: bool = False
    as_count: bool = False
    template: str | None = None
    quiet: bool = False
    verbose: bool = False

    def __post_init__(self) -> None:
        chosen = self.outputs
        if len(chosen) > 1:
            raise _wrong_call(
                message("{one} and {other} exclude each other: choose one", one=chosen[0], other=chosen[1])
            )
        if self.null and chosen and chosen[0] not in ("-l", "--format"):
            raise _wrong_call(message("-0 separates paths; {option} prints none", option=chosen[0]))
        if self.facet_names is not None and (self.null or (chosen and chosen[0] not in ("--json", "--count"))):
            raise _wrong_call(
                message("--facets has no place in the output of {option}", option=chosen[0] if chosen else "-0")
            )
        self.facets  # noqa: B018
        self.read_template()

    @property
    def outputs(self) -> list[str]:
        """The options given that say what is printed; at most one, once that was checked."""
        values = {name: getattr(self, name) for name in OUTPUTS}
        return [OUTPUTS[name] for name, value in values.items() if value is not None and value is not False]

    @property
    def output(self) -> str:
        """The option that says what is printed; "" for text."""
        return next(iter(self.outputs), "-l" if self.null else "")

    @property
    def facets(self) -> tuple[str | FacetRequest, ...]:
        """The facets that are wanted. Raises UsageError for what is none in any index."""
        if self.facet_names is None:
            return ()
        from naidi.indexer.errors import InvalidQuery

        from ..facets import read_facet

        try:
            return tuple(dict.fromkeys(map(read_facet, self.facet_names.split(","))))
        except InvalidQuery as error:
            raise _wrong_call(
                message("--facets={names}: {error}", names=self.facet_names, error=sentence(error))
            ) from error

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the application that are shown of each hit."""
        names = () if self.field_names is None else self.field_names.split(",")
        return tuple(filter(None, map(str.strip, names)))

    @property
    def named_fields(self) -> tuple[str, ...]:
        """The fields of the application that are named anywhere."""
        template = self.read_template()
        return (*self.fields, *(() if template is None else template.own_fields))

    def read_template(self) -> Template | None:
        """The template of --format. Raises UsageError if it cannot be read."""
        if self.template is None:
            return None
        from ..show.line_format import read_template

        try:
            return read_template(self.template)
        except ValueError as error:
            raise _wrong_call(message("--format: {error}", error=sentence(error))) from error

    def asks_for(self, limit: int, offset: int) -> dict[str, Any]:
        """The arguments of a search that say how much of its results is needed."""
        template = self.read_template()
        shows_texts = self.output in ("", "--json", "--jsonl", "--open") or (
            template is not None and template.by_snippet
        )
        snippets = SNIPPETS if self.snippets is None else self.snippets
        reads_texts = bool(shows_texts and snippets and not self.no_snippets)
        if self.output in ("--count", "-q"):
            limit = 0
        elif self.opened is not None:
            limit, offset = 1, self.opened - 1
        return {
            "limit": limit,
            "offset": offset,
            "snippets": snippets if reads_texts else 0,
            "explain": self.explain and self.output in ("", "--json", "--jsonl"),
            "duplicates": reads_texts and self.output in ("", "--json", "--jsonl"),
            "facets": self.facets,
        }


def _wrong_call(reason: str) -> UsageError:
    from click import UsageError

    return UsageError(reason)
