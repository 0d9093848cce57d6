"""Results as text for a terminal: lines without line ends.

Everything that comes from a document passes through `printable`. The words found are coloured, or between marks, or both. Marks of
Markdown and the like are not shown.
"""

from __future__ import annotations

import os

from naidi.indexer.file_facts import PART
from naidi.indexer.late import path_text
from naidi.indexer.messages import Message, message, plural, told
from naidi.indexer.printable import printable
from naidi.indexer.record import record, replace
from naidi.indexer.typed import TYPE_CHECKING

from ..results import Facet, Hit, Mark, Results, Snippet, marked_parts
from .field_values import chosen_fields, range_text, step_text, text_value
from .markup import is_marked_up, joined_marks, without_markup
from .terminal import MARK_END, MARK_START, display_width, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from naidi.indexer.conditions import FacetRequest
    from naidi.indexer.fields import Schema

    from ..explanation import Explanation, FormMatch, TermMatch

_RESET = "\x1b[0m"
_TITLE = "\x1b[1m"
_PATH = "\x1b[35m"
_FACTS = "\x1b[2m"
_FOUND = "\x1b[1;31m"

MIN_WIDTH = 20
QUOTES = ("«", "»")
"""What stands before and behind a word found, unless another mark is asked for."""


def summary_line(results: Results) -> Message:
    """How many documents were found and how long it took: «3 documents (0.8 ms)». Meant for stderr, once it is `told`."""
    found, which, took = _how_many(results), _which_are_shown(results), results.took_ms
    if which is None:
        return message("{found} ({took:.1f} ms)", found=found, took=took)
    return message("{found}, {which} ({took:.1f} ms)", found=found, which=which, took=took)


def _how_many(results: Results) -> Message:
    total = results.total
    if not total:
        return message("no documents") if results.total_is_exact else message("no documents so far")
    if results.total_is_exact:
        return plural("{count:,} document", "{count:,} documents", total)
    return plural("at least {count:,} document", "at least {count:,} documents", total)


def _which_are_shown(results: Results) -> Message | None:
    """Which of the documents found the page has; None if it has all."""
    if is_behind_all(results):
        if results.total_is_exact:
            return message("none behind the first {offset:,}", offset=results.offset)
        return message("none shown")
    if not results.hits or len(results.hits) >= results.total:
        return None
    first, last = results.hits[0].rank, results.hits[-1].rank
    if first < last:
        return message("{first:,}-{last:,} shown", first=first, last=last)
    return message("{rank:,} shown", rank=first)


def is_behind_all(results: Results) -> bool:
    """Whether documents were found and the page begins behind all of them."""
    return 0 < results.total <= results.offset


@record
class Look:
    """How hits look.

    colour: colour with escape sequences.
    marks: what stands before and behind each word found; None for nothing.
    width: cells of the terminal, MIN_WIDTH at least.
    show_score: show the score of each hit.
    explain: show how each score came about, if the hit has an explanation.
    line_numbers: show the line of each snippet, where it is known.
    links: make the paths links to the files.
    fold: leave out hits with nearly the same text as a better one of the page, and say how many.
    fields: of the application whose values a hit shows; "*" for all.
    cwd: paths below this folder are shown relative to it.
    """

    colour: bool = False
    marks: tuple[str, str] | None = QUOTES
    width: int = 80
    show_score: bool = False
    explain: bool = False
    line_numbers: bool = False
    links: bool = False
    fold: bool = False
    fields: Sequence[str] = ()
    cwd: str | Path | None = None


def render_text(results: Results, look: Look) -> Iterator[str]:
    """The hits, line by line: title, path and facts, snippets. An empty line is between hits. No hits give no lines."""
    look = replace(look, width=max(look.width, MIN_WIDTH))
    folded = {each for hit in results.hits for each in hit.duplicates} if look.fold else set()
    first = True
    for hit in results.hits:
        if hit.id in folded:
            continue
        if not first:
            yield ""
        first = False
        yield from _hit_lines(hit, look)
        if look.explain and hit.explanation is not None:
            yield from _explanation_lines(hit.explanation, look.width, _indent(hit))
        if look.fold and hit.duplicates:
            line = _indent(hit) + told(message("and {count} more like this", count=len(hit.duplicates)))
            yield f"{_FACTS}{line}{_RESET}" if look.colour else line


def facet_lines(
    results: Results, asked: Sequence[str | FacetRequest] = (), schema: Schema | None = None
) -> Iterator[str]:
    """The facets, a line each: «type: txt (12), md (3), others or none (4)».

    asked: for the facets, which says what the values of a histogram are steps of.
    schema: of the fields of the application, whose names are told in no other language.
    """
    steps = {one.name: one.step for one in asked if not isinstance(one, str)}
    for name, facet in results.facets.items():
        parts = [_facet_part(value, count) for value, count in _facet_parts(name, facet, steps.get(name))]
        own = bool(facet.missing) or name not in _OF_ANY_INDEX
        rest = (
            facet.other
            + sum(count for _, count in facet.values)
            - sum(count for _, count in _shown_of(facet, steps.get(name)))
        )
        if rest:
            others = (
                message("others ({count:,})", count=rest) if own else message("others or none ({count:,})", count=rest)
            )
            parts.append(told(others))
        if facet.missing:
            parts.append(told(message("none ({count:,})", count=facet.missing)))
        values = ", ".join(parts)
        if name in _OF_ANY_INDEX and not (schema and _is_own(name, schema)):
            yield told(_facet_of_any_index(name, values))
        else:
            yield f"{printable(name)}: {values}"


