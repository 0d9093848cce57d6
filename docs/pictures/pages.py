"""Pictures of pages, taken by Chromium without a window and without a network beyond this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
]
MOST_BYTES = 150_000
"""A picture is no larger."""


@contextmanager
def browser() -> Iterator[Any]:
    """A browser of Playwright: the Chromium of this machine, or else that which Playwright has."""
    from playwright.sync_api import sync_playwright

    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    # Chromium has no sandbox for root.
    arguments = [*_ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else _ARGUMENTS
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def page_of(opened: Any, width: int, height: int, *, dark: bool = False) -> Iterator[Any]:
    """A page of so many pixels, without a network beyond this machine and without movement."""
    context = opened.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        locale="en-US",
    )
    try:
        page = context.new_page()
        page.route(
            lambda address: not address.startswith(("http://127.0.0.1:", "file:", "data:")), lambda route: route.abort()
        )
        yield page
    finally:
        context.close()


def write_picture(data: bytes, path: Path) -> None:
    """Write a PNG. Raises ValueError for one that is too large."""
    if len(data) > MOST_BYTES:
        raise ValueError(f"{path.name} has {len(data):,} bytes, more than {MOST_BYTES:,}: show less")
    path.write_bytes(data)
