"""The reader of Excel workbooks: XLSX, XLSM, XLTX. A line a row, cells with a tab between, each sheet under its name.

Numbers and dates are written roughly as they are shown: dates as 2024-03-05, percentages as 25%.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from ...messages import message
from ..blocks import Blocks
from ..content import Content, Source
from ..safe_xml import Attributes, BadXml, attribute, elements, parse_xml
from .opc import Package
from .text_elements import TextElements

MAX_STRINGS = 1_000_000
"""The most different strings of a workbook."""

MAX_CELL = 32_767
"""The longest string of a cell, in code points: so Excel has it. A file may name one string in a million cells."""

_DATES, _TIMES, _PERCENTAGES = (
    frozenset((*range(14, 18), 22, *range(27, 37), *range(50, 59))),
    {18, 19, 20, 21, 45, 46, 47},
    {9, 10},
)
_QUOTED_IN_FORMAT = re.compile(r"\"[^\"]*\"?|\[[^\]]*\]?|[\\_*].?")
_EPOCHS = datetime.datetime(1899, 12, 30), datetime.datetime(1904, 1, 1)
_SKIPPED = frozenset(("f", "rPh", "phoneticPr", "rPr", "pPr", "extLst"))


def read_xlsx(source: Source) -> Content:
    """The cells of all sheets, and their comments. Raises ValueError: "encrypted", "damaged ZIP file"."""
    package = Package(source)
    main = package.main_part("xl/workbook.xml")
    workbook = elements(package.chunks(main), ("sheet", "workbookPr"), is_late=source.is_late)
    since_1904 = any(
        each.name == "workbookPr" and each.attributes.get("date1904") in ("1", "true") for each in workbook
    )
    targets = {each.id: each.target for each in package.relations(main)}
    warnings: list[str] = []
    strings: list[str] = []
    kinds: list[str] = []
    try:
        for part in package.related(main, "sharedStrings"):
            _add_strings(package, part, strings, source)
        for part in package.related(main, "styles"):
            kinds = _kinds_of_styles(package, part, source)
    except ValueError as error:
        warnings.append(message("not read to its end: {error}", error=error))
    blocks = Blocks()
    for sheet in workbook:
        target = targets.get(attribute(sheet.attributes, ":id"), "")
        if sheet.name != "sheet" or not package.has(target):
            continue
        blocks.block(sheet.attributes.get("name", ""))
        try:
            _Sheet(blocks, strings, kinds, since_1904).read(package, target, source)
            for comments in package.related(target, "comments"):
                for comment in elements(package.chunks(comments), ("text",), skip=_SKIPPED, is_late=source.is_late):
                    blocks.block(comment.text)
        except ValueError as error:
            blocks.end()
            warnings.append(message("{target} not read to its end: {error}", target=target, error=error))
    return package.facts().content(blocks.text(), warnings=tuple(warnings))


class _Sheet:
    """Reads one sheet row by row."""

    def __init__(self, blocks: Blocks, strings: Sequence[str], kinds: Sequence[str], since_1904: bool) -> None:
        self._blocks = blocks
        self._strings = strings
        self._kinds = kinds
        self._epoch = _EPOCHS[since_1904]
        self._row: list[str] = []
        self._type = self._style = ""
        self._value: list[str] = []
        self._values = TextElements(lambda data: self._value.append(data))

    def read(self, package: Package, part: str, source: Source) -> None:
        parse_xml(
            package.chunks(part),
            starts={"row": self._begin_row, "c": self._begin_cell, "v": self._values.begin, "t": self._values.begin},
            ends={"row": self._end_row, "c": self._end_cell, "v": self._values.end, "t": self._values.end},
            text=self._values.text,
            skip=_SKIPPED,
            is_late=source.is_late,
        )

    def _begin_row(self, _: Attributes) -> None:
        self._row = []

    def _end_row(self) -> None:
        self._blocks.row(self._row)

    def _begin_cell(self, attributes: Attributes) -> None:
        self._type, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._value = []

    def _end_cell(self) -> None:
        if self._value and (shown := self._shown("".join(self._value))):
            self._row.append(shown)

    def _shown(self, value: str) -> str:
        if self._type == "s":
            return _at(self._strings, value)
        if self._type == "n":
            return shown_number(value, _at(self._kinds, self._style), self._epoch)
        if self._type == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(value, "")
        return "" if self._type == "e" else value


def shown_number(value: str, kind: str, epoch: datetime.datetime = _EPOCHS[0]) -> str:
    """A number as a cell shows it roughly. `kind` is "date", "time", "percent" or empty."""
    try:
        number = float(value)
        if kind in ("date", "time"):
            moment = epoch + datetime.timedelta(seconds=round(number * 86400))
            clock = moment.strftime("%H:%M")
            if kind == "time":
                return clock
            return (
                f"{moment.date().isoformat()} {clock}" if number % 1 and clock != "00:00" else moment.date().isoformat()
            )
        if kind == "percent":
            return f"{number * 100:.6g}%"
        # Files have 0.1 as 0.10000000000000001.
        return f"{number:.15g}" if "." in value or "E" in value.upper() else value.strip()
    except (ValueError, OverflowError):
        return value.strip()


def _at(values: Sequence[str], index: str) -> str:
    if not index.isdecimal() or len(index) > 9:
        return ""
    place = int(index)
    return values[place] if place < len(values) else ""


def _add_strings(package: Package, part: str, strings: list[str], source: Source) -> None:
    """The strings that cells share, added to the list."""
    pieces: list[str] = []
    runs = TextElements(pieces.append)

    def end_string() -> None:
        strings.append("".join(pieces)[:MAX_CELL])
        pieces.clear()
        if len(strings) > MAX_STRINGS:
            raise BadXml(message("more than {most} strings", most=MAX_STRINGS))

    parse_xml(
        package.chunks(part),
        starts={"t": runs.begin},
        ends={"t": runs.end, "si": end_string},
        text=runs.text,
        skip=_SKIPPED,
        is_late=source.is_late,
    )


def _kinds_of_styles(package: Package, part: str, source: Source) -> list[str]:
    """What each style of cells shows: "date", "time", "percent" or nothing of these."""
    own: dict[str, str] = {}
    kinds: list[str] = []
    # Styles of cells stand in cellXfs. Those in cellStyleXfs look the same and are something else.
    for name, attributes, _ in elements(
        package.chunks(part), ("numFmt", "xf"), skip=("cellStyleXfs", "dxfs", "extLst"), is_late=source.is_late
    ):
        if name == "numFmt":
            own[attributes.get("numFmtId", "")] = kind_of_format(attributes.get("formatCode", ""))
        else:
            number = attributes.get("numFmtId", "")
            kinds.append(own[number] if number in own else _builtin_kind(number))
    return kinds


def kind_of_format(code: str) -> str:
    """What a number format shows: "date" for dd.mm.yyyy, "time" for hh:mm, "percent" for 0%, else nothing."""
    letters = _QUOTED_IN_FORMAT.sub("", code[:1000].partition(";")[0]).lower()
    if "general" in letters:
        return ""
    if "y" in letters or "d" in letters:
        return "date"
    if "h" in letters or "s" in letters:
        return "time"
    if "m" in letters:
        return "date"
    return "percent" if "%" in letters else ""


def _builtin_kind(number: str) -> str:
    if not number.isdecimal() or len(number) > 4:
        return ""
    value = int(number)
    return "date" if value in _DATES else "time" if value in _TIMES else "percent" if value in _PERCENTAGES else ""
