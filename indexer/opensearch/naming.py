"""How forms, ids and names of fields are written in the indices of a cluster. Writers and searches must agree."""

from __future__ import annotations

from ..digest import blake2b

BODY, KEYWORDS, END = "#body", "#keywords", "#end"
"""The tokens before the body, before names and keywords, and behind all regions; `marker` gives that of a Text of the application.
A document without a region has no token for it. The title stands first, behind nothing."""
_LONGEST_ID = 512  # bytes: that of the cluster
_LONGEST_FORM = 400  # bytes; longer runs of letters are encoded data
_DIGEST = 16  # bytes


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).hexdigest()


def token(form: str) -> str:
    """The token that stands for a form in a document.

    >>> token("кот")
    '=кот'
    """
    return f"={word_id(form)}"


def word_id(form: str) -> str:
    """The `_id` of a form in the words index: the form itself, or a digest of a very long one. No form has a % in it."""
    if len(form) > _LONGEST_FORM or (not form.isascii() and len(form.encode("utf-8", "surrogatepass")) > _LONGEST_FORM):
        return f"%{_digest(form)}"
    return form


def document_key(doc_id: str) -> str:
    """The `_id` of a document: its id, or a digest of one that is too long for the cluster. The field `id` has it in full.

    >>> document_key("notes/a.md")
    'notes/a.md'
    """
    # An id that looks like a digest gets one itself, so that two documents never share one.
    if doc_id.startswith("%%") or (len(doc_id) * 4 > _LONGEST_ID and len(doc_id.encode()) > _LONGEST_ID):
        return f"%%{_digest(doc_id)}"
    return doc_id


def marker(name: str) -> str:
    """The token before the text of a field of the application, which may be called "end".

    >>> marker("summary")
    '##summary'
    """
    return f"##{name}"


def field_path(name: str) -> str:
    """Where a field of the application stands in the documents index.

    A dot would make an object of what is before it, and `color` may be a field beside `color.name`.

    >>> field_path("custom.color")
    'fields.custom/color'
    """
    return f"fields.{field_key(name)}"


def field_key(name: str) -> str:
    """The name of a field in the object `fields` of a document."""
    return name.replace(".", "/")


def field_name(key: str) -> str:
    """The name that `field_key` was made of: no name has a slash."""
    return key.replace("/", ".")
