"""Lines by a template, for other programs: `{path}:{line}:{text}`.

A template is text with the names of fields between braces. It is no program: there are no expressions, attributes or formats.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from naidi.indexer.messages import message
from naidi.indexer.record import record

from ..results import Hit, Results, Snippet
from .field_values import text_value

SHORTHANDS = {"grep": "{path}:{line}:{text}"}
"""Names that stand for a template."""

_OF_HIT = ("path", "id", "title", "date", "lang", "score", "rank")
_OF_SNIPPET = ("line", "page", "text")
FIELDS = (*_OF_HIT, *_OF_SNIPPET)
_OWN = "fields."  # stands before the name of a field of the application
_PIECE = re.compile(r"\{\{|\}\}|\{([a-z]*|fields\.[\w.]+)\}|[{}]|\\(.?)", re.DOTALL)
_ESCAPES = {"t": "\t", "n": "\n", "0": "\0", "\\": "\\"}


@record
class Template:
    """A template that was read: literal texts, and after each but the last the name of a field."""

    literals: tuple[str, ...]
    fields: tuple[str, ...]

    @property
    def by_snippet(self) -> bool:
        """Whether there is a line for each snippet, not for each hit."""
        return any(field in _OF_SNIPPET for field in self.fields)

    @property
    def own_fields(self) -> tuple[str, ...]:
        """The names of fields of the application."""
        return tuple(field.removeprefix(_OWN) for field in self.fields if field.startswith(_OWN))


def read_template(text: str) -> Template:
    """A template, or what its shorthand stands for. Raises ValueError, with a reason in one line, if it cannot be read."""
    text = SHORTHANDS.get(text, text)
    literals, fields, done = [""], [], 0
    for piece in _PIECE.finditer(text):
        literals[-1] += text[done : piece.start()]
        done = piece.end()
        if piece[0] in ("{{", "}}"):
            literals[-1] += piece[0][0]
        elif piece[0][0] == "\\":
            if piece[2] not in _ESCAPES:
                raise ValueError(message("{piece} is unknown: there are \\t, \\n, \\0 and \\\\", piece=piece[0]))
            literals[-1] += _ESCAPES[piece[2]]
        elif piece[1] in FIELDS or (piece[1] or "").startswith(_OWN):
            fields.append(piece[1])
            literals.append("")
        elif len(piece[0]) == 1:
            raise ValueError(
                message("a single {piece}: write {doubled} for the sign itself", piece=piece[0], doubled=piece[0] * 2)
            )
        else:
            raise ValueError(
                message(
                    "there is no field {piece}: use {fields}, fields.NAME", piece=piece[0], fields=", ".join(FIELDS)
                )
            )
    literals[-1] += text[done:]
    return Template(tuple(literals), tuple(fields))


def lines_of(
    results: Results,
    template: Template,
    *,
    path_of: Callable[[Hit], str],
    words: Callable[[str, Sequence[tuple[int, int]], Hit], str],
    safe: Callable[[str], str],
) -> Iterator[str]:
    """The lines of a page: one for each snippet, or for each hit if the template asks for nothing of a snippet.

    A hit without snippets has one line: its text is the title, unless the template has the title too.

    Parameters:
      results: the page.
      template: of a line.
      path_of: what is printed for the path of a hit.
      words: what is printed for a text and its marks.
      safe: makes any other text printable.
    """
    for hit in results.hits:
        whole = {
            "path": path_of(hit),
            "id": safe(hit.id),
            "title": words(hit.title, hit.title_marks, hit),
            "date": str(hit.date or ""),
            "lang": safe(hit.language or ""),
            "score": f"{hit.score:.4f}",
            "rank": str(hit.rank),
        }
        whole |= {f"{_OWN}{name}": text_value(hit.fields.get(name)) for name in template.own_fields}
        title = Snippet("") if "title" in template.fields else Snippet(hit.title, hit.title_marks)
        for snippet in (hit.snippets or (title,)) if template.by_snippet else (Snippet(""),):
            of_snippet = {
                "line": str(snippet.line or ""),
                "page": str(snippet.page or ""),
                "text": words(snippet.text, snippet.marks, hit),
            }
            values = {**whole, **of_snippet}
            line = [template.literals[0]]
            for field, literal in zip(template.fields, template.literals[1:], strict=True):
                line += values[field], literal
            yield "".join(line)
