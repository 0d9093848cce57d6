"""One run of a sync, for any index: which folders, which files, what is read, what goes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence

from ..state.roots import file_id, root_of
from ..writing.reanalyse import Progress
from ..writing.workers import WORKER_BYTES, OrderedWorkers
from .followed import Followed
from .options import FolderChoices, FolderOptions
from .plan import Plan, plan
from .read_group import ReadGroup, Task, read_group
from .rebuild import Rebuild
from .report import SyncReport
from .target import SyncTarget
from .walk import Identity


class SyncRun:
    """One run of a sync."""

    def __init__(
        self,
        target: SyncTarget,
        report: SyncReport,
        progress: Callable[[Progress], None] | None,
        shown: Mapping[str, str],
    ) -> None:
        """Parameters:
        target: the index.
        report: gets what was done.
        progress: called after each group of files.
        shown: absolute path of a folder -> as the user has named it.
        """
        self._target = target
        self._report = report
        self._progress = progress
        self._shown = shown
        self._waiting: deque[Followed] = deque()  # whose groups are being read, in the order of submission
        self._done_files = self._done_bytes = 0

    def run(
        self,
        named: Collection[str] | None,
        options: FolderOptions | FolderChoices | None,
        rebuild: Rebuild | None = None,
    ) -> None:
        """Parameters:
        named: absolute paths of the folders; None means all that are known.
        options: for each of the folders; None means as noted.
        rebuild: what the old state has stored, if a local index is built anew.
        """
        target, report = self._target, self._report
        planned = plan(None if named is None else list(named), target.roots, target.notes)
        self._say(planned)
        for before, now in planned.moved:
            target.move(before, now)
        anew = rebuild is not None and rebuild.anew
        seen: set[Identity] = set()
        folders = [
            Followed(
                *(root, self._shown.get(root, root), target.directory, target.roots),
                *({} if anew else target.notes(root), seen, options),
            )
            for root in planned.roots
        ]
        if rebuild is not None:
            rebuild.carry_over(set(planned.roots))
        target.begin(folders)
        ids = target.origins([*planned.roots, *(root for root in planned.replaced if root in target.roots)])
        for root in planned.replaced:
            self._forget(root, ids)
        self._read(folders, ids)
        if rebuild is not None:
            rebuild.keep_unseen(folders)
        for folder in folders:
            if folder.finish(target.delete, ids, report):
                target.note(folder)
        target.finish()
        if rebuild is not None:
            rebuild.report_losses(folders, report)

    def _say(self, planned: Plan) -> None:
        report = self._report
        report.roots, report.missing, report.moved, report.joined = (
            list(planned.roots),
            planned.missing,
            planned.moved,
            planned.joined,
        )

    def _forget(self, root: str, ids: dict[str, bool]) -> None:
        """Take a folder and its documents out, if the index has followed it."""
        roots = self._target.roots
        if root not in roots:
            return
        ours = [doc_id for doc_id, synced in ids.items() if synced and root_of(doc_id, roots) == root]
        self._target.forget(root, ours)
        for doc_id in ours:
            del ids[doc_id]

    def _read(self, folders: Sequence[Followed], ids: Mapping[str, bool]) -> None:
        file_ids = {file_id(doc_id) for doc_id, synced in ids.items() if synced}
        outdated = self._target.outdated(folders)
        groups = [
            (folder, group) for folder in folders for group in folder.groups(ids, file_ids, outdated, self._report)
        ]
        sizes = [task.size for _, group in groups for task in group]
        self._total_files, self._total_bytes = len(sizes), sum(sizes)
        # Worker processes take a tenth of a second to start, and longer to load dictionaries. For little text they do not pay.
        many = self._total_bytes >= WORKER_BYTES
        workers: OrderedWorkers[list[Task], ReadGroup] = OrderedWorkers(read_group, self._target.pool if many else 1)
        for folder, group in groups:
            self._waiting.append(folder)
            for result in workers.put(group):
                self._take(result)
        for result in workers.drain():
            self._take(result)

    def _take(self, group: ReadGroup) -> None:
        folder = self._waiting.popleft()
        self._target.add(folder, group)
        for outcome in group.outcomes:
            folder.take(outcome, self._report)
            self._done_files += 1
            self._done_bytes += outcome.note.size
        if self._progress is not None:
            self._progress(Progress(self._done_files, self._done_bytes, self._total_files, self._total_bytes))
