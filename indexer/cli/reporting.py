"""What is said of a sync, of an upgrade, and of what was left out."""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from ..printable import counted, printable

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
        click.echo(f"index built anew: {printable(report.rebuilt)}", err=True)
    for before, now in report.moved:
        click.echo(f"{printable(before)} has moved to {printable(now)}", err=True)
    for inner, outer in report.joined:
        click.echo(f"{printable(inner)} is followed as a part of {printable(outer)}", err=True)
    say_missing(report.missing)
    say_losses(report)
    if report.recovered:
        again = counted(len(report.recovered), "damaged document")
        click.echo(f"read from the folder again: {again}", err=True)
    if verbose:
        for path, warning in report.warnings:
            click.echo(f"{printable(relative(path))}: {printable(warning)}", err=True)
        name_skipped(report.skipped)
    line = (
        f"added {report.added:,}, updated {report.updated:,}, removed {report.removed:,}, "
        f"unchanged {report.unchanged:,}, skipped {by_reason(report.skipped)}"
    )
    if report.warnings:
        line += f", {len(report.warnings):,} not read whole"
    click.echo(f"{printable(line)} in {seconds:.1f} s")
    say_packages(report.skipped, said)


def say_losses(report: SyncReport | UpgradeReport) -> None:
    for what, entries in (("lost", report.lost), ("only as it was before:", report.older)):
        for name, reason in entries[:_NAMED_FILES]:
            click.echo(f"{what} {printable(name)}: {printable(reason)}", err=True)
        if len(entries) > _NAMED_FILES:
            click.echo(f"{what} {len(entries) - _NAMED_FILES:,} more; --json names them all", err=True)


def say_packages(skipped: list[tuple[str, str]], said: set[str]) -> None:
    """What to install for the files that were left out for want of a package, but for what was said before."""
    from ..readers.read_file import NEEDS

    packages = sorted(
        {reason.removeprefix(NEEDS).split()[0] for _, reason in skipped if reason.startswith(NEEDS + " ")}
    )
    if not said.issuperset(packages):
        said.update(packages)
        click.echo(
            f"to read all: {printable(sys.executable)} -m pip install {printable(' '.join(packages))}, "
            "or pip install '.[formats]' in a clone of naidi",
            err=True,
        )


def say_missing(missing: list[str]) -> None:
    for root in missing:
        click.echo(
            f"{printable(root)}: no such folder; its documents stay until `naidi index --drop {printable(root)}`",
            err=True,
        )


def name_skipped(skipped: list[tuple[str, str]]) -> None:
    for path, reason in skipped:
        click.echo(f"skipped {printable(relative(path))}: {printable(reason)}", err=True)


def by_reason(skipped: list[tuple[str, str]]) -> str:
    """How many were left out, and the most frequent reasons: «12 (8 hidden, 4 binary file)»."""
    reasons = Counter(reason for _, reason in skipped).most_common()
    shown = ", ".join(f"{count:,} {printable(reason)}" for reason, count in reasons[:6])
    return f"{len(skipped):,}" + (f" ({shown}{', ...' * (len(reasons) > 6)})" if reasons else "")


def relative(path: str) -> str:
    """The path as it is shown: relative to the working directory if it lies below it."""
    here = os.path.join(os.getcwd(), "")
    return path.removeprefix(here)
