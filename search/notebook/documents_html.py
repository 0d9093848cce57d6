"""A stored document, the facts of a document, and the arithmetic of a score as HTML."""

from __future__ import annotations

from naidi.indexer.typed import TYPE_CHECKING

from .markup import escaped, escaped_lines, fit, several, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from .shown import ShownDocument, ShownExplanation, ShownFacts

DIM = "opacity:.75"
MOST_OF_TEXT = 3_000
"""So many characters of a text are shown."""
_FIELDS, _MATCHES, _FORMS = 12, 30, 6
_MONO = "font-family:monospace;font-size:.95em;overflow-wrap:anywhere"


def facts_html(one: ShownFacts, more: str = "") -> str:
    """Path or id, date and language on a line. more: what ends it, as text."""
    date = [f"{one.date} (file time)" if one.date_source == "mtime" else str(one.date)] if one.date is not None else []
    language = [one.language] if one.language and one.language != "und" else []
    facts = " · ".join(escaped(fact) for fact in [*date, *language, *filter(None, [more])])
    where = one.path or one.id
    # A title may have been made of the id.
    shown = f'<span style="{_MONO}">{escaped(where)}</span>' if where != one.title else ""
    return f'<div style="{DIM}">{" · ".join(filter(None, [shown, facts]))}</div>'


def values_html(*values: Mapping[str, Any]) -> Iterator[str]:
    """Fields and meta on a line, if there are any."""
    pairs = [pair for some in values for pair in some.items()]
    if pairs:
        shown = [f"{escaped(str(name), 60)}: {escaped(value_text(value))}" for name, value in pairs[:_FIELDS]]
        shown += [f"{len(pairs) - _FIELDS:,} more"] if len(pairs) > _FIELDS else []
        yield f'<div style="{DIM};font-size:.9em">{" · ".join(shown)}</div>'


def document_html(document: ShownDocument) -> str:
    """Title and facts of a document, and the beginning of its text."""
    title = escaped(document.title) if fit(document.title).strip() else escaped(document.path or document.id)
    pages = several(len(document.pages), "page", "pages") if document.pages else ""
    parts = [f"<div><b>{title}</b></div>", facts_html(document, pages), *values_html(document.fields, document.meta)]
    if document.text is None:
        parts.append(f'<div style="{DIM}">The index does not store texts.</div>')
    else:
        parts.append(
            '<div style="white-space:pre-wrap;overflow-wrap:anywhere;margin:.4em 0;max-height:24em;overflow:auto"'
            f' tabindex="0" role="region" aria-label="Text">{escaped_lines(document.text, MOST_OF_TEXT)}</div>'
        )
        left = len(document.text) - MOST_OF_TEXT
        if left > 0:
            parts.append(
                f'<div style="{DIM}">{several(left, "more character is", "more characters are")} not shown here</div>'
            )
    return "\n".join(['<div style="max-width:60em;line-height:1.45">', *parts, "</div>"])


def explanation_html(explanation: ShownExplanation, heading: str = "") -> str:
    """The parts of a score as a table, the greatest first.

    heading: behind which the table is folded away; "" to show it at once.
    """
    matches = sorted(explanation.matches, key=lambda match: -match.score)
    rows = [_row("th", ["word", "field", "matched by", "forms", "documents", "score"])]
    for match in matches[:_MATCHES]:
        forms = [str(form.form) for form in match.forms[:_FORMS]]
        forms += [f"{len(match.forms) - _FORMS} more"] if len(match.forms) > _FORMS else []
        word = f"{match.word} ({match.bridge})" if match.bridge else match.word
        rows.append(
            _row("td", [word, match.field, match.tier, ", ".join(forms), f"{match.doc_freq:,}", f"{match.score:.3f}"])
        )
    table = "\n".join(['<table style="border-collapse:collapse;font-size:.9em;margin:.3em 0">', *rows, "</table>"])
    left = len(matches) - _MATCHES
    if left > 0:
        table += f'\n<div style="{DIM}">{several(left, "more part is", "more parts are")} not shown here</div>'
    how = f"total {explanation.total:.3f}" + (f", {explanation.formula}" if explanation.formula else "")
    table += f'\n<div style="{DIM}">{escaped(how)}</div>'
    if not heading:
        return f"<div>\n{table}\n</div>"
    return f'<details><summary style="cursor:pointer;{DIM}">{escaped(heading)}</summary>\n{table}\n</details>'


def _row(cell: str, texts: list[str]) -> str:
    sides = ["left"] * 4 + ["right"] * 2
    scope = ' scope="col"' if cell == "th" else ""
    cells = [
        f'<{cell}{scope} style="text-align:{side};padding:.1em .8em .1em 0;background:none">{escaped(text, 120)}</{cell}>'
        for text, side in zip(texts, sides, strict=True)
    ]
    return f'<tr style="background:none">{"".join(cells)}</tr>'
