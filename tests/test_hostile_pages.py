"""Hostile PDF, HTML and RTF files: each costs one file, ten seconds and five hundred megabytes at most."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from naidi.indexer.readers import Source, confined
from naidi.indexer.readers.confined import read_confined, stop_child
from naidi.indexer.readers.confined_child import MEMORY
from naidi.indexer.readers.registry import format_of
from pdf_files import pdf

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not confined.IS_POSSIBLE, reason="no such processes here")]
pytest.importorskip("pypdfium2", reason="needs the extra [formats]")
pytest.importorskip("selectolax", reason="needs the extra [formats]")

REASONS = r"took longer than 9 s|needs too much memory|the reader crashed \(SIG\w+\)|gives more than 256 MB of text|damaged PDF"


def bomb(size: int) -> bytes:
    """A page whose content unpacks to `size` bytes of a long text."""
    packer = zlib.compressobj(9)
    piece = b"(a) Tj " * 10_000
    packed = b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()
    return _with_content(packed)


def _with_content(packed: bytes) -> bytes:
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)
    data = pdf([["text"]])
    start = data.index(b"9 0 obj\n") + 8
    end = data.index(b"endobj", start)
    return data[:start] + stream + b"\n" + data[end:].replace(b"startxref", b"startxref ")


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "10,000 pages": ("a.pdf", lambda: pdf([["слова " * 12] * 50] * 10_000)),
    "a stream that unpacks to 1 GB": ("a.pdf", lambda: bomb(1 << 30)),
    "deep arrays": ("a.pdf", lambda: b"%PDF-1.5\n1 0 obj\n" + b"[" * 30_000_000),
    "a page that is its own parent": ("a.pdf", lambda: pdf([["x"]]).replace(b"/Kids [8 0 R]", b"/Kids [2 0 R]")),
    "a cut file": ("a.pdf", lambda: pdf([["text"]] * 5_000)[:-100_000]),
    "deep elements": ("a.html", lambda: b"<div>" * 5_000_000),
    "deep lists": ("a.html", lambda: b"<ul><li>" * 1_000_000),
    "deep formatting": ("a.html", lambda: b"<p><b><i>" * 1_000_000),
    "many attributes": ("a.html", lambda: b"<p " + b"".join(b"a%d " % number for number in range(1_000_000)) + b">"),
    "a long row": ("a.html", lambda: b"<table><tr>" + b"<td>x" * 1_000_000),
    "a long page": ("a.html", lambda: "<p>слова и слова</p>".encode() * 1_000_000),
    "deep JSON": ("a.html", lambda: b'<script type="application/ld+json">' + b"[" * 10_000_000 + b"</script>x"),
    "deep groups": ("a.rtf", lambda: b"{\\rtf1 " + b"{" * 60_000_000),
    "many signs": ("a.rtf", lambda: b"{\\rtf1 " + b"\\u1055?" * 7_000_000),
}


@pytest.mark.parametrize("which", FILES)
def test_a_hostile_file_costs_one_file(which: str) -> None:
    """In a process of its own: the system tells the greatest memory of all children that a process ever had."""
    here = Path(__file__)
    code = f"import sys; sys.path.insert(0, {str(here.parent)!r}); import {here.stem} as tests; tests.costs_one_file(sys.argv[1])"
    run = subprocess.run([sys.executable, "-c", code, which], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr[-3000:]


def costs_one_file(which: str) -> None:
    name, make = FILES[which]
    data = make()
    found = format_of(name)
    assert found is not None
    begin = time.monotonic()
    try:
        read_confined(found, Source(data, name))
    except ValueError as error:
        assert re.fullmatch(REASONS, str(error)), error
    except confined.ReaderUnavailable as error:
        assert "on a busy machine" in str(error)
    assert time.monotonic() - begin < confined.SECONDS + 2, (
        "on a busy machine, to start and to end a process takes long"
    )
    small = {"a.pdf": pdf([["text"]]), "a.html": b"<p>text", "a.rtf": b"{\\rtf1 text}"}[name]
    assert read_confined(found, Source(small, name))[0].text.strip() == "text"
    stop_child()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    assert sys.platform != "linux" or peak < MEMORY + (150 << 20), "beyond what it has at rest"