def _is_own(name: str, schema: Schema) -> bool:
    from naidi.indexer.fields import kind_of

    return kind_of(schema, name) is not None


def _facet_of_any_index(name: str, values: str) -> str:
    """The line of a facet that any index has. A sentence each: the names alone would be told wherever a reason has such a word."""
    match name:
        case "folder":
            return message("folder: {values}", values=values)
        case "type":
            return message("type: {values}", values=values)
        case "language":
            return message("language: {values}", values=values)
        case _:
            return message("year: {values}", values=values)


def _facet_part(value: str, count: int) -> str:
    part: str = told(message("{value} ({count:,})", value=value, count=count))
    return part


def _facet_parts(name: str, facet: Facet, step: str | float | None) -> Iterator[tuple[str, int]]:
    for value, count in _shown_of(facet, step):
        if isinstance(value, tuple):
            yield range_text(*value), count
        elif step is not None:
            yield step_text(value, step), count
        else:
            yield text_value(value) or _no_value(name), count


def _no_value(name: str) -> str:
    """What is said of documents without a value, of the facets that any index has."""
    if name == "folder":
        return "."
    no_value: str = told(message("no ending")) if name == "type" else "-"
    return no_value


def _shown_of(facet: Facet, step: str | float | None) -> Sequence[tuple[object, int]]:
    """The values that are shown: all ranges, the steps that have documents, and the most frequent single values."""
    if step is not None:
        return [each for each in facet.values if each[1]][:_FACET_STEPS]
    return facet.values if facet.values and isinstance(facet.values[0][0], tuple) else facet.values[:_FACET_VALUES]


_FACET_VALUES = 10
_FACET_STEPS = 60
_OF_ANY_INDEX = frozenset(("folder", "type", "language", "year"))


def _indent(hit: Hit) -> str:
    return " " * len(f"{hit.rank}. ")


def _hit_lines(hit: Hit, look: Look) -> Iterator[str]:
    indent = _indent(hit)
    where = hit.id if hit.path is None else f"{relative(hit.path, look.cwd)}{part_of(hit)}"
    title = "".join(" " if character.isspace() else character for character in hit.title)
    heading, marks = shown(title, hit.title_marks, hit.path)
    named = bool(heading.strip())
    heading = with_marks(heading, marks, look) if named else printable(where)
    lines = wrap(heading, look.width, first=f"{hit.rank}. ", rest=indent)
    for line in styled(lines, _TITLE if look.colour else ""):
        # The path may be the heading.
        yield _linked(line, hit.path) if look.links and not named and hit.path is not None else line

    facts = []
    if hit.date is not None:
        of_file = hit.date_source == "mtime"
        facts.append(told(message("{date} (file time)", date=str(hit.date))) if of_file else str(hit.date))
    facts += [hit.language] if hit.language else []
    facts += [f"{hit.score:.3f}"] if look.show_score else []
    yield from _fact_lines(hit, printable(where) if named else "", printable("  ".join(facts)), indent, look)

    if look.fields and hit.fields:
        values = "; ".join(
            f"{printable(name)}: {text_value(value)}" for name, value in chosen_fields(hit.fields, look.fields)
        )
        yield from styled(wrap(values, look.width, first=indent, rest=indent), _FACTS if look.colour else "")

    for snippet in hit.snippets:
        text, marks = shown(snippet.text, snippet.marks, hit.path)
        if text:
            begin = f"{indent}· {_place(snippet, look)}"
            yield from styled(wrap(with_marks(text, marks, look), look.width, first=begin, rest=f"{indent}  "), "")


def _linked(shown: str, path: str) -> str:
    from .links import linked

    return linked(shown, path)


def _place(snippet: Snippet, look: Look) -> str:
    """Where a snippet stands, to be shown before it."""
    if snippet.page is not None:
        page = told(message("p. {page}:", page=snippet.page))
        return f"{page} "
    return f"{snippet.line}: " if look.line_numbers and snippet.line is not None else ""


def shown(text: str, marks: Sequence[Mark], path: str | None) -> tuple[str, tuple[Mark, ...]]:
    """The text of a title or a snippet and its marks, as they are shown: without markup, and neighbouring marks as one.

    Parameters:
      text: one line.
      marks: of the words found in it.
      path: of the document.
    """
    if is_marked_up(path):
        text, marks = without_markup(text, marks)
    return text, joined_marks(text, marks)


