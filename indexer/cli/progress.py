"""A bar that shows how far an indexing is."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from ..messages import plural, told

if TYPE_CHECKING:
    from ..writing.reanalyse import Progress


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None] | None]:
    """On a terminal, a bar with documents, MB/s and time left. Elsewhere nothing."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    bar: Any = None
    started = time.monotonic()

    def show(progress: Progress) -> None:
        nonlocal bar, started
        if bar is not None and bar.length != progress.total_bytes:  # stored documents are done, files follow
            bar.__exit__(None, None, None)
            bar, started = None, time.monotonic()
        if bar is None:
            bar = click.progressbar(
                length=progress.total_bytes,
                file=sys.stderr,
                width=24,
                show_percent=True,
                show_eta=True,
                item_show_func=lambda item: item,
            )
            bar.__enter__()
        speed = progress.bytes / 1e6 / max(time.monotonic() - started, 1e-9)
        text = told(
            plural(
                "{files:,} of {count:,} document, {speed:.1f} MB/s",
                "{files:,} of {count:,} documents, {speed:.1f} MB/s",
                progress.total_files,
                files=progress.files,
                speed=speed,
            )
        )
        bar.update(progress.bytes - bar.pos, text)

    try:
        yield show
    finally:
        if bar is not None:
            bar.__exit__(None, None, None)
