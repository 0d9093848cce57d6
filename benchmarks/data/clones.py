"""Where is a public repository on this disk, and what do its files say at a commit?

A clone is CLONES/owner+name or CLONES/owner/name, bare or with a work tree. It is read through git alone: the work tree may be at
another commit, or changed.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple
from zipfile import BadZipFile


class Source(NamedTuple):
    """A public repository at a commit, named in full or by its first digits."""

    repository: str
    commit: str

    @property
    def url(self) -> str:
        """What `git clone` takes."""
        return f"https://github.com/{self.repository}"


class NotThere(Exception):
    """A clone, or a file of it, that is not there. The message says which."""


# What a reader raises for a file that is not there, or is not what it was at the named commit.
UNREADABLE = (NotThere, ValueError, LookupError, SyntaxError, BadZipFile)


def reason(error: BaseException) -> str:
    """One of these in words."""
    return str(error) if isinstance(error, NotThere) else f"not as it was at the named commit: {error!r}"


def folder_of(clones: Path, source: Source) -> Path:
    """The clone of a repository. Raises NotThere where there is none."""
    for name in (source.repository.replace("/", "+"), source.repository):
        if (clones / name).is_dir():
            return clones / name
    raise NotThere(f"no clone of {source.repository}")


class Clone:
    """A repository read at a commit: the one named, or the newest of the clone where that one is missing (`exact` is then False).

    Use it in a `with` statement: it keeps one git process that hands out files.
    """

    def __init__(self, clones: Path, source: Source) -> None:
        """Parameters: the folder of all clones, and which one. Raises NotThere for no clone, and for one without commits."""
        self.source = source
        self.folder = folder_of(clones, source)
        named = self._commit(source.commit)
        self.exact = named is not None
        self.commit = named or self._commit("HEAD") or ""
        if not self.commit:
            raise NotThere(f"{self.folder}: git finds neither {source.commit[:12]} nor any other commit here")
        command = self._git("cat-file", "--batch")
        self._files = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Clone:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.communicate()

    def paths(self, folder: str = "", end: str = "") -> list[str]:
        """The paths of the files under a folder (all by default) whose names end so, in the order of git."""
        command = self._git("ls-tree", "-r", "-z", "--full-tree", "--name-only", self.commit)
        found = subprocess.run(command, check=True, capture_output=True).stdout.decode("utf-8", "surrogateescape")
        return [path for path in found.split("\0") if path and path.startswith(folder) and path.endswith(end)]

    def read(self, path: str) -> bytes:
        """What a file has. Raises NotThere where the commit has no such file, or the clone not its content."""
        assert self._files.stdin and self._files.stdout
        if "\n" in path:
            raise NotThere(f"{self.source.repository}: a path with a line break cannot be read: {path!r}")
        self._files.stdin.write(f"{self.commit}:{path}\n".encode("utf-8", "surrogateescape"))
        self._files.stdin.flush()
        answer = self._files.stdout.readline().split()
        found = len(answer) == 3 and answer[2].isdigit()
        data = self._files.stdout.read(int(answer[2]) + 1)[:-1] if found else b""
        if not found or answer[1] != b"blob":
            place = f"{self.source.repository} @ {self.commit[:12]}"
            raise NotThere(f"{place} has no file {path}, or this clone not its content")
        return data

    def text(self, path: str, encoding: str = "utf-8") -> str:
        """A file as text, with line ends as \\n. Bytes that are not of the encoding are replaced."""
        return self.read(path).decode(encoding, "replace").replace("\r\n", "\n")

    def texts(self, folder: str = "", end: str = "") -> Iterator[tuple[str, str]]:
        """Path and text of the files under a folder whose names end so, in the order of `paths`."""
        for path in self.paths(folder, end):
            yield path, self.text(path)

    def _commit(self, name: str) -> str | None:
        command = self._git("rev-parse", "--quiet", "--verify", f"{name}^{{commit}}")
        found = subprocess.run(command, capture_output=True, text=True)
        return found.stdout.strip() if found.returncode == 0 else None

    def _git(self, *arguments: str) -> list[str]:
        return ["git", "-C", str(self.folder), *arguments]
