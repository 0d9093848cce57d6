"""The errors that naidi raises on purpose.

    NaidiError
    ├── InvalidDocument      a Document that cannot be indexed as given
    ├── InvalidSchema        fields that cannot be, or contradict those of the index
    ├── InvalidDictionary    files that are no dictionary, or a name that none has
    ├── DocumentUnreadable   a file that cannot be turned into a Document
    ├── InvalidQuery         an argument of a search that has no meaning
    ├── DocumentMissing      the index has no document of this name
    ├── InvalidAddress       what looks like the address of an index in a cluster, and is none
    ├── NotSupported         what an index in a cluster cannot do, or this installation cannot
    └── IndexProblem
        ├── IndexMissing     no index in this directory
        ├── IndexDamaged     a file of the index is missing, cut or altered
        ├── IndexOutdated    made by another analysis or format version
        ├── IndexLocked      another process is writing
        ├── IndexUnwritable  the directory cannot hold an index, or the cluster lets nobody write to it
        ├── ClusterUnavailable  the cluster does not answer, or not wholly
        └── ClusterRefused   the cluster lets this user not in, or cannot prove who it is

Each message says what is wrong, where, and what to do about it. The command line prints it in one line and ends with
status 2.
"""

from __future__ import annotations

from .messages import Message, message, sentence


class NaidiError(Exception):
    """Root of every error that naidi raises on purpose."""


class InvalidDocument(NaidiError):
    """A Document has a field of the wrong type or an unusable value."""


class InvalidSchema(NaidiError):
    """The fields of a schema cannot be, or they contradict those that the index has."""


class InvalidDictionary(NaidiError):
    """Files are no dictionary that can be read, or the index has no dictionary of this name."""


class DocumentUnreadable(NaidiError):
    """A file cannot be turned into a Document. `path` names the file, `reason` says why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return str(self._message)

    @property
    def _message(self) -> Message:
        """What is wrong, as it is told."""
        return message("{path}: {reason}", path=self.path, reason=self.reason)


class InvalidQuery(NaidiError):
    """An argument of a search has no meaning: a negative limit, an unknown sort order, something that is no date."""


class DocumentMissing(NaidiError):
    """The index has no document of this name."""


class InvalidAddress(NaidiError):
    """What should be the address of an index in a cluster is none."""


class NotSupported(NaidiError):
    """An index in a cluster cannot do this, or a package for it is not installed."""


class IndexProblem(NaidiError):
    """Root of the errors about an index. (`IndexError` is Python's own.)"""


class IndexMissing(IndexProblem):
    """There is no index in the directory."""


class IndexDamaged(IndexProblem):
    """A file of the index is missing, cut or altered."""


class IndexOutdated(IndexProblem):
    """The index was made by another version of the analysis or of the format."""


class IndexLocked(IndexProblem):
    """Another process holds the index for writing."""


class IndexUnwritable(IndexProblem):
    """The directory cannot hold an index: it is a file, or may not be written to. Or the cluster has made its indices read-only."""


class ClusterUnavailable(IndexProblem):
    """The cluster cannot be reached, does not answer in time, answers in part, or lacks what naidi needs of it."""


class ClusterRefused(IndexProblem):
    """The cluster does not let this user in, or does not let it do this. Or its certificate is not to be trusted."""


REBUILD = message("rebuild with `naidi index --rebuild`")
"""What to do about an index that is damaged."""


def advised(what: str) -> Message:
    """What is wrong, and that a rebuild helps."""
    return message("{what}; {advice}", what=what, advice=REBUILD)


def without_advice(error: NaidiError) -> str:
    """The message of an error about damage, for who rebuilds already."""
    said = sentence(error)
    what = said.values.get("what") if isinstance(said, Message) else None
    return what if isinstance(what, str) and said == advised(what) else said.removesuffix(f"; {REBUILD}")
