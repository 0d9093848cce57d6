"""What changes an index, wherever it is: in a directory, or in an OpenSearch cluster.

These are the public names. The work is done in `writing`, `folder` and `takeover`, or in `opensearch`, which is loaded for an
address alone.
"""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import NotSupported
from .messages import message
from .opensearch.address import is_address, shown_place
from .state.files import FOLDER_MODE
from .writing.document_buffer import FLUSH_TOKENS
from .writing.writer import Writer as DirectoryWriter

if TYPE_CHECKING:
    from typing_extensions import Self

    from .fields import Schema
    from .folder.options import FolderChoices, FolderOptions
    from .folder.report import SyncReport
    from .takeover.from_whoosh import WhooshReport
    from .writing.reanalyse import Progress
    from .writing.upgrade import UpgradeReport


class Writer(DirectoryWriter, metaclass=ABCMeta):
    """Adds, replaces and deletes documents of an index.

        with Writer("index_data") as writer:
            writer.add(Document(id="a", text="..."))

    The end of the block commits; an exception discards the changes. One writer at a time holds an index in a directory. Searches go
    on meanwhile and see no change before the commit. Threads must not share a writer. It belongs to the process that made it: in a
    forked child it is closed.

    With the address of a cluster, `Writer("https://host:9200/name")` is one for the index there. It has the same methods, and does
    the same but for what docs/cluster.md tells.
    """

    def __init__(
        self,
        directory: str | Path,
        *,
        jobs: int = 1,
        lock_timeout: float = 5.0,
        rebuild: bool = False,
        force: bool = False,
        mode: int = FOLDER_MODE,
        flush_tokens: int = FLUSH_TOKENS,
        schema: Schema | None = None,
        store_texts: bool | None = None,
        shards: int | None = None,
        replicas: int | None = None,
    ) -> None:
        """Create or open the index, and lock it if it is in a directory.

        Parameters:
          directory: the index directory, or the address of an index in a cluster. It is created if there is none.
          jobs: processes that work. 1 means this process alone. With more, others or its own threads help it, and a script needs
            the usual `if __name__ == "__main__":` guard. A daemonic process, such as a worker of a pool, may have none: there it
            is 1.
          lock_timeout: seconds to wait for other writers. They are served in turn. In a cluster, none has to wait.
          rebuild: start with an empty index. The old state answers searches until the commit; then its documents are lost.
            `naidi.upgrade` keeps them.
          force: make the index even in a directory that holds other things.
          mode: permissions that a folder of the index has at most, files without the bits to execute. The umask takes away from it,
            and an index that has had fewer keeps those. `sync` gives the permissions of the folder.
          flush_tokens: tokens in memory at which a segment is written.
          schema: names and kinds of the fields that documents may have, of `naidi.fields`. The index keeps it. It may have further
            fields later, whose values earlier documents lack; None means those that the index has.
          store_texts: whether a new index stores the texts of its documents; None means yes, or as the index has it. Without them
            it takes two thirds of the space. Documents are found as before, but hits have no snippets, `similar` goes by the title,
            and another analysis needs the documents again: `upgrade` has nothing to go by. Titles, meta and fields are stored in
            any case, and so are the words of a text with their places: an index without texts keeps no secret.
          shards: parts of a new index in a cluster; None means 1, or as the index has it.
          replicas: further copies of each part, on other nodes of the cluster; None means 1, or as the index has it.

        Raises IndexLocked, IndexUnwritable, IndexDamaged, and IndexOutdated for an index of another analysis or format. Raises
        InvalidSchema for a schema that cannot be, or contradicts that of the index, and IndexUnwritable if `store_texts` does.
        Raises OSError as the system does.

        Of a cluster, raises InvalidAddress, ClusterUnavailable, ClusterRefused, and NotSupported without opensearch-py, and for
        `force`, `mode` and `flush_tokens`, which are of directories. Raises TypeError for `shards` and `replicas` of a directory.
        """
        _check_of_directory(shards, replicas)
        super().__init__(
            directory,
            jobs=jobs,
            lock_timeout=lock_timeout,
            rebuild=rebuild,
            force=force,
            mode=mode,
            flush_tokens=flush_tokens,
            schema=schema,
            store_texts=store_texts,
        )

    def __new__(cls, directory: str | Path, *arguments: Any, **options: Any) -> Self:
        if not is_address(directory):
            return super().__new__(cls)
        if cls is not Writer:
            raise NotSupported(
                message(
                    "{place}: {name} is a Writer of directories; Writer itself is for both",
                    place=shown_place(directory),
                    name=cls.__name__,
                )
            )
        if arguments:
            raise TypeError(
                f"Writer takes one argument and options by name, but {1 + len(arguments)} arguments were given"
            )
        writer: Any = _cluster_writer(str(directory), **options)
        return writer  # type: ignore[no-any-return]


