"""One bit flipped in every byte of every file of the live generation, and of CURRENT.

Method: an index of 38 documents with every kind of section, and the generation before. For each byte a random bit is flipped in
a copy of its file. Forked processes then use the index, a few flips each:
- `verify` finds the damage, each time;
- search, similar, suggest and status give the right answer or the one of the state before, which they say, or raise a
  NaidiError. Opening does not read every byte, so a search may also give another answer: those are counted apart, not as bad.
  That they are few is what sizes and bounds do; that none stays unknown is what `verify` does;
- of every fiftieth byte also: a commit keeps the damage visible, and a rebuild and an upgrade give no document another text.
No use ends in another exception, by a signal, or takes more than a second of the processor.

Counted: flips.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path

from . import shim
from .check import Check, copy_tree, run_as_main
from .small_index import USES, live, looked, make_index, texts

_SECONDS = 1.0
_BATCH = 20
_CHANGED_EVERY = 50
_READING = ("verify", "search", "status")
_MEMORY = 500 << 20


def run(check: Check) -> None:
    space = check.space / "flips"
    space.mkdir()
    index = make_index(space)
    template = check.space / "template"
    copy_tree(space, template)
    right, documents = json.loads(json.dumps(looked(index))), texts(index)
    before = _state_before(index, template, space)
    files = sorted([index / "CURRENT", *live(index).iterdir()])
    points = [(file, place) for file in files for place in range(file.stat().st_size)]
    contents = {file: file.read_bytes() for file in files}
    points_of: list[tuple[Path, int]] = []
    for number, (file, place) in enumerate(check.sampled(points)):
        points_of.append((file, place))
        if len(points_of) == _BATCH:
            _batch(check, index, points_of, contents, right, before)
            points_of = []
        if number % _CHANGED_EVERY == 0:
            data = _flip(check, contents[file], file, place)
            for use in ("write", "rebuild", "upgrade"):
                _replace(file, data)
                _changed(check, index, use, _name(check, file, place), documents)
                copy_tree(template, space)
    _batch(check, index, points_of, contents, right, before)


def _bit(check: Check, file: Path, place: int) -> int:
    return random.Random(f"{check.seed} {file.name} {place}").randrange(8)


def _flip(check: Check, content: bytes, file: Path, place: int) -> bytes:
    data = bytearray(content)
    data[place] ^= 1 << _bit(check, file, place)
    return bytes(data)


def _name(check: Check, file: Path, place: int) -> str:
    return f"{file.name}, byte {place}, bit {_bit(check, file, place)}"


def _batch(
    check: Check,
    index: Path,
    points: list[tuple[Path, int]],
    contents: dict[Path, bytes],
    right: list[object],
    before: object,
) -> None:
    """Some flips in one child. If it dies, one by one."""

    def used(done: object) -> object:
        found = []
        for file, place in points:
            _replace(file, _flip(check, contents[file], file, place))
            found.append([_used(USES[use], index) for use in _READING])
            _replace(file, contents[file])
        return found

    outcome = shim.run_child(used, seconds=20 * len(points), memory=_MEMORY)
    if outcome.value is None:
        for file, _ in points:
            _replace(file, contents[file])
        if len(points) > 1:
            for point in points:
                _batch(check, index, [point], contents, right, before)
        elif points:
            check.bad("the process dies", f"{_name(check, *points[0])}: {outcome}")
        return
    for (file, place), results in zip(points, outcome.value, strict=True):  # type: ignore[call-overload]
        for use, (value, error, seconds) in zip(_READING, results, strict=True):
            _judge(check, _name(check, file, place), use, value, error, seconds, right, before)


def _used(use: Callable[[Path], object], index: Path) -> tuple[object, list[object] | None, float]:
    """(value, error, processor seconds) of a use."""
    started = time.process_time()
    try:
        return use(index), None, time.process_time() - started
    except Exception as error:
        return None, shim.described(error), time.process_time() - started


def _replace(file: Path, data: bytes) -> None:
    """Another content for a file. Generations that share it by a hard link keep theirs."""
    file.unlink()
    file.write_bytes(data)


def _state_before(index: Path, template: Path, space: Path) -> object:
    """What is answered when the live generation cannot be used."""
    _replace(live(index) / "manifest.json", b"{}")
    answers = looked(index)
    copy_tree(template, space)
    return json.loads(json.dumps(answers[0]))


def _judge(
    check: Check,
    where: str,
    use: str,
    value: object,
    error: list[object] | None,
    seconds: float,
    right: list[object],
    before: object,
) -> None:
    if seconds > _SECONDS:
        check.bad(f"{use}: over {_SECONDS:g} s", f"{where}: {seconds:.1f} s")
    if error:
        names, _, message, place = error
        if "NaidiError" in names:  # type: ignore[operator]
            check.counts[f"{use}: damage told"] += 1
        else:
            check.bad(f"{use}: raw {names[0]}", f"{where}: {message} ({place})")  # type: ignore[index]
    elif use == "verify":
        check.bad("verify does not find it", where)
    elif use == "search":
        answers, warnings = value  # type: ignore[misc]
        if [answers, warnings] == right:
            check.counts["search: right"] += 1
        elif answers == before and any("state before" in warning for warning in warnings):
            check.counts["search: state before"] += 1
        else:
            check.counts["search: another answer, which verify alone tells"] += 1


def _went_wrong(check: Check, outcome: shim.Outcome, use: str, where: str) -> bool:
    if outcome.signal or outcome.killed:
        check.bad(f"{use}: ended by signal {outcome.signal or 9}", where)
        return True
    if outcome.error:
        names, _, message, place = outcome.error
        if "NaidiError" not in names:
            check.bad(f"{use}: raw {names[0]}", f"{where}: {message} ({place})")
            return True
        return False
    if outcome.seconds > _SECONDS:
        check.bad(f"{use}: over {_SECONDS:g} s", f"{where}: {outcome.seconds:.1f} s")
    return False


def _changed(check: Check, index: Path, use: str, where: str, documents: dict[str, str]) -> None:
    """A writer on a damaged index: it refuses, or keeps the damage to be seen, or has every text right."""
    outcome = shim.run_child(lambda done: USES[use](index), seconds=30, memory=_MEMORY)
    if _went_wrong(check, outcome, use, where) or outcome.error:
        return
    if not shim.run_child(lambda done: USES["verify"](index), seconds=20).error:
        try:
            found = texts(index)
        except Exception as error:
            check.bad(f"{use}: verify finds nothing, but a reader does", f"{where}: {error}")
            return
        wrong = [doc_id for doc_id, text in found.items() if doc_id in documents and documents[doc_id] != text]
        if wrong:
            check.bad(f"{use}: a damaged text gets a right checksum", f"{where}: {wrong[:3]}")
        said = str(outcome.value)
        back = found.keys() - documents.keys() - {"later"}
        if back and "state before" not in said:
            check.bad(f"{use}: documents come back unsaid", f"{where}: {sorted(back)[:5]}, said: {said[:200]}")
        expected = documents.keys() - ({"d1"} if use == "write" else set())
        missing = expected - found.keys()
        unsaid = [doc_id for doc_id in missing if repr(doc_id) not in said]
        # Where an id cannot be read, the number of the document stands for it.
        if len(unsaid) > said.count("'document "):
            check.bad(f"{use}: documents are lost unsaid", f"{where}: {unsaid[:5]}, said: {said[:200]}")
        check.counts[f"{use}: whole again"] += not missing and not wrong and not back


if __name__ == "__main__":
    run_as_main("byte-flips", run)
