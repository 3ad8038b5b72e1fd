"""The metadata store: opens the database and groups its tables by subject. Does I/O.

Services begin a transaction and pass it to the tables' methods, so that related changes are
committed together:

    with store.write() as tx:
        project_id = store.projects.make(tx, "local", "mnist", now)
        store.runs.create(tx, "local", "mnist", project_id, [NewRun("ab12cd34", ...)])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from weft.server.storage.metadata.archive.artifacts import ArchivedArtifactTable
from weft.server.storage.metadata.archive.imports import ImportTable
from weft.server.storage.metadata.archive.reports import ArchivedReportTable
from weft.server.storage.metadata.archive.runs import ArchiveTable
from weft.server.storage.metadata.archive.sweeps import ArchivedSweepTable
from weft.server.storage.metadata.artifacts.assemblies import ArtifactAssemblyTable
from weft.server.storage.metadata.artifacts.chunks import ArtifactChunkTable
from weft.server.storage.metadata.artifacts.collections import CollectionTable
from weft.server.storage.metadata.artifacts.files import ArtifactFileTable
from weft.server.storage.metadata.artifacts.links import LinkTable
from weft.server.storage.metadata.artifacts.registries import RegistryTable
from weft.server.storage.metadata.artifacts.uses import ArtifactUseTable
from weft.server.storage.metadata.artifacts.versions import ArtifactTable
from weft.server.storage.metadata.comments import CommentTable
from weft.server.storage.metadata.database.changes import OthersChanges
from weft.server.storage.metadata.database.engine import Database, Transaction
from weft.server.storage.metadata.database.leases import LeaseTable, read_micros
from weft.server.storage.metadata.files.content_sizes import ContentSizeTable
from weft.server.storage.metadata.files.contents import ContentTable
from weft.server.storage.metadata.files.draft_pieces import DraftPieceTable
from weft.server.storage.metadata.files.files import FileTable
from weft.server.storage.metadata.files.quotas import QuotaTable
from weft.server.storage.metadata.files.removals import RemovalTable
from weft.server.storage.metadata.people.accounts import AccountTable
from weft.server.storage.metadata.people.activity import ActivityTable
from weft.server.storage.metadata.people.audit import AuditTable
from weft.server.storage.metadata.people.directory import DirectoryTable
from weft.server.storage.metadata.people.invitations import InvitationTable
from weft.server.storage.metadata.people.keys import KeyTable
from weft.server.storage.metadata.people.project_access import ProjectAccessTable
from weft.server.storage.metadata.people.service_accounts import ServiceAccountTable
from weft.server.storage.metadata.people.sessions import SessionTable
from weft.server.storage.metadata.people.shares import ShareTable
from weft.server.storage.metadata.people.sign_in import SignInTable
from weft.server.storage.metadata.people.teams import TeamTable
from weft.server.storage.metadata.people.users import UserTable
from weft.server.storage.metadata.projects import ProjectTable
from weft.server.storage.metadata.removal.moves import MoveTable
from weft.server.storage.metadata.removal.retention import RetentionTable
from weft.server.storage.metadata.removal.tombstones import TombstoneTable
from weft.server.storage.metadata.removal.trash import TrashTable
from weft.server.storage.metadata.report_images import ReportImageTable
from weft.server.storage.metadata.report_lists import ReportListTable
from weft.server.storage.metadata.report_texts import ReportStarTable, ReportTextTable
from weft.server.storage.metadata.reports import ReportTable
from weft.server.storage.metadata.runs.column_saves import ColumnSaveTable
from weft.server.storage.metadata.runs.columns import RunColumnTable
from weft.server.storage.metadata.runs.definitions import DefinitionTable, KeptRecordTable
from weft.server.storage.metadata.runs.fields import FieldTable
from weft.server.storage.metadata.runs.grouped import GroupedWrites, Job
from weft.server.storage.metadata.runs.path_sets import PathSetTable
from weft.server.storage.metadata.runs.runs import RunTable
from weft.server.storage.metadata.runs.sources import SourceTable
from weft.server.storage.metadata.runs.writers import WriterTable
from weft.server.storage.metadata.settings import SettingTable
from weft.server.storage.metadata.sweep_trials import SweepTrialTable
from weft.server.storage.metadata.sweeps import SweepTable
from weft.server.storage.metadata.upgrade import refusal_of_tables, upgrade
from weft.server.storage.metadata.views import ViewTable


class MetadataStore:
    """All metadata of one server, in SQLite or PostgreSQL. Thread-safe.

    Guarantees on both databases, each checked by `tests/contract`:
        MD1  Changes made in a `write` block that ends without an exception survive a kill of the
             process and a loss of power. Changes made in any other block are never seen, except
             that an empty project that it made may stay.
        MD2  `write` blocks that read one run with `for_update` take turns: from that read to its
             end, a block sees no change of the run by others.
        MD3  Of two changes of a path or column, the one with the later stamp wins, in whatever
             order they arrive and however often.
        MD4  Every value that a config can have is read back unchanged: kind, precision, NaN.
        MD5  Whatever a `write` block changed of a run is in `changes` before the block is left;
             after a `read_changes`, also what blocks of other processes did before it.
        MD6  A run's saved path set always matches its fields.
        MD7  A block sees every change that was committed before it began, and a `snapshot` block
             none that was committed later.
        MD8  What a block registers with `after_commit` runs in order, once its changes are durable
             and before it is left; or never, if the block fails.
        MD9  Jobs of one `write_together` are durable when it returns. One that fails changes
             nothing, and no other job fails with it.
        MD10 The row id of a project, run or report is never given to another one.
        MD11 A block whose database fails raises `MetadataUnavailable` and changes nothing. Blocks
             work again as soon as the database does.
        MD12 Texts that decide which change wins or where a page continues are ordered by code
             point.
        MD13 Thread-safe: any method from any thread. A transaction belongs to the thread that
             began it.
        MD14 A lease has one owner at a time. A block that holds one fails if it was taken by
             another owner before, and none takes it before the block ends.
        MD15 A database that has the name of a `column_saves` save lists each change of runs since
             its mark, and has all that was committed before `finish`; also one restored from a
             backup.

    SQLite runs one `write` block at a time; the others wait for it. PostgreSQL runs them at once,
    and they wait for runs that another one has locked.
    """

    def __init__(self, url: str) -> None:
        """Open a database by its SQLAlchemy URL and migrate its tables."""
        self._database = Database(url)
        try:
            upgrade(self._database)
        except BaseException:
            self._database.close()
            raise
        self.changes = self._database.changes
        self.read_changes()
        self._grouped = GroupedWrites(self._database.write)
        self.projects = ProjectTable()
        self.runs = RunTable()
        self.writers = WriterTable()
        self.fields = FieldTable()
        self.run_columns = RunColumnTable()
        self.path_sets = PathSetTable()
        self.column_saves = ColumnSaveTable()
        self.definitions = DefinitionTable()
        self.kept_records = KeptRecordTable()
        self.sources = SourceTable()
        self.files = FileTable()
        self.collections = CollectionTable()
        self.artifacts = ArtifactTable()
        self.artifact_files = ArtifactFileTable()
        self.artifact_chunks = ArtifactChunkTable()
        self.artifact_uses = ArtifactUseTable()
        self.artifact_assemblies = ArtifactAssemblyTable()
        self.links = LinkTable()
        self.registries = RegistryTable()
        self.sweeps = SweepTable()
        self.sweep_trials = SweepTrialTable()
        self.contents = ContentTable()
        self.content_sizes = ContentSizeTable()
        self.removals = RemovalTable()
        self.draft_pieces = DraftPieceTable()
        self.quotas = QuotaTable()
        self.tombstones = TombstoneTable()
        self.trash = TrashTable()
        self.moves = MoveTable()
        self.retention = RetentionTable()
        self.views = ViewTable()
        self.reports = ReportTable()
        self.comments = CommentTable()
        self.report_texts = ReportTextTable()
        self.report_stars = ReportStarTable()
        self.report_lists = ReportListTable()
        self.report_images = ReportImageTable()
        self.shares = ShareTable()
        self.users = UserTable()
        self.directory = DirectoryTable()
        self.audit = AuditTable()
        self.activity = ActivityTable()
        self.keys = KeyTable()
        self.service_accounts = ServiceAccountTable()
        self.accounts = AccountTable()
        self.sessions = SessionTable()
        self.sign_in = SignInTable()
        self.invitations = InvitationTable()
        self.teams = TeamTable()
        self.project_access = ProjectAccessTable()
        self.archive = ArchiveTable()
        self.archived_artifacts = ArchivedArtifactTable()
        self.archived_sweeps = ArchivedSweepTable()
        self.archived_reports = ArchivedReportTable()
        self.imports = ImportTable()
        self.leases = LeaseTable()
        self.settings = SettingTable()

    @property
    def is_shared(self) -> bool:
        """Whether other processes may write to the database, too: PostgreSQL."""
        return self._database.is_shared

    @property
    def n_change_reads(self) -> int:
        """The number of completed calls of `read_changes`."""
        return self._database.n_change_reads

    def now_micros(self) -> int:
        """The time by the database's own clock, in µs since 1970 UTC."""
        with self.read() as tx:
            return read_micros(tx)

    def connections(self) -> dict[str, int]:
        """The number of connections to the database by state: in use, or idle in the pool."""
        return self._database.connections()

    def read(self) -> AbstractContextManager[Transaction]:
        """A transaction that only reads. In PostgreSQL each of its statements sees what is
        committed by then, and no lock outlasts one.
        """
        return self._database.read()

    def refusal_of_tables(self) -> str | None:
        """Why this weft can no longer work with the tables, which a later one has changed; None
        if it can.
        """
        with self.read() as tx:
            return refusal_of_tables(tx)

    def holding(self) -> AbstractContextManager[Transaction]:
        """A transaction for locks, which it holds until its end."""
        return self._database.holding()

    def snapshot(self) -> AbstractContextManager[Transaction]:
        """A transaction that only reads and sees one unchanging state."""
        return self._database.snapshot()

    def write(self) -> AbstractContextManager[Transaction]:
        """A transaction that may write."""
        return self._database.write()

    def write_together(self, jobs: Sequence[Job]) -> list[Any]:
        """Run changes in one transaction with those of other callers; see `GroupedWrites.run`."""
        return self._grouped.run(jobs)

    def refuse_writes(self, reason: str) -> None:
        """Have `write` of other threads raise Unavailable until `accept_writes`; return once none
        of them is in such a block.
        """
        self._database.gate.close(reason)

    def accept_writes(self) -> None:
        """Undo `refuse_writes`."""
        self._database.gate.open()

    def on_shared(self, call: Callable[[], None]) -> None:
        """Have a function called after each commit that other servers have to know of."""
        self._database.on_shared = call

    def send_notices(self, texts: Sequence[str]) -> None:
        """Send texts of at most `MAX_NOTICE_BYTES` to the other servers. They may be lost."""
        self._database.send_notices(texts)

    def wait_for_notices(self, secs: float) -> list[str]:
        """The texts of others since the last call; waits for the first, at most so long. Call it
        from one thread.
        """
        return self._database.wait_for_notices(secs)

    def read_changes(self) -> OthersChanges:
        """Note in `changes` what other processes have changed since the last call, and return it.
        Call it from one thread at a time.
        """
        return self._database.read_changes()

    def close(self) -> None:
        """Close the connections."""
        self._database.close()