# `help` shows what it takes.
Writer.__new__.__wrapped__ = Writer.__init__  # type: ignore[attr-defined]


def _cluster_writer(
    address: str,
    *,
    lock_timeout: float = 5.0,
    force: bool = False,
    mode: int = FOLDER_MODE,
    flush_tokens: int = FLUSH_TOKENS,
    **options: Any,
) -> object:
    refused = {"force": force, "mode": mode != FOLDER_MODE, "flush_tokens": flush_tokens != FLUSH_TOKENS}
    _check_of_cluster(address, refused)
    from .opensearch.writer import ClusterWriter

    Writer.register(ClusterWriter)  # for `isinstance`
    return ClusterWriter(address, **options)


def _check_of_directory(shards: int | None, replicas: int | None) -> None:
    for name, value in (("shards", shards), ("replicas", replicas)):
        if value is not None:
            raise TypeError(f"{name} is of an index in a cluster; one in a directory has none")


def _check_of_cluster(address: str, refused: Mapping[str, bool]) -> None:
    """Raises NotSupported for options of directories. refused: their names -> whether they are given."""
    for name, is_given in refused.items():
        if is_given:
            raise NotSupported(
                message(
                    "{place}: {name} is of an index in a directory; one in a cluster has none",
                    place=shown_place(address),
                    name=name,
                )
            )


def sync(
    roots: str | Path | Sequence[str | Path] | None,
    directory: str | Path = "index_data",
    *,
    jobs: int | None = 1,
    rebuild: bool = False,
    options: FolderOptions | FolderChoices | None = None,
    lock_timeout: float = 5.0,
    force: bool = False,
    progress: Callable[[Progress], None] | None = None,
    shards: int | None = None,
    replicas: int | None = None,
) -> SyncReport:
    """Make an index follow folders. In a directory, one commit holds all that changed.

    Documents of other folders and of applications stay. The id of a file is the folder's name and its path inside, with
    "/". If a file has several documents, as a mailbox has, that of each is the file's, "//" and the name of the part.
    A folder inside of one that is followed is a part of it. One that has moved is known by its files. An index of another
    analysis or an older format is first built anew from its stored documents.

    Several machines may sync an index in a cluster, at the same time too: a folder is the same if it lies at a path where the
    index knows it, or has its files. Of what two of them find, the later look holds.

    Parameters:
      roots: a folder, or several; None means all that the index follows, in a cluster those of them that are on this machine.
      directory: the index directory, or the address of an index in a cluster. It is created if there is none.
      jobs: worker processes; None means one a processor. With more than one, a script needs the usual
        `if __name__ == "__main__":` guard.
      rebuild: read every file of the folders anew, and do without what is damaged: the report names it. Searches answer from
        the old state meanwhile.
      options: which files count and how they are read, noted for the next time: FolderOptions, or some of them by name
        (FolderChoices) while the others stay as noted. None means all as noted, or as by default.
      lock_timeout: seconds to wait for another writer. In a cluster, none has to wait.
      force: make the index even in a directory that holds other things.
      progress: called with a Progress after each group of files, or of stored documents that are analysed anew.
      shards, replicas: of a new index in a cluster, as for a Writer.

    Returns a SyncReport.

    Raises NaidiError: IndexLocked, IndexDamaged, a root that is no folder, an option with a value of another type, what a Writer
    raises of a cluster and so on; TypeError for an unknown option. An index in a directory is then as it was. In a cluster, what
    was written stays, and the next sync goes on from there.
    """
    if not is_address(directory):
        _check_of_directory(shards, replicas)
        from .folder.sync import sync as sync_directory

        return sync_directory(
            roots,
            directory,
            jobs=jobs,
            rebuild=rebuild,
            options=options,
            lock_timeout=lock_timeout,
            force=force,
            progress=progress,
        )
    address = str(directory)
    _check_of_cluster(address, {"force": force})
    from .opensearch.sync import sync as sync_cluster

    return sync_cluster(
        roots,
        address,
        jobs=jobs,
        rebuild=rebuild,
        options=options,
        progress=progress,
        shards=shards,
        replicas=replicas,
    )


