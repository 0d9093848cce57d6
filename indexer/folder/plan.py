"""Which folders a sync goes through: those that are named, or all that the index follows, each file in one of them only."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import NaidiError
from ..messages import message

# A folder is taken for one that has moved if it has this share of the files that were noted, among so many of them.
_SHARE = 0.5
_LOOKED_AT = 200


@dataclass(slots=True)
class Plan:
    """What a sync has to do.

    roots: the folders to go through, as absolute paths.
    missing: folders that the index follows, that were not named and are not there. Their documents stay.
    moved: (old path, new path) of each folder that is known by an old path.
    joined: (inner, outer) of each folder that is followed already as a part of another one, or becomes one.
    """

    roots: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)
    joined: list[tuple[str, str]] = field(default_factory=list)

    @property
    def replaced(self) -> list[str]:
        """Folders that the index follows and that become a part of an outer one."""
        return [inner for inner, outer in self.joined if outer in self.roots]


def plan(
    named: Sequence[str] | None, known: Mapping[str, Mapping[str, Any]], noted: Callable[[str], Collection[str]]
) -> Plan:
    """What to do for the named folders, or for all known ones.

    Parameters:
      named: absolute paths of folders that are there; None means all known folders.
      known: the folders that the index follows, absolute path -> what is noted of it.
      noted: the relative paths of the files that are noted of a root.

    Raises NaidiError if nothing is left to do: no folder is known, or all are gone.
    """
    if named is None:
        return _all_known(known)
    made = Plan()
    real = {os.path.realpath(root): root for root in known}
    for folder in named:
        place = os.path.realpath(folder)
        outer = _outermost(place, real)
        if outer is not None:
            root = real[outer]
            if outer != place:
                made.joined.append((folder, root))
        else:
            root = folder
            old = _moved_from(folder, known, noted, made)
            if old is not None:
                made.moved.append((old, folder))
            real[place] = folder
        if root not in made.roots:
            made.roots.append(root)
    _join(made, real, known)
    return made


def _all_known(known: Mapping[str, Mapping[str, Any]]) -> Plan:
    if not known:
        raise NaidiError(message("the index follows no folder yet; name one: `naidi index FOLDER`"))
    made = Plan()
    for root in sorted(known):
        (made.roots if os.path.isdir(root) else made.missing).append(root)
    if not made.roots:
        gone = ", ".join(made.missing[:3]) + ", ..." * (len(made.missing) > 3)
        raise NaidiError(
            message(
                "{folder}: no such folder; `naidi index --drop FOLDER` takes its documents out of the index",
                folder=gone,
            )
        )
    return made


def _join(made: Plan, real: Mapping[str, str], known: Iterable[str]) -> None:
    """Folders inside of one that is gone through are parts of it: named ones, and those that the index has followed."""
    moved = {old for old, _ in made.moved}
    for place, root in real.items():
        outer = _outermost(os.path.dirname(place), real) if os.path.dirname(place) != place else None
        if outer is None or real[outer] not in made.roots:
            continue
        if root in made.roots:
            made.roots.remove(root)
        if root not in moved and (root in known or (root, real[outer]) not in made.joined):
            made.joined.append((root, real[outer]))


def _outermost(place: str, real: Mapping[str, str]) -> str | None:
    """The shortest of the real paths that holds the place or is it."""
    found = None
    while True:
        if place in real:
            found = place
        above = os.path.dirname(place)
        if above == place:
            return found
        place = above


def _moved_from(
    folder: str, known: Mapping[str, Mapping[str, Any]], noted: Callable[[str], Collection[str]], made: Plan
) -> str | None:
    """The known folder that is gone and of which this one has most files, or None."""
    taken = {old for old, _ in made.moved}
    for root in known:
        if root in taken or os.path.exists(root):
            continue
        files = list(noted(root))
        looked_at = files[:: max(len(files) // _LOOKED_AT, 1)]
        there = sum(os.path.exists(os.path.join(folder, relative)) for relative in looked_at)
        if looked_at and there >= _SHARE * len(looked_at):
            return root
    return None
