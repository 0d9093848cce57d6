"""A mail as Contents: its text, and its attachments as parts of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from email.utils import getaddresses

from ...messages import message, plural, sentence
from ..content import Content
from ..facts import Facts
from ..markup_text import markup_text
from ..nested import Inside
from .mime import Part, leaves, part_of

MAX_PEOPLE = 200
"""The most addresses of a mail that are kept."""

_EXTENSIONS = {
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/msword": ".doc",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "text/csv": ".csv",
    "text/markdown": ".md",
    "message/rfc822": ".eml",
    "application/epub+zip": ".epub",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
}
_MARKUP = frozenset(("text/html", "text/enriched"))
_SIGNATURES = frozenset(("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"))
_LOCKED = frozenset(("application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"))


def contents_of_mail(mail: Part, inside: Inside, part: str = "") -> Iterator[Content]:
    """The text of a mail, then its attachments. What is left out is counted in `inside`.

    part: the name of the mail's own part. Those of attachments begin with it, and go on with their numbers.
    """
    texts: list[str] = []
    names: list[str] = []
    damaged = 0
    attachments: list[tuple[int, str, Part]] = []
    for number, leaf in enumerate(leaves(mail), 1):
        name, kind = leaf.filename, leaf.content_type
        if kind in _LOCKED:
            inside.leave_out(message("encrypted"))
        elif (kind.startswith("text/") or kind == "message/delivery-status") and not name and not leaf.is_attachment:
            try:
                text, bad = leaf.text()
            except ValueError as error:
                inside.leave_out(sentence(error))
                continue
            damaged += bad
            if kind in _MARKUP:
                page = markup_text(text)
                text = page.text
                if not page.is_whole:
                    inside.leave_out(message("too many tags"))
            texts.append(text.strip("\n"))
        elif kind.startswith("image/") and not leaf.is_attachment:
            continue  # part of the layout
        elif kind not in _SIGNATURES and not kind.startswith("multipart/"):
            name = (name or _name_of(leaf)).replace("/", "_")
            names.append(name)
            attachments.append((number, name, leaf))
    facts = _facts(mail)
    for name in names:
        facts.add("attachments", name)
    warnings = (plural("{count} damaged character", "{count} damaged characters", damaged),) if damaged else ()
    text = "\n\n".join(text for text in texts if text and not text.isspace())
    searched = ("author", "to", "tags", "attachments")
    content = facts.content(text, warnings=warnings, part=inside.unique(part) if part else "", searched=searched)
    if not content.text and (content.title or attachments):
        content = replace(content, text=content.title or "\n".join(names))  # a mail of a subject alone is still a mail
    if content.text:
        inside.found()
        yield content
    for number, name, leaf in attachments:
        if not inside.wants(name, len(leaf.body) * 3 // 4):
            continue
        own = f"{max(2, number)} {name}"
        for content in inside.read(name, leaf.data(), f"{part}/{own}" if part else own):
            yield content if content.date else replace(content, date=facts.date)


def _name_of(leaf: Part) -> str:
    """A name for an attachment without one: its kind as an extension."""
    kind = leaf.content_type
    if kind == "message/rfc822":
        return f"{part_of(leaf.body).header('subject')[:80].strip() or 'message'}.eml"
    return "attachment" + _EXTENSIONS.get(kind, "." + re.sub("[^a-z0-9]", "", kind.rpartition("/")[2]))


def _facts(mail: Part) -> Facts:
    facts = Facts(title=mail.header("subject")[:1000], date=mail.date())
    for kind, headers in (("author", ("from",)), ("to", ("to", "cc"))):
        for name in headers:
            for person in _people(mail.header(name)):
                facts.add(kind, person)
    for tag in mail.header("keywords").split(","):
        facts.add("tags", tag)
    return facts


def _people(header: str) -> list[str]:
    """The people in a header, each with name and address as far as it has them."""
    if not header:
        return []
    try:
        found = getaddresses([header])
    except RecursionError:  # comments in comments
        return [header]
    return [f"{name} <{address}>" if name and address else name or address for name, address in found[:MAX_PEOPLE]]
