"""Reads what is inside of another file: members of archives, attachments of mails.

Each member of a known format is a part of the outer file. One that cannot be read is no reason to give up the others: the
reasons are counted, and told together in the end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec

from ..messages import Message, message, plural, sentence
from .builtin_formats import TEXT
from .content import Content, Source, too_large
from .encoding import check_start
from .registry import Format, extension, format_of, format_of_content, unsupported_format
from .unpacking import Budget, OutOfTime, budget_of, depth_of, member_of

MAX_DEPTH = 3
"""How deep archives and mails may stand in one another."""

MAX_PART = 300
"""The longest name of a part, in code points."""

_MAX_REASONS = 4
_SNIFFED = 1 << 16
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_OF_SYSTEMS = re.compile(r"(?:.*/)?(?:__MACOSX/.*|\.DS_Store|Thumbs\.db|desktop\.ini)", re.IGNORECASE | re.DOTALL)


class Inside:
    """The reading of one outer file.

    budget: what may still be unpacked.

    Raises ValueError if the outer file stands too deep in others.
    """

    def __init__(self, source: Source, budget: Budget | None = None) -> None:
        if depth_of(source) > MAX_DEPTH:
            raise ValueError(message("packed more than {most} deep", most=MAX_DEPTH))
        self.budget = budget or budget_of(source)
        self.max_member = source.options.max_member
        self._source = source
        self._reasons: Counter[str] = Counter()
        self._parts: set[str] = {""}
        self._numbers: Counter[str] = Counter()
        self._found = False

    def leave_out(self, reason: str, count: int = 1) -> None:
        """Count members that are not read."""
        self._reasons[reason] += count

    def wants(self, name: str, size: int = 0) -> bool:
        """Whether a member is worth unpacking. If not, the reason is counted, except for what systems leave in archives."""
        if _OF_SYSTEMS.fullmatch(name):
            return False
        reason = ""
        known = format_of(name)
        if known is None and extension(name):
            reason = unsupported_format(name)
        elif known is not None and (missing := missing_package(known)):
            reason = missing
        elif size > self.max_member:
            reason = too_large(self.max_member)
        if reason:
            self.leave_out(reason)
        return not reason

    def read(self, name: str, data: bytes, part: str | None = None) -> Iterator[Content]:
        """The contents of a member, each with a part of its own.

        name: its path in the outer file.
        part: what the part is called; None means by its path.

        If it cannot be read, the reason is counted. Raises OutOfTime.
        """
        if len(data) > self.max_member:  # what an archive says of sizes may be wrong
            self.leave_out(too_large(self.max_member))
            return
        path = clean_path(name)
        part = clean_path(part or path)
        try:
            for content in contents_of(member_of(self._source, path.rpartition("/")[2], data, self.budget)):
                self._found = self._found or not (not content.text or content.text.isspace())
                yield replace(content, part=self.unique(f"{part}/{content.part}" if content.part else part))
        except OutOfTime:
            raise
        except ValueError as error:
            self.leave_out(sentence(error))

    def found(self) -> None:
        """Say that something was read: the text of a mail itself."""
        self._found = True

    def unique(self, part: str) -> str:
        """A name of a part that none had before: this one, or with a number."""
        part = part if len(part) <= MAX_PART else f"{part[: MAX_PART // 2]}…{part[-MAX_PART // 2 :]}"
        result = part
        while result in self._parts:
            self._numbers[part] += 1
            result = f"{part} ({self._numbers[part] + 1})"
        self._parts.add(result)
        return result

    def warnings(self, what: str = "file") -> tuple[str, ...]:
        """What was left out, in at most one phrase: "3 files left out: encrypted (2), unsupported format .exe (1)"."""
        if not self._reasons:
            return ()
        count = self._reasons.total()
        reasons = self._reasons.most_common()
        shown = None
        for reason, number in reasons[:_MAX_REASONS]:
            one = message("{reason} ({number})", reason=reason, number=number)
            shown = one if shown is None else message("{reasons}, {more}", reasons=shown, more=one)
        if len(reasons) > _MAX_REASONS:
            left = sum(number for _, number in reasons[_MAX_REASONS:])
            shown = message("{reasons}, {more}", reasons=shown, more=message("other reasons ({number})", number=left))
        return (_LEFT_OUT[what](count, shown),)

    def rest(self, what: str = "file") -> Iterator[Content]:
        """The end of an outer file without text of its own: a Content that has but warnings.

        Raises ValueError if nothing was read at all.
        """
        warnings = self.warnings(what)
        if self._found:
            if warnings:
                yield Content("", warnings=warnings)
        elif len(self._reasons) == 1:
            raise ValueError(next(iter(self._reasons)))
        else:
            raise ValueError(warnings[0] if warnings else message("empty"))


_LEFT_OUT: dict[str, Callable[[int, object], Message]] = {
    "file": lambda count, shown: plural(
        "{count} file left out: {reasons}", "{count} files left out: {reasons}", count, reasons=shown
    ),
    "book": lambda count, shown: plural(
        "{count} book left out: {reasons}", "{count} books left out: {reasons}", count, reasons=shown
    ),
    "part": lambda count, shown: plural(
        "{count} part left out: {reasons}", "{count} parts left out: {reasons}", count, reasons=shown
    ),
}


def contents_of(source: Source) -> Iterator[Content]:
    """What the reader of its format finds in a source that is no file of a folder. Raises ValueError if it cannot be read."""
    known = format_of(source.name)
    if known is None and extension(source.name):
        raise ValueError(unsupported_format(source.name))
    found = known or format_of_content(source.data[:_SNIFFED]) or TEXT
    if missing := missing_package(found):
        raise ValueError(missing)
    if found.is_text:
        check_start(source.data)
    elif found.magic and not source.data.startswith(found.magic):
        raise ValueError(message("no {name} file", name=found.name))
    try:
        result = found.load()(source)
        yield from (result,) if isinstance(result, Content) else result
    except (ValueError, MemoryError):
        raise
    except Exception as error:
        # As for files: readers use foreign code, and one odd member must not end the others.
        raise ValueError(message("the reader failed: {name}", name=type(error).__name__)) from error


def missing_package(found: Format) -> str:
    """Why a format cannot be read here; empty if it can."""
    module = found.needed_module
    return message("needs the package {needs}", needs=found.needs) if module and find_spec(module) is None else ""


def clean_path(path: str) -> str:
    """A path inside a file, as one that leads nowhere else: no "..", no drive, no first slash, no control characters."""
    path = _NOT_IN_NAMES.sub("_", path.replace("\\", "/"))
    steps = [step for each in path.split("/") if (step := each.strip()) not in ("", ".", "..")]
    if steps and re.fullmatch("[A-Za-z]:", steps[0]):
        del steps[0]
    return "/".join(steps) or "_"
