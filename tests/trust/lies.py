"""Lies about an index, as (name, what is done to it). Checksums and sizes are made to fit afterwards.

A lie is told of a section of a segment, its header, the manifest, CURRENT, the deletions, the table of files, or by another
entry of the directory. `hostile_index.py` uses what comes out."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import zstandard

from naidi.indexer.codec.container import Container, write_container

from .small_index import digest, live

Lie = tuple[str, Callable[[Path], None]]


def publish(index: Path, change: Callable[[dict[str, Any]], Any] = lambda manifest: None) -> None:
    """Make checksums fit: sizes and digests in the manifest, its own digest in CURRENT. change(manifest) alters it before."""
    directory = live(index)
    manifest = json.loads((directory / "manifest.json").read_bytes())
    for name in manifest["files"]:
        path = directory / name
        if path.is_file():
            size = path.stat().st_size
            manifest["files"][name] = {
                "size": size,
                "digest": digest(path.read_bytes()) if size < 1 << 24 else "0" * 64,
            }
    changed = change(manifest)
    data = changed if isinstance(changed, bytes) else json.dumps(manifest if changed is None else changed).encode()
    replace(directory / "manifest.json", data)
    replace(index / "CURRENT", f"{directory.name} {digest(data)}\n".encode())


def replace(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def segment_of(index: Path) -> Path:
    """The largest segment."""
    return max(live(index).glob("*.seg"), key=lambda path: path.stat().st_size)


def with_table(index: Path, alter: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Another table of sections in the header of the largest segment: alter(name -> [offset, count, dtype])."""

    def altered(body: bytes) -> bytes:
        value = json.loads(body[16:8192])
        value["sections"] = alter(value["sections"])
        return body[:16] + json.dumps(value).encode()[:8176].ljust(8176) + body[8192:]

    with_bytes(index, altered)


def relabel(manifest: dict[str, Any], meta: dict[str, Any], name: str) -> None:
    """The counts of a segment in the manifest follow its header, so that the two do not contradict each other."""
    for entry in manifest["segments"]:
        if entry["file"] == name:
            for count in ("doc_count", "token_count", "text_bytes"):
                entry[count] = meta.get(count)


def with_segment(index: Path, alter: Callable[[dict[str, Any], dict[str, Any]], None]) -> None:
    """Another content of the largest segment: alter(sections, meta)."""
    path = segment_of(index)
    container = Container(path)
    sections = {name: container[name].copy() for name in container._table}
    meta = dict(container.meta)
    alter(sections, meta)
    path.unlink()
    write_container(path, sections, meta)
    publish(index, lambda manifest: relabel(manifest, meta, path.name))


def with_bytes(index: Path, alter: Callable[[bytes], bytes]) -> None:
    """Other bytes of the largest segment; its own checksum fits."""
    path = segment_of(index)
    body = alter(path.read_bytes()[:-40])
    replace(path, body + hashlib.blake2b(body, digest_size=32).digest() + b"gs\0idian")
    publish(index)


# What is said of the values of a section.


def largest(values: Any) -> Any:
    return np.full_like(values, np.finfo(values.dtype).max if values.dtype.kind == "f" else np.iinfo(values.dtype).max)


def noise(values: Any) -> Any:
    random = np.random.default_rng(len(values))
    return np.frombuffer(random.bytes(values.nbytes), values.dtype)


def another_type(values: Any) -> Any:
    return values.astype(np.float64 if values.dtype.kind != "f" else np.uint8)


SECTION_LIES: dict[str, Callable[[Any], Any]] = {
    "largest": largest,
    "zeros": np.zeros_like,
    "random": noise,
    "descending": lambda values: np.ascontiguousarray(np.sort(values)[::-1]),
    "short": lambda values: values[:-1],
    "empty": lambda values: values[:0],
    "long": lambda values: np.concatenate([values, values]),
    "signed": lambda values: values.astype(np.int64) * -1 if values.dtype.kind != "f" else values,
    "of another type": another_type,
}


def overlaps(names: list[str]) -> Iterator[Lie]:
    """Sections that lie upon others, each inside the file and where a section may begin."""

    def move(name: str, place: Callable[[list[list[Any]], int], int]) -> Callable[[Path], None]:
        def alter(rows: dict[str, Any]) -> dict[str, Any]:
            ordered = sorted(rows.values())
            return {**rows, name: [place(ordered, ordered.index(rows[name])), *rows[name][1:]]}

        return lambda index: with_table(index, alter)

    for name in names:
        yield f"section {name}: upon the first", move(name, lambda rows, number: rows[0][0])
        yield f"section {name}: upon the end of the one before", move(name, lambda rows, number: rows[number][0] - 64)
        yield f"section {name}: 8 bytes further", move(name, lambda rows, number: rows[number][0] + 8)

    def another(rows: dict[str, Any]) -> dict[str, Any]:
        return {**rows, "more": rows["positions"]}

    yield "section more: the place of positions", lambda index: with_table(index, another)


