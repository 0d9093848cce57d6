"""What a PDF file states about itself: title, author, subject, keywords, day. Much of it is what programs put there unasked."""

# ruff: noqa: SIM905 (word tables are easier to read and to change as text)

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import replace

from .content import Content
from .legacy_encodings import RUSSIAN_CODEPAGES, guess_codepage

_DATE = re.compile(r"(?:D:)?(\d{4})(?:-?(\d\d)(?:-?(\d\d))?)?")
_FIRST_YEAR = 1985  # before there was PDF, a day is the mistake of a clock
# What programs put into the title if nobody has given one.
_NO_TITLE = re.compile(
    r"""
    microsoft\ (?:office\ )?(?:word|excel|powerpoint|publisher|visio)\b.*
    | (?:powerpoint\ presentation|презентация\ (?:microsoft\ )?powerpoint|print|none|null|about:blank)
    | (?:untitled|без\ имени|без\ названия|scan|img_|img-|tmp|file:|https?:).* | \(?unspecified\)?
    | (?:document|документ|doc|slide|слайд|title|заголовок|презентация|presentation|книга|book|layout|page|стр)[\ _-]?\d*
    | .*\.(?:docx?|rtf|odt|pdf|pptx?|xlsx?|indd|qxd|qxp|tex|dvi|e?ps|pmd|p65|cdr|fm|wpd|pub|vsd|dwg)
    | .*\.(?:html?|aspx?|php|txt|jpe?g|tiff?|png)
    | [\W\d_]*
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_NO_NAME = frozenset(
    """
    user admin administrator owner anonymous unknown author none unspecified (unspecified) windows home hp acer asus lenovo pc
    пользователь админ администратор автор 1
    """.split()
)
# What pdfium hands over as it stands: ligatures, signs without a width, control characters, the private signs of a font.
# U+0002 and U+FFFE stay: they are its hyphens at line ends.
_ODD = re.compile("[\x00\x01\x03-\x08\x0b-\x1f\u200b\ufeff\ufb00-\ufb06\ue000-\uf8ff]")
_PLAIN = {
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st",
    "\uf0b7": "•", "\u200b": "", "\ufeff": "", "\x0b": "\n", "\x0c": "\n",
}  # fmt: skip


def cleaned(text: str) -> str:
    """The text in ordinary characters."""
    return _ODD.sub(lambda found: _PLAIN.get(found[0], " "), text)


def with_metadata(content: Content, fact: Callable[[str], str]) -> Content:
    """The content with what the file states.

    fact: gives the value of "Title", "Author", "Subject", "Keywords", "CreationDate" or "ModDate"; empty if there is none.
    """
    title, author, subject = (_repaired(fact(name)) for name in ("Title", "Author", "Subject"))
    tags = [tag for one in re.split("[;,]", _repaired(fact("Keywords"))) if (tag := one.strip()) and _is_name(tag)]
    meta: dict[str, str | int | float | bool | None] = {}
    if _is_name(author):
        meta["author"] = author
    if not _NO_TITLE.fullmatch(subject):
        meta["subject"] = subject
    if tags:
        meta["tags"] = ", ".join(tags)
    keywords = [str(meta[name]) for name in ("author", "subject") if name in meta] + tags
    return replace(
        content,
        title="" if _NO_TITLE.fullmatch(title) else title,
        date=pdf_date(fact("CreationDate")) or pdf_date(fact("ModDate")),
        meta=meta,
        keywords="\n".join(keywords),
    )


def _is_name(value: str) -> bool:
    return bool(value) and value.lower() not in _NO_NAME


def _repaired(value: str) -> str:
    """The value on one line. Old programs wrote Russian in cp1251, where PDF has another encoding."""
    value = " ".join(cleaned(value).split())
    if any("\xc0" <= letter <= "\xff" for letter in value):
        try:
            data = value.encode("latin-1")
            if (codepage := guess_codepage(data)) in RUSSIAN_CODEPAGES:
                return data.decode(str(codepage))
        except UnicodeError:
            pass
    return value


def pdf_date(value: str) -> datetime.date | None:
    """The day in `D:20250307120000+03'00'`, or None."""
    found = _DATE.match(value.strip())
    if found is None or not _FIRST_YEAR <= int(found[1]) <= datetime.date.today().year + 1:
        return None
    try:
        return datetime.date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None
