"""The contract of metadata: everything about runs except their points.

`MetadataStore` opens the database (SQLite or PostgreSQL, by URL), begins transactions, and states
what both guarantee. Operations are methods of its subjects, and take a transaction:

projects, views             projects, and saved workspaces
reports                     reports: drafts as logs of updates, versions and their figures;
                            `report_images`; `report_lists`: of several projects;
                            `report_texts`: searches, stars
comments                    comments on reports, and notifications of them
people/                     users, teams, keys, sessions, roles, and what people did
sweeps                      hyper-parameter searches, their agents and trials;
                            `sweep_trials`: pages of a table of them
runs/                       the runs' own rows, the logs that write each (`writers`), config and
                            summary (`fields`, one row per leaf path), definitions of metrics and
                            records without a table (`definitions`), rows that a fork shows
                            (`sources`), columns for filters, orders and groups (`columns`,
                            `path_sets`)
files/                      which blob is at which path of a run, and which blobs are needed
artifacts/                  collections with their aliases, versions, their files, chunks, uses and
                            links, versions that get the files of others (`assemblies`), registries
removal/                    what was deleted or moved, and what metric files still have of it
archive/                    rows as plain values, and marks of imports in progress
database/                   the tables and transactions on which all others stand; leases of work
                            that one of several servers does

`copy_metadata`, `dump_metadata`, `load_metadata` and `verify_metadata` take the whole database.

Code outside imports what this package exports, never the modules inside it or SQLAlchemy
(`make layers`). Of a transaction it calls only `after_commit`. The history of the tables is in
`migrations`.
"""

from weft.server.storage.metadata.archive.imports import ImportMark
from weft.server.storage.metadata.artifacts.assemblies import AssemblyRow
from weft.server.storage.metadata.artifacts.chunks import ArtifactChunkRow
from weft.server.storage.metadata.artifacts.collections import CollectionRow
from weft.server.storage.metadata.artifacts.files import ArtifactFileRow, Change
from weft.server.storage.metadata.artifacts.links import LinkPlace, LinkRequestRow, LinkRow
from weft.server.storage.metadata.artifacts.registries import RegistryRow
from weft.server.storage.metadata.artifacts.uses import NodeRow, UseRow
from weft.server.storage.metadata.artifacts.versions import ArtifactRow
from weft.server.storage.metadata.comments import CommentRow, NotificationRow
from weft.server.storage.metadata.database.changes import MAX_NOTICE_BYTES, PARTS, ChangeLog, Part
from weft.server.storage.metadata.database.engine import MetadataUnavailable, Transaction
from weft.server.storage.metadata.database.fence import Lease, LeaseLost, fenced
from weft.server.storage.metadata.database.leases import LeaseRow
from weft.server.storage.metadata.database.schema import HEAD as DATABASE_REVISION
from weft.server.storage.metadata.database.values import cell_from_value, clean_text
from weft.server.storage.metadata.database.write_gate import is_writing
from weft.server.storage.metadata.dump import (
    DATABASE_NAME,
    DUMP_NAME,
    copy_metadata,
    dump_metadata,
    load_metadata,
)
from weft.server.storage.metadata.files.contents import AwaitedFile, LackedRow
from weft.server.storage.metadata.files.files import Announced, FileRow, FileState
from weft.server.storage.metadata.files.removals import lock_number
from weft.server.storage.metadata.look import DatabaseState, look_at_database
from weft.server.storage.metadata.people.accounts import AccountRow, PictureRow
from weft.server.storage.metadata.people.activity import (
    ActivityDetails,
    ActivityObject,
    ActivityRow,
)
from weft.server.storage.metadata.people.audit import AuditFilter, AuditRow
from weft.server.storage.metadata.people.directory import DirectoryRows
from weft.server.storage.metadata.people.invitations import InvitationRow
from weft.server.storage.metadata.people.keys import KeyRow
from weft.server.storage.metadata.people.project_access import ProjectAccessRow
from weft.server.storage.metadata.people.sessions import SessionRow
from weft.server.storage.metadata.people.shares import NewShare, ShareRow
from weft.server.storage.metadata.people.sign_in import FailureCount, LoginCode
from weft.server.storage.metadata.people.teams import MemberRow, TeamRow
from weft.server.storage.metadata.people.users import UserRow, UserScope
from weft.server.storage.metadata.projects import ProjectRow
from weft.server.storage.metadata.removal.retention import EndedRun
from weft.server.storage.metadata.removal.tombstones import PendingMetrics, Tombstone
from weft.server.storage.metadata.removal.trash import PERMANENT, TrashedProjectRow, TrashedRunRow
from weft.server.storage.metadata.report_images import ReportImageRow
from weft.server.storage.metadata.report_lists import ReportScope, ReportState
from weft.server.storage.metadata.report_texts import ReportPart, ReportText
from weft.server.storage.metadata.reports import (
    NewReport,
    ReportFigureRow,
    ReportRow,
    ReportUpdate,
    ReportVersionRow,
)
from weft.server.storage.metadata.runs.column_saves import BegunSave
from weft.server.storage.metadata.runs.columns import (
    BIG_INT,
    BOOL,
    FLOAT,
    INT,
    MAX_CELL_CHARS,
    MISSING_KIND,
    NONE,
    NONFINITE,
    OTHER,
    TEXT,
    BaseRow,
    FieldRoot,
    Row,
)
from weft.server.storage.metadata.runs.definitions import (
    GoalRules,
    HiddenMetrics,
    KeptRecord,
    StepMetrics,
)
from weft.server.storage.metadata.runs.field_rows import REMOVE, FieldChange, Scope
from weft.server.storage.metadata.runs.fields import LoggedPut
from weft.server.storage.metadata.runs.grouped import Job
from weft.server.storage.metadata.runs.path_sets import ROOTS
from weft.server.storage.metadata.runs.runs import OPEN_STATES, NewRun, RunRef, RunRow
from weft.server.storage.metadata.runs.writers import WriterRow
from weft.server.storage.metadata.store import MetadataStore
from weft.server.storage.metadata.sweep_trials import TrialEntry, TrialOrder, TrialQuery
from weft.server.storage.metadata.sweeps import AgentRow, NewSweep, PriorRun, SweepRow, SweepTable
from weft.server.storage.metadata.table_copy import copy_tables, is_unused, n_rows_of
from weft.server.storage.metadata.verify import verify_metadata
from weft.server.storage.metadata.views import NewView, ViewRow
