r"""The reader of LaTeX files. Commands and comments are taken out, so that words can be read; formulas stay without their commands.

Nothing is expanded: a macro that makes text (`\newcommand`) shows nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from .content import Content, Source
from .text import read_text
from .text_header import Value, with_header

_ESCAPED_OR_PERCENT = re.compile(r"\\(?:\\|%)|%[^\n]*\n?")
_BODY = re.compile(r"\\begin[ \t]*\{document\}")
_END = r"\end{document}"
_FIELD = re.compile(r"\\(title|author|date|keywords|subject)[ \t]*(?:\[[^\[\]{}\n]{0,300}\])?[ \t]*\{")
_PDF_FIELD = re.compile(r"\bpdf(title|author|keywords)[ \t]*=[ \t]*\{([^{}]{1,1000})\}")
_LONGEST_FIELD = 3000
_AND = re.compile(r"\\and\b|\\AND\b|,(?=\s)")
_NOTE = re.compile(r"\\(?:thanks|footnote|inst|orcidID|footnotemark|affil)\b(?:\{[^{}]{0,1000}\})?")

_HIDDEN = (
    "label|ref|eqref|pageref|autoref|cref|Cref|nameref|cite[a-z]*|bibliography|bibliographystyle|includegraphics|input|include|usepackage"
    "|RequirePackage|documentclass|hypersetup|graphicspath|href|textcolor|colorbox|vspace|hspace|setlength|addtolength|setcounter|addtocounter|pagestyle"
    "|thispagestyle|selectlanguage|foreignlanguage|fontsize|color|bibitem|index|hyphenation|newcommand|renewcommand|newtheorem|geometry"
)
_NEW_LINE = frozenset(
    ("part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph", "caption", "title", "item",
     "maketitle", "par")
)  # fmt: skip
_LETTERS = {
    "ss": "ß", "o": "ø", "O": "Ø", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "l": "ł", "L": "Ł", "aa": "å", "AA": "Å", "i": "ı",
    "ldots": "…", "dots": "…", "LaTeX": "LaTeX", "TeX": "TeX", "textbackslash": "\\", "textless": "<",
    "textgreater": ">", "textbar": "|", "textasciitilde": "~", "textasciicircum": "^", "textquotesingle": "'", "textquotedbl": '"',
    "textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“", "textquotedblright": "”", "textendash": "–",
    "textemdash": "—", "textunderscore": "_", "textellipsis": "…", "cdash": "—", "No": "№", "slash": "/",
}  # fmt: skip
_ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302",
    '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307", "u": "\u0306", "v": "\u030c",
    "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "b": "\u0331", "d": "\u0323",
}  # fmt: skip
_MARKUP = re.compile(
    r"\\(?P<block>begin|end)[ \t]*\{[^{}]{0,100}\}(?:\[[^\[\]]{0,300}\])?(?:\{[|lcrpmbXS*!>< \d.]{1,60}\})?"
    rf"|\\(?:{_HIDDEN})\*?(?![a-zA-Z])(?:[ \t]*\[[^\[\]]{{0,500}}\]){{0,3}}(?:[ \t]*\{{[^{{}}]{{0,2000}}\}})?"
    r"""|\\(?P<accent>['`^"~=.]|[uvHckrbd](?=[ \t]*\{))[ \t]*(?:\{[ \t]*\\?(?P<braced>[^\W\d_])[ \t]*\}|\\?(?P<letter>[^\W\d_]))"""
    r"|\\(?P<name>[a-zA-Z@]+)\*?[ \t]*(?P<options>\[[^\[\]{}\\]{0,500}\])?(?:\{\})?"
    r"|\\(?P<sign>[^a-zA-Z\s])"
    r"|\\(?=\s|$)"
    r"|(?P<dash>-{2,3})|(?P<quote>``|''|<<|>>|\"[`'=~-])"
    r"|(?P<blank>~|(?<=[^\s{}][\w}])\}[ \t]*\{(?=[\w\\]))|[{}]"  # also between two arguments: \parbox{3cm}{text}
)
_SIGNS = {"\\": "\n", "-": "", "/": "", ",": " ", ";": " ", ":": " ", "!": ""}
_QUOTES = {"``": "“", "''": "”", "<<": "«", ">>": "»", '"`': "„", "\"'": "“", '"=': "-", '"~': "-", '"-': ""}
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")


def read_latex(source: Source) -> Content:
    """Text, title, date and authors of a LaTeX file. Raises UndecodableBytes (a ValueError) for binary data."""
    content = read_text(source)
    text = _ESCAPED_OR_PERCENT.sub(lambda found: found[0] if found[0][0] == "\\" else "", content.text)
    fields: dict[str, str] = {}
    for found in _PDF_FIELD.finditer(text, 0, 100_000):
        fields.setdefault(found[1], found[2])
    for found in _FIELD.finditer(text, 0, 100_000):
        if found[1] not in fields:
            fields[found[1]] = _argument(text, found.end())
    body = _BODY.search(text)
    if body:
        end = text.rfind(_END, body.end())
        text = text[body.end() : end if end >= 0 else None]
    facts: dict[str, Value] = {
        "title": plain(_NOTE.sub("", fields.get("title", ""))),
        "author": tuple([plain(_NOTE.sub("", name)) for name in _AND.split(fields.get("author", ""))]),
        "date": plain(fields.get("date", "")),
        "keywords": tuple(plain(fields.get("keywords", "")).split(",")),
    }
    return with_header(replace(content, text=plain(text)), facts)


def plain(text: str) -> str:
    r"""The text without commands: `\emph{word}` is word, `\'e` is é."""
    return _BLANK_LINES.sub("\n\n", _MARKUP.sub(_shown, text)).strip()


def _shown(found: re.Match[str]) -> str:
    if name := found["name"]:
        if name in _LETTERS:
            return _LETTERS[name]
        options = (found["options"] or "")[1:-1] if name == "item" else ""
        return f"\n{options} " if name in _NEW_LINE else " " if not options and found[0][-1] in " \t" else ""
    if letter := found["braced"] or found["letter"]:
        return unicodedata.normalize("NFC", letter + _ACCENTS[found["accent"]])
    if sign := found["sign"]:
        return _SIGNS.get(sign, sign)
    if dash := found["dash"]:
        return "–" if len(dash) == 2 else "—"
    if quote := found["quote"]:
        return _QUOTES[quote]
    if found["block"]:
        return "\n"
    return " " if found["blank"] else ""


def _argument(text: str, start: int) -> str:
    """The text from `start` to the brace that closes what was opened before."""
    depth = 1
    for place in range(start, min(len(text), start + _LONGEST_FIELD)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            return text[start:place]
    return ""
