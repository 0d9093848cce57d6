"""What is said of a sync, of an upgrade, and of what was left out."""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from ..messages import message, told
from ..printable import counted
from .saying import kept, say

if TYPE_CHECKING:
    from ..folder.report import SyncReport
    from ..writing.upgrade import UpgradeReport

# At most this many damaged documents are named one by one. The rest is only counted.
_NAMED_FILES = 20


def report_value(report: SyncReport, seconds: float) -> dict[str, Any]:
    return {
        "v": 1,
        "added": report.added,
        "updated": report.updated,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "skipped": [{"path": path, "reason": reason} for path, reason in report.skipped],
        "warnings": [{"path": path, "warning": warning} for path, warning in report.warnings],
        "rebuilt": report.rebuilt,
        "roots": report.roots,
        "missing": report.missing,
        "moved": [{"from": before, "to": now} for before, now in report.moved],
        "joined": [{"folder": inner, "part_of": outer} for inner, outer in report.joined],
        "lost": damaged_value(report.lost),
        "older": damaged_value(report.older),
        "recovered": damaged_value(report.recovered),
        "seconds": round(seconds, 3),
    }


def damaged_value(entries: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"id": name, "reason": reason} for name, reason in entries]


def say_report(report: SyncReport, seconds: float, verbose: bool, said: set[str]) -> None:
    if report.rebuilt:
        say(message("index built anew: {reason}", reason=report.rebuilt), err=True)
    for before, now in report.moved:
        say(message("{before} has moved to {now}", before=before, now=now), err=True)
    for inner, outer in report.joined:
        say(message("{folder} is followed as a part of {outer}", folder=inner, outer=outer), err=True)
    say_missing(report.missing)
    say_losses(report)
    if report.recovered:
        again = counted(len(report.recovered), "damaged document")
        say(message("read from the folder again: {documents}", documents=again), err=True)
    if verbose:
        for path, warning in report.warnings:
            say(message("{path}: {reason}", path=relative(path), reason=kept(warning)), err=True)
        name_skipped(report.skipped)
    numbers = {
        "added": report.added,
        "updated": report.updated,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "skipped": by_reason(report.skipped),
        "seconds": seconds,
    }
    if report.warnings:
        say(
            message(
                "added {added:,}, updated {updated:,}, removed {removed:,}, unchanged {unchanged:,}, skipped {skipped}, "
                "{cut:,} not read whole in {seconds:.1f} s",
                cut=len(report.warnings),
                **numbers,
            )
        )
    else:
        say(
            message(
                "added {added:,}, updated {updated:,}, removed {removed:,}, unchanged {unchanged:,}, skipped {skipped} "
                "in {seconds:.1f} s",
                **numbers,
            )
        )
    say_packages(report.skipped, said)


def say_losses(report: SyncReport | UpgradeReport) -> None:
    for name, reason in report.lost[:_NAMED_FILES]:
        say(message("lost {name}: {reason}", name=name, reason=reason), err=True)
    if len(report.lost) > _NAMED_FILES:
        say(message("lost {count:,} more; --json names them all", count=len(report.lost) - _NAMED_FILES), err=True)
    for name, reason in report.older[:_NAMED_FILES]:
        say(message("only as it was before: {name}: {reason}", name=name, reason=reason), err=True)
    if len(report.older) > _NAMED_FILES:
        more = len(report.older) - _NAMED_FILES
        say(message("only as it was before: {count:,} more; --json names them all", count=more), err=True)


def say_packages(skipped: list[tuple[str, str]], said: set[str]) -> None:
    """What to install for the files that were left out for want of a package, but for what was said before."""
    from ..readers.read_file import NEEDS

    packages = sorted(
        {reason.removeprefix(NEEDS).split()[0] for _, reason in skipped if reason.startswith(NEEDS + " ")}
    )
    if not said.issuperset(packages):
        said.update(packages)
        say(
            message(
                "to read all: {python} -m pip install {packages}, or pip install '.[formats]' in a clone of naidi",
                python=sys.executable,
                packages=" ".join(packages),
            ),
            err=True,
        )


def say_missing(missing: list[str]) -> None:
    for root in missing:
        say(
            message("{folder}: no such folder; its documents stay until `naidi index --drop {folder}`", folder=root),
            err=True,
        )


def name_skipped(skipped: list[tuple[str, str]]) -> None:
    for path, reason in skipped:
        say(message("skipped {path}: {reason}", path=relative(path), reason=kept(reason)), err=True)


def by_reason(skipped: list[tuple[str, str]]) -> str:
    """How many were left out, and the most frequent reasons: «12 (8 hidden, 4 binary file)»."""
    reasons = Counter(reason for _, reason in skipped).most_common()
    shown = ", ".join(told(message("{count:,} {reason}", count=count, reason=kept(one))) for one, count in reasons[:6])
    return f"{len(skipped):,}" + (f" ({shown}{', ...' * (len(reasons) > 6)})" if reasons else "")


def relative(path: str) -> str:
    """The path as it is shown: relative to the working directory if it lies below it."""
    here = os.path.join(os.getcwd(), "")
    return path.removeprefix(here)