def drop(folder: str | Path, directory: str | Path = "index_data", *, lock_timeout: float = 5.0) -> int:
    """Delete the documents of a folder, and follow it no more.

    Parameters:
      folder: as it was given to `sync`, or another path of the same folder. In a cluster, a path on any machine.
      directory: the index directory, or the address of an index in a cluster.
      lock_timeout: seconds to wait for another writer. In a cluster, none has to wait.

    Returns how many documents were deleted.

    Raises NaidiError if the index follows no such folder, IndexMissing, IndexLocked, what a Writer raises of a cluster and so on.
    """
    if not is_address(directory):
        from .folder.drop import drop as drop_of_directory

        return drop_of_directory(folder, directory, lock_timeout=lock_timeout)
    from .opensearch.drop import drop as drop_of_cluster

    return drop_of_cluster(folder, str(directory))


def upgrade(
    directory: str | Path = "index_data",
    *,
    jobs: int = 1,
    lock_timeout: float = 5.0,
    progress: Callable[[Progress], None] | None = None,
    accept_loss: bool = False,
) -> UpgradeReport:
    """Bring an index up to date: analyse its stored documents anew if another analysis or an older format has made it.

    No folder and no application is needed: texts, titles, dates, paths and meta are stored. Searches answer from the old state
    until the one commit at the end. An index that is up to date is left alone.

    In a cluster, another dictionary makes the words alone anew: documents have nothing of it. Other rules for which words a text
    has make the documents anew; what other writers add meanwhile is lost then.

    Parameters:
      directory: the index directory, or the address of an index in a cluster.
      jobs: worker processes, as for a Writer.
      lock_timeout: seconds to wait for another writer. In a cluster, none has to wait.
      progress: called with a Progress after each group of documents, or of words.
      accept_loss: analyse anew in any case, and do without the documents that are damaged. They are named in the report.

    Returns an UpgradeReport.
    Raises IndexMissing, IndexLocked, IndexOutdated for an index of a later naidi, what a Writer raises of a cluster, and, without
    `accept_loss`, IndexDamaged, which names the damaged documents. The index is then as it was.
    """
    if not is_address(directory):
        from .writing.upgrade import upgrade as upgrade_directory

        return upgrade_directory(
            directory, jobs=jobs, lock_timeout=lock_timeout, progress=progress, accept_loss=accept_loss
        )
    from .opensearch.upgrade import upgrade as upgrade_cluster

    return upgrade_cluster(str(directory), jobs=jobs, progress=progress, anew=accept_loss)


def from_whoosh(
    source: str | Path | Any,
    index: str | Path = "index_data",
    *,
    id: str | None = None,
    title: str | None = None,
    text: str | None = None,
    date: str | None = None,
    zone: str = "UTC",
    indexname: str | None = None,
    trusted: bool = False,
    jobs: int = 1,
    lock_timeout: float = 5.0,
) -> WhooshReport:
    """Add the documents of an index of Whoosh to an index, in one commit. The index of Whoosh is only read.

    What is stored is taken over, and so are the values of sortable fields. The rest cannot be read back; the report names it.

    Parameters:
      source: the directory of the index of Whoosh, or the index, open.
      index: the directory of our index, which may be there already. It must not be that of Whoosh. Or the address of one in a
        cluster.
      id: the field that names documents. None: the unique one; without one, documents are numbered.
      title: the field of titles. None: one that is called so.
      text: the field of texts. None: one that is called so, or the one with most text.
      date: the field of dates. None: one that is called so, or the only one.
      zone: the time zone of moments, of which Whoosh knows none.
      indexname: of an index that is not called "MAIN".
      trusted: unpickle whatever the index holds, as Whoosh does. Without it, classes that are none of Whoosh's are refused.
      jobs, lock_timeout: as for a Writer.

    Returns a WhooshReport.
    Raises IndexMissing if there is no index of Whoosh, IndexDamaged if it cannot be read, IndexProblem if it names classes that are
    not Whoosh's, InvalidSchema for a field that it has not, and what Writer raises. Our index is then as it was.
    """
    from .takeover.from_whoosh import WhooshSource, take_over

    def writer(schema: Schema | None) -> Writer:
        return Writer(index, schema=schema, jobs=jobs, lock_timeout=lock_timeout)

    given = {"id": id, "title": title, "text": text, "date": date}
    return take_over(WhooshSource(source, indexname, trusted), writer, given, zone)