def _fact_lines(hit: Hit, where: str, facts: str, indent: str, look: Look) -> Iterator[str]:
    """The path and the facts on one line, or on two if they do not fit. A path is never broken, so it can be copied."""
    fits = display_width(f"{indent}{where}  {facts}") <= look.width
    if look.colour:
        where = f"{_PATH}{where}{_RESET}" if where else ""
        facts = f"{_FACTS}{facts}{_RESET}" if facts else ""
    if look.links and where and hit.path is not None:
        where = _linked(where, hit.path)
    parts = [part for part in (where, facts) if part]
    if fits and parts:
        parts = ["  ".join(parts)]
    for part in parts:
        yield indent + part


def relative(path: str, cwd: str | Path | None) -> str:
    """The path relative to the folder `cwd`, if it lies below it."""
    if cwd is None:
        return path
    folder = os.fspath(cwd)
    if path_text(path) == path and path_text(folder) == folder and os.path.isabs(path) and os.path.isabs(folder):
        inside = os.path.join(folder, "")
        return path[len(inside) :] or "." if f"{path}{os.sep}".startswith(inside) else path
    from pathlib import PurePath

    if not PurePath(path).is_relative_to(cwd):
        return path
    return str(PurePath(path).relative_to(cwd))


def part_of(hit: Hit) -> str:
    """What stands behind the path of a hit that is a part of a file, as in its id: «//3», «//folder/letter.txt»; else ""."""
    file, mark, part = hit.id.partition(PART)
    named = hit.path is not None and file.rpartition("/")[2] == os.path.basename(hit.path)
    return f"{mark}{part}" if named else ""


def with_marks(text: str, marks: Sequence[Mark], look: Look) -> str:
    """The printable text with its marks, and around each the characters that `styled` turns into colour."""
    before, after = look.marks or ("", "")
    if look.colour:
        before, after = MARK_START + before, after + MARK_END
    return "".join(
        f"{before}{printable(part)}{after}" if marked else printable(part) for part, marked in marked_parts(text, marks)
    )


def styled(lines: Iterator[str], base: str) -> Iterator[str]:
    """The lines with escape sequences for their marks, and `base` around the rest. No style goes beyond its line."""
    inside = False
    for line in lines:
        start = base + (_FOUND if inside else "")
        if MARK_START in line:
            inside = line.rindex(MARK_START) > line.rfind(MARK_END)
        elif MARK_END in line:
            inside = False
        line = line.replace(MARK_START, _FOUND).replace(MARK_END, _RESET + base)
        yield f"{start}{line}{_RESET}" if start or "\x1b" in line else line


def _explanation_lines(explanation: Explanation, width: int, indent: str) -> Iterator[str]:
    for match in explanation.matches:
        yield from wrap(_match_line(match), width, first=indent, rest=f"{indent}    ")
    line = printable(told(_score_of(explanation)))
    yield from wrap(line, width, first=indent, rest=f"{indent}    ")


def _score_of(explanation: Explanation) -> Message:
    """The score, and how it is made of its parts."""
    from ..explanation import sum_of_scores

    formula = explanation.formula or sum_of_scores(explanation.matches)
    if not formula:
        return message("score {total:.4f}", total=explanation.total)
    return message("score {total:.4f} = {formula}", total=explanation.total, formula=formula)


def _match_line(match: TermMatch) -> str:
    """«met → met (key meet) ×1, meeting (key meet) ×2 | lemma body | 1.2340 = boost 1 × idf 1.1018 × tf 1.12 | …»."""
    tier = _tier_of(match.tier)
    line = message(
        "{word} → {forms} | {tier} {field} | {score:.4f} = boost {boost:g} × idf {idf:.5g} × tf {tf:.5g} | "
        "doc_freq {doc_freq}, length {length} of {average:.1f} on average",
        word=match.word,
        forms=", ".join(_form_of(form) for form in match.forms),
        tier=message("{bridge}, {tier}", bridge=match.bridge, tier=tier) if match.bridge else tier,
        field=_field_of(match),
        score=match.score,
        boost=match.boost,
        idf=match.idf,
        tf=match.tf,
        doc_freq=match.doc_freq,
        length=match.field_length,
        average=match.avg_field_length,
    )
    return printable(told(line))


def _form_of(form: FormMatch) -> str:
    """A form with the keys by which it was found, and how often it stands there."""
    if not form.keys or form.keys == (form.form,):
        return f"{form.form} ×{form.term_freq}"
    shown: str = told(
        plural(
            "{form} (key {keys}) ×{freq}",
            "{form} (keys {keys}) ×{freq}",
            len(form.keys),
            form=form.form,
            keys=", ".join(form.keys),
            freq=form.term_freq,
        )
    )
    return shown


def _field_of(match: TermMatch) -> str:
    if not match.keyword_freq:
        return match.field
    return message("{field}, {count} in names and keywords", field=match.field, count=match.keyword_freq)


def _tier_of(tier: str) -> str:
    """How a word was matched, as it is told."""
    match tier:
        case "lemma":
            return message("lemma")
        case "lemmas":
            return message("lemmas")
        case "stem":
            return message("stem")
        case "exact":
            return message("exact")
        case "prefix":
            return message("prefix")
        case "wildcard":
            return message("wildcard")
        case "fuzzy":
            return message("fuzzy")
        case "phrase":
            return message("phrase")
        case "nearness":
            return message("nearness")
        case _:
            return tier
