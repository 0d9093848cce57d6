"""Is it a filter that is being typed, such as `lang:ru`, and no word of a document?"""

from __future__ import annotations

import re

from naidi.indexer.fields import Schema, Text, kind_of

from ..query.parser import DEFAULT_FIELDS, known_fields

# A name at the beginning of a piece, and behind its colon a value that goes on to the end: one without blanks, one in quotation
# marks or brackets that are still open. The value is only looked at, since it may be no filter and have one in it.
_LAST = re.compile(
    r"(?<![^\s(])[-+]*(\w{1,40}(?:\.\w{1,40}){0,5}):"
    r'(?=[=<>≤≥]*(?:[^\s()\[\]{}"«»“”„‟]*|"[^"]*|«[^«»]*|[“”„‟][^“”„‟"]*|\([^()]*|[\[{][^\[\]{}]*)\Z)'
)


def is_filter_being_typed(text: str, schema: Schema) -> bool:
    """Whether a text ends inside the value of a filter. The words behind `title:`, `body:` and a Text are words of documents.

    schema: of the fields of the application.
    """
    if ":" not in text:
        return False
    fields = known_fields(DEFAULT_FIELDS, schema)
    names = (fields.get(found[1].casefold()) for found in _LAST.finditer(text))
    return any(
        name is not None and name not in DEFAULT_FIELDS and not isinstance(kind_of(schema, name), Text)
        for name in names
    )
