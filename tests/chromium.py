"""Chromium for tests of the page. Without it they are skipped; in the gate ($NAIDI_FACES) they fail."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PROGRAM = os.environ.get("NAIDI_CHROMIUM", "/usr/bin/chromium")
# It asks nobody but the server of the test, and needs neither a sandbox nor a screen.
_ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


def missing(reason: str) -> None:
    """Skip the test, or fail it in the gate."""
    if os.environ.get("NAIDI_FACES"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        missing("playwright is not installed: the extra [browser]")
    if not Path(PROGRAM).exists():
        missing(f"there is no Chromium at {PROGRAM}: $NAIDI_CHROMIUM says where one is")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=_ARGUMENTS.split())
        try:
            yield browser
        finally:
            browser.close()
