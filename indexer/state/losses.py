"""Which of the damaged documents of an index does the one that was built anew not have?

Damage is found before anything is built. What it comes to is known at the end: a folder may have given documents again, and an
earlier state may have had them. Where ids cannot be read, the table of files says which files had documents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from ..messages import message, plural
from .roots import file_id
from .stored import Kept, Lost


class Losses(NamedTuple):
    """What has become of the damaged documents: (id, reason) of each. If ids cannot be read, how many documents of what.

    lost: they are gone.
    older: an earlier state had them. They may have been changed since, or even deleted.
    recovered: their folders have given them again. A file whose documents have changed stands for them.
    """

    lost: list[tuple[str, str]]
    older: list[tuple[str, str]]
    recovered: list[tuple[str, str]]


class Had(Enum):
    """How many documents the damaged index had of a file of a folder."""

    SAME = "as many as the file gives now"
    SOME = "one or more"
    MAYBE = "none or more"


def settle(
    damaged: Iterable[Lost],
    present: Collection[str],
    *,
    again: Collection[str] = (),
    listed: Mapping[str, Had] | None,
    sound: Collection[str] = (),
) -> Losses:
    """What has become of damaged documents.

    Parameters:
      damaged: what could not be taken as it was.
      present: the ids that the new index has.
      again: the ids of documents that folders have given.
      listed: the id of each file that the damaged index had from folders; None if these are not known.
      sound: the ids of documents that could be taken, from the live state or the one before.
    """
    entries = list(dict.fromkeys(damaged))
    found = Losses([], [], [])
    # Of what is taken because ids are unknown it is not known either whether it is damaged. It is counted with what has no name.
    unsure = {each.name for each in entries if each.kept is Kept.UNSURE}
    named = [each for each in entries if each.number is None and each.kept is not Kept.UNSURE]
    for each in named:
        if each.name in again and (each.synced or file_id(each.name) in (listed or ())):
            found.recovered.append((each.name, each.reason))
        elif each.kept is not None and each.name in present:
            found.older.append(_as_before(each))
        else:
            found.lost.append((each.name, each.reason))
    found.older.extend(
        _as_before(each)
        for each in entries
        if each.kept is Kept.UNSURE and each.name in present and each.name not in again
    )
    nameless = [each for each in entries if each.number is not None]
    if nameless:
        accounted = (set(sound) - unsure) | {each.name for each in named}
        kept = (unsure & set(present)) - set(again) - accounted
        _settle_nameless(nameless, found, _ByFile(set(again) - accounted, kept, set(map(file_id, accounted))), listed)
    return found


def _as_before(each: Lost) -> tuple[str, str]:
    kept = each.kept.value if each.kept is not None else ""
    return each.name, message("{reason}; taken from the state before, {kept}", reason=each.reason, kept=kept)


class _ByFile:
    """The documents of the new index that may be those whose ids could not be read."""

    def __init__(self, again: Collection[str], kept: Collection[str], accounted: Collection[str]) -> None:
        """Parameters:
        again: those that folders have given.
        kept: those of the state before.
        accounted: files that have documents whose ids could be read.
        """
        self.again, self.kept, self.accounted = _grouped(again), _grouped(kept), accounted

    def count(self) -> int:
        return sum(len(docs) for by_file in (self.again, self.kept) for docs in by_file.values())


def _grouped(doc_ids: Iterable[str]) -> Mapping[str, list[str]]:
    by_file = defaultdict(list)
    for doc_id in sorted(doc_ids):
        by_file[file_id(doc_id)].append(doc_id)
    return by_file


def _settle_nameless(nameless: Sequence[Lost], found: Losses, there: _ByFile, listed: Mapping[str, Had] | None) -> None:
    """Find out which documents are meant that have no readable ids."""
    total, reason = sum(each.number or 0 for each in nameless), nameless[0].reason
    maybe = there.count()  # documents that are there now and may be some of these
    again: list[str] = []
    if listed is not None:
        again, gone, kept, maybe = _by_table(there, listed)
        if len(again) + kept > total:  # a file gives more documents than it did
            listed = {name: Had.SOME if had is Had.SAME else had for name, had in listed.items()}
            again, gone, kept, maybe = _by_table(there, listed)
        total = max(0, total - len(again) - kept)
        if len(gone) <= total:
            found.lost.extend((name, reason) for name in gone)
            total -= len(gone)
    found.recovered.extend((name, reason) for name in again)
    if total:
        found.lost.append(_rest(nameless, total, maybe))
    for each in nameless:
        if not each.number:  # it is not known how many
            name = message("{name}, but for those of the folder", name=each.name) if there.again else each.name
            found.lost.append((name, each.reason))


def _by_table(there: _ByFile, listed: Mapping[str, Had]) -> tuple[list[str], list[str], int, int]:
    """What the table of files tells of documents without readable ids.

    Returns those that folders have given again; the files that are gone; how many at least are there as the state before had
    them; how many more may be there.
    """
    again, gone, kept, maybe = [], [], 0, 0
    for name, had in listed.items():
        docs = there.again.get(name, [])
        before = len(there.kept.get(name, ()))
        if had is Had.SAME:
            again += docs
            maybe += before
        elif had is Had.MAYBE or name in there.accounted:
            maybe += len(docs) + before
        elif docs:
            # At least one of them was there. The file may have had other parts.
            again.append(docs[0] if len(docs) == 1 else name)
            maybe += len(docs) - 1 + before
        elif before:
            kept += 1
            maybe += before - 1
        else:
            gone.append(name)
    maybe += sum(len(docs) for name, docs in there.kept.items() if name not in listed)  # those of applications
    return again, sorted(gone), kept, maybe


def _rest(nameless: Sequence[Lost], left: int, maybe: int) -> tuple[str, str]:
    """The entry for documents that nothing names. maybe: how many that are there now may be some of them."""
    counted = [each for each in nameless if each.number]
    total = sum(each.number or 0 for each in counted)
    where = ", ".join(each.name for each in counted)
    if left == total:
        name = plural("{count:,} document of {where}", "{count:,} documents of {where}", total, where=where)
    else:
        name = plural(
            "{left:,} of {count:,} document of {where}",
            "{left:,} of {count:,} documents of {where}",
            total,
            left=left,
            where=where,
        )
    reason = counted[0].reason
    if maybe:
        return (
            message("at most {name}", name=name),
            message("{reason}; {maybe:,} that the new index has may be among them", reason=reason, maybe=maybe),
        )
    return name, reason
