"""`upgrade` brings an index up to date: to the format and the analysis of this naidi."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..analysis.lemmatize.fingerprint import fingerprint
from ..errors import IndexOutdated
from ..messages import message
from ..state.generations import read_current, read_manifest
from ..state.losses import Losses
from ..state.manifest import FORMAT_VERSION, OLDEST_READABLE, OLDEST_STORED
from .reanalyse import Progress, reanalyse
from .writer import Writer


@dataclass(slots=True)
class UpgradeReport:
    """What an upgrade did.

    reason: why there was something to do; None if the index was up to date and nothing was written.
    documents: how many documents the index has.
    lost: (id, reason) of each damaged document that is lost. Documents whose ids cannot be read are counted.
    older: the same of damaged documents that the index has as the state before had them.
    """

    reason: str | None
    documents: int
    lost: list[tuple[str, str]] = field(default_factory=list)
    older: list[tuple[str, str]] = field(default_factory=list)


def upgrade(
    directory: str | Path = "index_data",
    *,
    jobs: int = 1,
    lock_timeout: float = 5.0,
    progress: Callable[[Progress], None] | None = None,
    accept_loss: bool = False,
) -> UpgradeReport:
    """Bring an index in a directory up to date. `naidi.upgrade` says what each parameter means.

    Raises IndexMissing, IndexLocked, IndexOutdated for an index of a later naidi, and, without `accept_loss`, IndexDamaged. The
    index is then as it was.
    """
    path = Path(directory)
    if accept_loss:
        found: list[Losses] = []
        count = reanalyse(path, jobs=jobs, lock_timeout=lock_timeout, progress=progress, accept=found.append)
        return UpgradeReport(message("as asked"), count, found[0].lost, found[0].older)
    manifest = read_manifest(path, *read_current(path), OLDEST_STORED)
    if manifest.format_version >= OLDEST_READABLE and manifest.fingerprint == fingerprint():
        if manifest.format_version == FORMAT_VERSION:
            return UpgradeReport(None, manifest.doc_count)
        try:
            with Writer(path, lock_timeout=lock_timeout):
                pass  # a commit without changes writes the newest format
        except IndexOutdated:
            pass  # an older naidi has written meanwhile
        else:
            return UpgradeReport(message("of format {version}", version=manifest.format_version), manifest.doc_count)
    reason = message("made by another version of the analysis")
    if manifest.format_version < OLDEST_READABLE:
        reason = message("of format {version}", version=manifest.format_version)
    return UpgradeReport(reason, reanalyse(path, jobs=jobs, lock_timeout=lock_timeout, progress=progress))
