"""What is left of the PHP manual, in DocBook XML, as text?

The manual is full of entities that other files define, so it is not read as XML but reduced by rules: the end of an element that
is no part of a sentence is the end of a line, and an empty line ends a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from benchmarks.data.clones import Clone
from benchmarks.data.cuts import in_share
from benchmarks.data.documents import Text, one_line, tidy

# Elements within a sentence, or whose end is not the end of a line.
_INLINE = """
abbrev acronym anchor application author citerefentry citetitle classname code command computeroutput constant
database date email emphasis enumidentifier enumitem enumname envar errorcode errorlevel exceptionname filename
firstname firstterm footnoteref foreignphrase function glossterm guibutton guilabel guimenu guimenuitem hardware
initializer inlineequation inlinemediaobject interface interfacename keycap keycombo lineannotation link literal
manvolnum mathphrase medialabel methodname methodparam modifier ooclass ooexception oointerface option optional
othername package parameter personname phrase productname prompt property quote refentrytitle replaceable
returnvalue screen see seg segtitle sgmltag structfield structname subscript superscript surname symbol systemitem
tag titleabbrev token trademark type ulink uri userinput varargs varname void wordasword xref
"""
INLINE = frozenset(_INLINE.split())
# Files that only name the others of an extension.
LISTS = ("book", "setup")

_SYNOPSIS = re.compile(r"<(\w+synopsis)\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r"""</?([A-Za-z][\w.:-]*)(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_CHARACTERS = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))
_BREAK, _OPEN, _CLOSE = "\x04", "\x01", "\x02"


def manual(clone: Clone, share: float) -> Iterator[Text]:
    """The pages of the manual: the share of them that the SHA-1 of their paths takes."""
    for path in clone.paths("", ".xml"):
        key = path[: -len(".xml")]
        name = key.rsplit("/", 1)[-1]
        if in_share(key, share) and name not in LISTS:
            page = clone.text(path)
            title = title_of(page)
            yield Text(key, f"{name}.xml" if title is None else title, reduced(page))


def title_of(page: str) -> str | None:
    """The first name of a function or, if it has none, the first title; None where a page has neither."""
    page = re.sub("<!--.*?-->", "", page, flags=re.DOTALL)
    found = re.search(r"<refname>(.*?)</refname>", page, re.DOTALL) or re.search(
        r"<title>(.*?)</title>", page, re.DOTALL
    )
    if not found:
        return None
    title = _characters(re.sub(r"<[^<>]*>", "", found[1]))
    return one_line(re.sub(r"&#?[\w.:-]+;", "", title))


def reduced(page: str) -> str:
    """The text of a page. Code stays as it is, less PHP that is closed by `?>`; entities of one small word stay as that word."""
    page = re.sub(r"<\?.*?\?>", "", page, flags=re.DOTALL)
    page = re.sub(r"<!DOCTYPE[^>]*>", "", page)
    page = re.sub("<!--.*?-->", "", page, flags=re.DOTALL)
    code: list[str] = []

    def keep(found: re.Match[str]) -> str:
        code.append(found[1].strip("\n"))
        return f"{_BREAK}{_OPEN}{len(code) - 1}{_CLOSE}{_BREAK}"

    page = re.sub(r"<!\[CDATA\[(.*?)\]\]>", keep, page, flags=re.DOTALL)
    page = _TAG.sub(_tag, _SYNOPSIS.sub(_spaced, page))
    page = re.sub(r"&(#?[\w.:-]+);", _entity, _characters(page))
    blocks = filter(None, map(one_line, re.split(rf"{_BREAK}|\n\s*\n", page)))
    return tidy(re.sub(f"{_OPEN}(\\d+){_CLOSE}", lambda found: code[int(found[1])], "\n\n".join(blocks)))


def _spaced(found: re.Match[str]) -> str:
    """A synopsis: the end of any element is a space."""
    return f"{_BREAK}{re.sub('<[^<>]*>', '', re.sub('</[^<>]*>', ' ', found[0]))}{_BREAK}"


def _tag(found: re.Match[str]) -> str:
    return "" if found[1] in INLINE or not found[0].startswith("</") else "\n"


def _entity(found: re.Match[str]) -> str:
    if found[1].startswith("#"):
        return found[0]
    return found[1] if re.fullmatch("[a-z]+", found[1]) else ""


def _characters(text: str) -> str:
    for entity, character in _CHARACTERS:
        text = text.replace(entity, character)
    return text