ODD_NUMBERS = (0, -1, 1, 10**6, 10**9, 10**13, 2**63, 10**30, 1.5, float("nan"), float("inf"), True, None, "7", [], {})


def section_lies(names: list[str]) -> Iterator[Lie]:
    for name in names:
        for how, lie in SECTION_LIES.items():

            def alter(sections: dict[str, Any], meta: dict[str, Any], name: str = name, lie: Any = lie) -> None:
                sections[name] = lie(sections[name])

            yield f"section {name}: {how}", lambda index, alter=alter: with_segment(index, alter)

        def drop(sections: dict[str, Any], meta: dict[str, Any], name: str = name) -> None:
            del sections[name]

        yield f"section {name}: missing", lambda index, drop=drop: with_segment(index, drop)


def packed_lies(index: Path) -> Iterator[Lie]:
    """Packed sections of other blocks, widths, places of blocks or bases, and headers that count other numbers in them."""
    container = Container(segment_of(index))
    draw = np.random.default_rng(6)
    for name, (count, based) in sorted(container.packed.items()):
        offset, size, _ = container.table[name]
        directory = -(-count // 256) * (44 if based else 12)

        def put(place: int, data: bytes) -> Callable[[Path], None]:
            return lambda index: with_bytes(index, lambda body: body[:place] + data + body[place + len(data) :])

        end = offset + size
        yield f"packed {name}: all of the largest", put(offset, b"\xff" * size)
        yield f"packed {name}: zeros", put(offset, bytes(size))
        yield f"packed {name}: random", put(offset, draw.bytes(size))
        yield f"packed {name}: a directory of the largest", put(end - directory, b"\xff" * directory)
        yield f"packed {name}: a random directory", put(end - directory, draw.bytes(directory))
        yield f"packed {name}: widths of 32", put(end - directory + 4, b"\x20" * 8)
        yield f"packed {name}: widths of 33", put(end - directory + 4, b"\x21" * 8)
        yield f"packed {name}: no widths", put(end - directory + 4, bytes(8))
        yield f"packed {name}: blocks elsewhere", put(end - directory, b"\x01\0\0\0")
        counts = [[count + more, int(based)] for more in (1, 256, 10**9)]
        for said in (*counts, [count, 1 - based], [0, 0], [-1, 1], [count], None, "x"):

            def alter(body: bytes, name: str = name, said: Any = said) -> bytes:
                value = json.loads(body[16:8192])
                value["meta"]["packed"][name] = said
                return body[:16] + json.dumps(value).encode()[:8176].ljust(8176) + body[8192:]

            yield f"packed {name}: said to be {said!r}", lambda index, alter=alter: with_bytes(index, alter)


def bomb(name: str) -> Callable[[Path], None]:
    """A blob that unpacks to 2 GB, with columns that agree."""

    def alter(sections: dict[str, Any], meta: dict[str, Any]) -> None:
        packer = zstandard.ZstdCompressor(level=1)
        context = packer.compressobj(size=2 << 30)
        zeros = bytes(1 << 24)
        frame = b"".join([*(context.compress(zeros) for _ in range(128)), context.flush()])
        first = int(sections[f"{name}.ends"][0])
        rest = sections[f"{name}.blocks"][first:].tobytes()
        sections[f"{name}.blocks"] = np.frombuffer(frame + rest, np.uint8)
        ends = sections[f"{name}.ends"].astype(np.int64) + len(frame) - first
        sections[f"{name}.ends"] = ends.astype(np.uint64)
        sizes = sections[f"{name}.size"].astype(np.uint64)
        sizes[np.flatnonzero(sizes)[0]] = 2 << 30
        sections[f"{name}.size"] = sizes

    return lambda index: with_segment(index, alter)


def records(blob: bytes) -> Callable[[Path], None]:
    """Each document has this record."""

    def alter(sections: dict[str, Any], meta: dict[str, Any]) -> None:
        frame = zstandard.ZstdCompressor(level=1, write_checksum=True).compress(blob)
        count = len(sections["records.size"])
        sections["records.blocks"] = np.frombuffer(frame, np.uint8)
        sections["records.ends"] = np.array([len(frame)], np.uint32)
        sections["records.block"] = sections["records.offset"] = np.zeros(count, np.uint8)
        sections["records.size"] = np.full(count, len(blob), np.uint32)
        sections["records.span"] = np.ones(count, np.uint8)

    return lambda index: with_segment(index, alter)


def dictionary(data: bytes) -> Callable[[Path], None]:
    """The texts say that they were packed with this."""

    def alter(sections: dict[str, Any], meta: dict[str, Any]) -> None:
        sections["texts.dictionary"] = np.frombuffer(data, np.uint8)

    return lambda index: with_segment(index, alter)


def dictionary_lies() -> Iterator[Lie]:
    samples = [b"%d everywhere a long line of words %d" % (number, number * 7) for number in range(5_000)]
    real = zstandard.train_dictionary(10_000, samples, k=256, d=8).as_bytes()
    for data in (
        real,
        real[:4],
        real[:9],
        real[:200],
        real[:8] + bytes(3_000),
        real[:8] + b"\xff" * 3_000,
        b"x" * (1 << 20),
        b"x" * (64 << 20),
    ):
        yield f"dictionary: {len(data)} bytes, {data[:12].hex()}", dictionary(data)
    for place in range(8, 140, 3):
        yield (
            f"dictionary: byte {place} is another",
            dictionary(real[:place] + bytes([real[place] ^ 0x55]) + real[place + 1 :]),
        )


def stored_lies() -> Iterator[Lie]:
    """What is stored of the documents, in blocks with right checksums, is something else."""
    for blob in (
        *(b"null", b"5", b"[]", b"[1]", b'[["id", 5]]', b'"ab"', b"{", b"\xff", b"[" * 100_000, b'{"a":' * 100_000),
        *(b'{"id": 5}', b'{"id": "d1"}', b'{"title": null}', b'{"path": 5}', b'{"path": "\\u0000"}', b'{"meta": null}'),
        *(b'{"meta": [1]}', b'{"meta": {"a": [1, {"b": null}]}}', b'{"meta": ' + b"[" * 500 + b"]" * 500 + b"}"),
        *(
            b'{"language": 5}',
            b'{"language": ["en"]}',
            b'{"more": 1}',
            b'{"title": "\\u001b[2J"}',
            b'{"path": "\\udc80"}',
        ),
    ):
        yield f"records: {len(blob)} bytes of {blob[:20]!r}", records(blob)


def header_lies() -> Iterator[Lie]:
    for field in ("doc_count", "token_count", "text_bytes", "languages"):
        for value in ODD_NUMBERS:

            def alter(
                sections: dict[str, Any], meta: dict[str, Any], field: str = field, value: object = value
            ) -> None:
                meta[field] = value

            yield f"meta {field}: {value!r}", lambda index, alter=alter: with_segment(index, alter)

        def drop(sections: dict[str, Any], meta: dict[str, Any], field: str = field) -> None:
            del meta[field]

        yield f"meta {field}: missing", lambda index, drop=drop: with_segment(index, drop)
    for languages in (
        *(["en"] * 300, ["\x1b]0;x\x07"], [1, None], ["en", "en"], ["en"], ["en", "ru", None], [["en"], ["ru"]]),
        *(["", ""], ["e" * 3_000, "ru"], [{"en": 1}, {}], {"en": 0, "ru": 1}, "en ru", [True, False]),
    ):

        def name(sections: dict[str, Any], meta: dict[str, Any], languages: Any = languages) -> None:
            meta["languages"] = languages

        yield f"meta languages: {str(languages)[:20]}", lambda index, name=name: with_segment(index, name)

    def surrogate(body: bytes) -> bytes:
        return body[:16] + body[16:8192].rstrip().replace(b'"en"', b'"\\udc80"').ljust(8176) + body[8192:]

    yield "meta languages: a lone surrogate", lambda index: with_bytes(index, surrogate)

    def header(value: bytes) -> Callable[[Path], None]:
        return lambda index: with_bytes(index, lambda body: body[:16] + value[:8176].ljust(8176) + body[8192:])

    for text in (
        b"",
        b"[]",
        b"{}",
        b"null",
        b"[" * 8000,
        b'{"a":' * 1600,
        b"\xff\xfe",
        b'{"meta": {}, "sections": []}',
        b"1" * 8000,
    ):
        yield f"header: {text[:20]!r}", header(text)
    for length in (0, 1, 8191, 10**6, 2**32 - 1):
        yield (
            f"header length {length}",
            lambda index, length=length: with_bytes(
                index, lambda body: body[:12] + struct.pack("<I", length) + body[16:]
            ),
        )
    for version in (0, 1, 2, 3, 4, 2**32 - 1):
        yield (
            f"segment version {version}",
            lambda index, version=version: with_bytes(
                index, lambda body: body[:8] + struct.pack("<I", version) + body[12:]
            ),
        )

    def table(change: Callable[[list[Any]], list[Any]]) -> Callable[[Path], None]:
        return lambda index: with_table(index, lambda rows: {name: change(row) for name, row in rows.items()})

    yield "sections: all at one place", table(lambda row: [8192, row[1], row[2]])
    yield "sections: odd offsets", table(lambda row: [row[0] + 1, row[1], row[2]])
    yield "sections: in the header", table(lambda row: [16, row[1], row[2]])
    yield "sections: negative offsets", table(lambda row: [-row[0], row[1], row[2]])
    yield "sections: enormous counts", table(lambda row: [row[0], 2**62, row[2]])
    yield "sections: true counts", table(lambda row: [row[0], True, row[2]])
    yield "sections: objects", table(lambda row: [row[0], row[1], "|O8"])
    yield "sections: numbers that are no dtype", table(lambda row: [row[0], row[1], 8])
    yield "sections: lists as dtypes", table(lambda row: [row[0], row[1], ["<u4"]])
    yield "sections: rows of two", table(lambda row: row[:2])
    yield "a text of 2 GB in a block of 65 KB", bomb("texts")
    yield "a record of 2 GB in a block of 65 KB", bomb("records")
    yield "segment: empty", lambda index: (replace(segment_of(index), b""), publish(index))[-1]
    yield "segment: a pipe", lambda index: other_kind(segment_of(index), "pipe")


def nested(manifest: dict[str, Any], field: str, text: bytes) -> bytes:
    """The manifest with a field of this text, which json.dumps would refuse to write."""
    return json.dumps({**manifest, field: "<here>"}).encode().replace(b'"<here>"', text)


def manifest_lies() -> Iterator[Lie]:
    fields = (
        "generation",
        "fingerprint",
        "created",
        "doc_count",
        "segments",
        "files",
        "roots",
        "format_version",
        "naidi",
    )
    for field in fields:
        for value in (*ODD_NUMBERS, "\x1b]0;x\x07", "a" * 10**6, [[]], {"a": {}}, [None] * 10):
            yield (
                f"manifest {field}: {repr(value)[:24]}",
                lambda index, field=field, value=value: publish(index, lambda found: {**found, field: value}),
            )
        yield (
            f"manifest {field}: missing",
            lambda index, field=field: publish(index, lambda found: {key: found[key] for key in found if key != field}),
        )

    def segments(change: Callable[[dict[str, Any]], dict[str, Any]], *, fit: bool = False) -> Callable[[Path], None]:
        """fit: whether the count of all documents follows."""

        def altered(found: dict[str, Any]) -> dict[str, Any]:
            rows = [change(row) for row in found["segments"]]
            count = sum(row["doc_count"] - row["deleted_count"] for row in rows) if fit else found["doc_count"]
            return {**found, "segments": rows, "doc_count": count}

        return lambda index: publish(index, altered)

    for field in ("doc_count", "token_count", "text_bytes", "deleted_count", "deletions", "file"):
        for value in (*ODD_NUMBERS, "../CURRENT", "/dev/zero", "manifest.json", "nul\0", "x" * 300):
            yield (
                f"segment entry {field}: {repr(value)[:24]}",
                segments(lambda row, field=field, value=value: {**row, field: value}),
            )

    def no_deletions(count: int) -> Callable[[Path], None]:
        """The segment with deletions has no file of them, and the counts fit."""

        def change(found: dict[str, Any]) -> dict[str, Any]:
            rows = [dict(row) for row in found["segments"]]
            (row,) = (row for row in rows if row["deletions"])
            row["deletions"], row["deleted_count"] = None, count
            total = sum(row["doc_count"] - row["deleted_count"] for row in rows)
            return {**found, "segments": rows, "doc_count": total}

        return lambda index: publish(index, change)

    for count in (0, 1, 2, 38):
        yield f"segment entry deletions: null with {count} deleted", no_deletions(count)
    for count in (0, 1, 3, 38):
        yield (
            f"segment entry deleted_count: {count} of another file",
            segments(lambda row, count=count: {**row, "deleted_count": count} if row["deletions"] else row, fit=True),
        )
    yield "segment entry: another field", segments(lambda row: {**row, "more": 1})
    for number in (100, 3_000):
        yield (
            f"manifest: the same segment {number} times",
            lambda index, number=number: publish(
                index, lambda found: {**found, "segments": found["segments"][:1] * number}
            ),
        )
    yield (
        "manifest: a million segments",
        lambda index: publish(
            index,
            lambda found: {**found, "segments": [{**found["segments"][0], "file": f"{n}.seg"} for n in range(10**5)]},
        ),
    )
    for name in (
        "/dev/zero",
        "../../victim",
        "../gen-00000001/manifest.json",
        "a" * 5000,
        "",
        ".",
        "\udc80",
        "CON",
        "a\nb",
    ):
        yield (
            f"files: {name[:30]!r}",
            lambda index, name=name: publish(
                index, lambda found: {**found, "files": {**found["files"], name: {"size": 0, "digest": "0" * 64}}}
            ),
        )
    for entry in (
        {"size": -1, "digest": ""},
        {"size": "1", "digest": 1},
        {"size": 1},
        [],
        None,
        {"size": 1.0, "digest": "0", "more": 1},
    ):
        yield (
            f"files: entry {entry!r}",
            lambda index, entry=entry: publish(
                index, lambda found: {**found, "files": dict.fromkeys(found["files"], entry)}
            ),
        )
    for roots in (
        {"/dev": {"prefix": "x", "synced_ns": 0}},
        {"/nowhere": {}},
        {"/nowhere": {"prefix": 5, "synced_ns": "x"}},
        {"/nowhere": {"prefix": "", "synced_ns": -(10**30)}},
        {"\0": {"prefix": "a", "synced_ns": 1}},
        {"/dev/fd": {"prefix": "a", "synced_ns": 1}},
        {"\x1b[2J": {"prefix": "\x1b[2J", "synced_ns": 1}},
        {f"/{n}": {"prefix": f"{n}", "synced_ns": 1} for n in range(20_000)},
    ):
        yield (
            f"roots: {str(roots)[:40]!r}",
            lambda index, roots=roots: publish(index, lambda found: {**found, "roots": roots}),
        )
    for field in fields:
        # As deep as json reads it, and deeper.
        for depth in (500, 900, 5_000, 10**6):
            yield (
                f"manifest {field}: {depth} lists in lists",
                lambda index, field=field, depth=depth: publish(
                    index, lambda found: nested(found, field, b"[" * depth + b"]" * depth)
                ),
            )
    for field in ("prefix", "synced_ns"):
        for depth in (500, 900):
            root = json.dumps({"/nowhere": {"prefix": "x", "synced_ns": 1, field: "HERE"}}).encode()
            yield (
                f"roots: a {field} of {depth} lists in lists",
                lambda index, root=root, depth=depth: publish(
                    index,
                    lambda found: nested(found, "roots", root.replace(b'"HERE"', b"[" * depth + b"]" * depth)),
                ),
            )
    for text in (
        b"",
        b"{",
        b"[" * 10**6,
        b'{"a":' * 10**6,
        b"[" * 3 * 10**6,
        b'{"naidi": "index", "format_version": ' + b"[" * 3 * 10**6,
        b"\xff" * 100,
        b"1" * 10**6,
        b" " * 10**7,
        b'"' + b"a" * 10**7 + b'"',
    ):
        yield (
            f"manifest: {len(text)} bytes of {text[:5]!r}",
            lambda index, text=text: publish(index, lambda found: text),
        )


def other_kind(path: Path, kind: str) -> None:
    """Something else than a regular file in its place."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "4 GB":
        with open(path, "wb") as file:
            file.truncate(4 << 30)
    elif kind == "nothing":
        pass
    else:
        path.symlink_to(kind)


def sources(data: bytes) -> Callable[[Path], None]:
    """Another table of files."""
    return lambda index: (replace(live(index) / "sources.json", data), publish(index))[-1]


def note_lie(value: bytes) -> Callable[[Path], None]:
    """Another note of the file that is there. SIZE and TIME stand for those that it has."""

    def lie(index: Path) -> None:
        folder = index.parent / "folder"
        info = os.stat(folder / "note.txt")
        text = value.replace(b"SIZE", b"%d" % info.st_size).replace(b"TIME", b"%d" % info.st_mtime_ns)
        sources(json.dumps({str(folder): {"note.txt": "<here>"}}).encode().replace(b'"<here>"', text))(index)

    return lie


def entry_lies() -> Iterator[Lie]:
    kinds = ("pipe", "folder", "4 GB", "/dev/zero", "/dev/tty", "../victim", "/nowhere", "nothing")
    for name in ("CURRENT", "lock", "synonyms.txt", "CURRENT.tmp", "gen-next.tmp"):
        for kind in kinds:
            yield f"{name}: {kind}", lambda index, name=name, kind=kind: other_kind(index / name, kind)
    for name in ("manifest.json", "sources.json"):
        for kind in kinds:
            yield f"{name}: {kind}", lambda index, name=name, kind=kind: other_kind(live(index) / name, kind)
    for line in (
        b"",
        b"gen-00000001",
        b"../../victim " + b"0" * 64 + b"\n",
        b"gen-99999999 " + b"0" * 64 + b"\n",
        b"gen-" + b"9" * 5000 + b" " + b"0" * 64 + b"\n",
        b"\0" * 78,
    ):
        yield f"CURRENT: {line[:20]!r}", lambda index, line=line: replace(index / "CURRENT", line)
    for name in ("gen-99999999", "gen-" + "9" * 200, "gen-\u0663\u0663\u0663\u0663\u0663\u0663\u0663\u0663"):
        yield f"a folder {name[:20]!r}", lambda index, name=name: (index / name).mkdir()

    def deletions(size: int) -> Callable[[Path], None]:
        def lie(index: Path) -> None:
            (path,) = live(index).glob("*.del")
            path.unlink()
            with open(path, "wb") as file:
                file.truncate(size)
            publish(index)

        return lie

    for size in (0, 1, 4, 6, 10**6, 5 << 30):
        yield f"deletions of {size} bytes", deletions(size)

    for value in (
        *(b"null", b"5", b'"text"', b"[]", b"{}", b"[SIZE, TIME]", b"[SIZE, TIME, 5]", b'[SIZE, TIME, "", 5]'),
        *(
            b'[SIZE, TIME, "", ["x"]]',
            b'[SIZE, TIME, "", {}]',
            b'[SIZE, TIME, "", "\\u001b[2J"]',
            b"[SIZE, TIME, null]",
        ),
        *(b'[SIZE, TIME, "", "\\udc80"]', b'["SIZE", "TIME", ""]', b"[1, 1, {}]", b"[1, 1, []]", b'[1, 1, "", [5]]'),
        *(
            b'[1, 1, "\\udc80"]',
            b"[1e400, 1e400, 1e400]",
            b"[NaN, NaN, NaN]",
            b"[1, 1, " + b"[" * 900 + b"]" * 900 + b"]",
        ),
        *(b'[SIZE, TIME, "", ' + b"[" * 900 + b"]" * 900 + b"]", b"[SIZE, 1" + b"0" * 5_000 + b', ""]'),
    ):
        yield f"sources.json: the note {value[:40]!r}", note_lie(value)
    for text in (
        b"", b"{", b"[]", b"null", b"[" * 10**6, b'{"/a": 5}', b'{"/a": {"b": 5}}', b'{"/a": {"b": [1, 2, 3, 4]}}',
        b'{"/a": {"b": ["x", null, {}, []]}}', b'{"/a": {"b": [1, 2, "", null, 5, 6]}}', b"\xff", b" " * 10**7,
        b'{"a":' * 10**6, b'{"/a": {"b": [1, 2, "", ' + b"[" * 10**6, b"[" * 10**7, b"1" * 10**6,
        b'{"/a": {"b": ' + b"[" * 900 + b"]" * 900 + b"}}", b'{"/a": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}",
    ):  # fmt: skip
        yield f"sources.json: {len(text)} bytes of {text[:12]!r}", sources(text)
    synonyms = (
        "a = " * 10**5,
        "=" * 10**6,
        "\0" * 10**6,
        "\n".join(f"w{n} = w{n + 1}" for n in range(10**5)),
        "\x1b[2J = вакцина",
    )
    for text in synonyms:
        yield f"synonyms.txt: {text[:12]!r}", lambda index, text=text: replace(index / "synonyms.txt", text.encode())


def all_lies(index: Path) -> list[Lie]:
    """Every lie that can be told of an index."""
    names = sorted(Container(segment_of(index))._table)
    return [
        *section_lies(names),
        *overlaps(names),
        *header_lies(),
        *stored_lies(),
        *dictionary_lies(),
        *packed_lies(index),
        *manifest_lies(),
        *entry_lies(),
    ]
