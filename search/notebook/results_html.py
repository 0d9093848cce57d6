"""Results, hits, snippets and corrections as HTML: what was found, how it was read, facets, and the first hits."""

from __future__ import annotations

from naidi.indexer.printable import counted
from naidi.indexer.typed import TYPE_CHECKING

from .documents_html import DIM, explanation_html, facts_html, values_html
from .facet_plot import facet_html
from .markup import escaped, fit, marked, several

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .shown import ShownCorrection, ShownHit, ShownResults, ShownSnippet

MOST_HITS = 100
"""So many hits of a page are shown."""
MOST_CHARACTERS = 400_000
"""No further hit is shown when the HTML of those before it has so many characters."""
_SNIPPETS, _CORRECTIONS, _WORDS, _WARNINGS, _FACETS = 10, 12, 6, 10, 12
_TITLE, _PASSAGE, _QUERY = 300, 2_000, 120

_SAID = {
    "instead": "searched for {1}, not {0}",
    "offered": "did you mean {1} for {0}?",
    "as well": "also searched for {1} beside {0}",
}


def results_html(results: ShownResults) -> str:
    """A page of hits below what is said of all. Of a long page the first hits are shown, and the others counted."""
    parts = [f"<div>{_summary(results)}</div>", *_notices(results)]
    plots = [facet_html(facet, name) for name, facet in list(results.facets.items())[:_FACETS]]
    if plots:
        parts.append('<div style="display:flex;flex-wrap:wrap;gap:.5em 2em;margin:.5em 0">')
        parts += [*plots, "</div>"]
    parts += _more(len(results.facets) - len(plots), "more facet is", "more facets are")
    shown, size = [], 0
    for hit in results.hits[:MOST_HITS]:
        if size > MOST_CHARACTERS:
            break
        shown.append(hit_html(hit))
        size += len(shown[-1])
    parts += shown
    parts += _more(len(results.hits) - len(shown), "more hit of this page is", "more hits of this page are")
    return _whole(parts)


def hit_html(hit: ShownHit) -> str:
    """Rank and title, path and facts, snippets, and how the score came about if it is explained."""
    name = marked(hit.title, hit.title_marks, _TITLE) if fit(hit.title).strip() else escaped(hit.path or hit.id)
    parts = [f"<div><b>{hit.rank:,}. {name}</b></div>", facts_html(hit, f"score {hit.score:.3f}")]
    parts += [_passage(snippet) for snippet in hit.snippets[:_SNIPPETS]]
    parts += _more(len(hit.snippets) - _SNIPPETS, "more snippet is", "more snippets are")
    parts += values_html(hit.fields, hit.meta)
    if hit.duplicates:
        alike = several(len(hit.duplicates), "hit of this page is", "hits of this page are")
        parts.append(f'<div style="{DIM}">{alike} nearly the same</div>')
    if hit.explanation is not None:
        parts.append(explanation_html(hit.explanation, "Why it was found"))
    return _whole(parts, "margin:.6em 0;max-width:50em")


def snippet_html(snippet: ShownSnippet) -> str:
    """One passage, with its place."""
    return _whole([_passage(snippet)])


def correction_html(correction: ShownCorrection) -> str:
    """What was searched for or is offered, how it came about, and how sure it is."""
    said = _correction(correction.action, correction.original, [correction.replacement])
    why = ", ".join(filter(None, (correction.kind, correction.note)))
    sure = "" if correction.confidence >= 0.995 else f", {correction.confidence:.0%} sure"
    return _whole([f'<div>{said} <span style="{DIM}">({escaped(why)}{sure})</span></div>'])


def _whole(parts: Sequence[str], style: str = "max-width:60em") -> str:
    return "\n".join([f'<div style="{style};line-height:1.45">', *parts, "</div>"])


def _more(number: int, one: str, more: str) -> Iterator[str]:
    if number > 0:
        yield f'<div style="{DIM}">{several(number, one, more)} not shown here</div>'


def _summary(results: ShownResults) -> str:
    count: str = counted(results.total, "document")
    if not results.total_is_exact:
        count = f"at least {count}" if results.total else f"{count} so far"
    told = [f"<b>{count}</b> for <b>{escaped(results.query, _QUERY)}</b>"] if results.query else [f"<b>{count}</b>"]
    if 0 < results.total <= results.offset:
        told.append(f"none behind the first {results.offset:,}")
    elif results.hits and len(results.hits) < results.total:
        first, last = results.hits[0].rank, results.hits[-1].rank
        told.append(f"{first:,} to {last:,} on this page" if first < last else f"{first:,} on this page")
    return " · ".join([*told, f'<span style="{DIM}">{results.took_ms:.1f} ms</span>'])


def _notices(results: ShownResults) -> Iterator[str]:
    """What the reader has to know before the hits, a line each."""
    if results.partial:
        yield "<div>⚠ The time ran out: better documents may be missing.</div>"
    for warning in results.warnings[:_WARNINGS]:
        yield f"<div>⚠ {escaped(warning, 400)}</div>"
    yield from _more(len(results.warnings) - _WARNINGS, "more warning is", "more warnings are")
    alike: dict[tuple[str, str], list[str]] = {}
    for one in results.corrections:
        if one.told:
            alike.setdefault((one.action, one.original), []).append(one.replacement)
    for (action, original), words in list(alike.items())[:_CORRECTIONS]:
        yield f'<div style="{DIM}">{_correction(action, original, words)}</div>'
    yield from _more(len(alike) - _CORRECTIONS, "more corrected word is", "more corrected words are")


def _correction(action: str, original: str, words: Sequence[str]) -> str:
    """What is said of one typed part and of its replacements."""
    shown = ", ".join(f"<b>{escaped(word, 80)}</b>" for word in words[:_WORDS])
    if len(words) > _WORDS:
        shown += f" and {len(words) - _WORDS} more"
    return _SAID.get(action, "{1} for {0}").format(f"<b>{escaped(original, 80)}</b>", shown)


def _passage(snippet: ShownSnippet) -> str:
    place = f"p. {snippet.page}" if snippet.page is not None else f"line {snippet.line}"
    return (
        '<div style="margin:.15em 0 .15em 1.2em">'
        f"{marked(snippet.text, snippet.marks, _PASSAGE)} "
        f'<span style="{DIM};white-space:nowrap">{place}</span></div>'
    )
