"""The contract of metadata: everything about runs except their points.

`MetadataStore` opens the database (SQLite or PostgreSQL, by URL), begins transactions, and states
what both guarantee. Operations are methods of its subjects, and take a transaction:

projects, runs, writers     projects, the runs' own rows, the logs that write each run
fields                      config and summary, one row per leaf path
definitions, kept_records   definitions of metrics, and records that have no table of their own
sources                     which rows of other runs a fork or a rewound run shows
run_columns, path_sets      columns over all runs of a project, for filters, orders and groups
files, contents             which blob is at which path of a run, and which blobs are needed
collections, artifacts      collections of artifacts with their aliases, and their versions
artifact_files              which blob is at which path of a version
artifact_chunks             which blobs the large ones of these files consist of
artifact_assemblies         versions that get the files of others
artifact_uses               which runs logged and used which versions
registries, links           registries with their members, and versions that point to others
sweeps                      hyper-parameter searches, their agents and trials
views                       saved workspaces
users                       who has an account, and the hashes of their keys
trash, tombstones, moves    what was deleted or moved, and what metric files still have of it
archive, archived_artifacts, archived_sweeps
                            rows as plain values
imports                     marks of imports in progress

`copy_metadata`, `dump_metadata`, `load_metadata` and `verify_metadata` take the whole database.

Code outside imports what this package exports, never the modules inside it or SQLAlchemy
(`make layers`). Of a transaction it calls only `after_commit`. Tables are in `schema`, and their
history is in `migrations`.
"""

from __future__ import annotations

from weft.server.storage.metadata.artifact_assemblies import AssemblyRow
from weft.server.storage.metadata.artifact_chunks import ArtifactChunkRow
from weft.server.storage.metadata.artifact_collections import CollectionRow
from weft.server.storage.metadata.artifact_files import ArtifactFileRow, Change, ChangedFileRow
from weft.server.storage.metadata.artifact_links import LinkPlace, LinkRequestRow, LinkRow
from weft.server.storage.metadata.artifact_uses import NodeRow, UseRow
from weft.server.storage.metadata.artifacts import ArtifactRow
from weft.server.storage.metadata.changes import PARTS, ChangeLog, Part
from weft.server.storage.metadata.contents import AwaitedFile, LackedRow
from weft.server.storage.metadata.definitions import (
    GoalRules,
    HiddenMetrics,
    KeptRecord,
    StepMetrics,
)
from weft.server.storage.metadata.dump import (
    DATABASE_NAME,
    DUMP_NAME,
    copy_metadata,
    dump_metadata,
    load_metadata,
)
from weft.server.storage.metadata.engine import MetadataUnavailable, Transaction
from weft.server.storage.metadata.field_rows import REMOVE, FieldChange, Scope
from weft.server.storage.metadata.fields import LoggedPut
from weft.server.storage.metadata.files import Announced, FileRow, FileState
from weft.server.storage.metadata.grouped import Job
from weft.server.storage.metadata.imports import ImportMark
from weft.server.storage.metadata.moves import Move
from weft.server.storage.metadata.path_sets import ROOTS
from weft.server.storage.metadata.projects import ProjectRow
from weft.server.storage.metadata.registries import RegistryRow
from weft.server.storage.metadata.run_columns import (
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
from weft.server.storage.metadata.runs import OPEN_STATES, NewRun, RunRef, RunRow
from weft.server.storage.metadata.store import MetadataStore
from weft.server.storage.metadata.sweeps import (
    AgentRow,
    NewSweep,
    PriorRun,
    SweepRow,
    SweepTable,
    TrialCounts,
)
from weft.server.storage.metadata.tombstones import PendingMetrics, Tombstone
from weft.server.storage.metadata.trash import PERMANENT, TrashedProjectRow, TrashedRunRow
from weft.server.storage.metadata.users import KeyRow, UserRow
from weft.server.storage.metadata.values import cell_from_value, clean_text
from weft.server.storage.metadata.verify import verify_metadata
from weft.server.storage.metadata.views import NewView, ViewRow
from weft.server.storage.metadata.writers import WriterRow

__all__ = [
    "BIG_INT",
    "BOOL",
    "DATABASE_NAME",
    "DUMP_NAME",
    "FLOAT",
    "INT",
    "MAX_CELL_CHARS",
    "MISSING_KIND",
    "NONE",
    "NONFINITE",
    "OPEN_STATES",
    "OTHER",
    "PARTS",
    "PERMANENT",
    "REMOVE",
    "ROOTS",
    "TEXT",
    "AgentRow",
    "Announced",
    "ArtifactChunkRow",
    "ArtifactFileRow",
    "ArtifactRow",
    "AssemblyRow",
    "AwaitedFile",
    "BaseRow",
    "Change",
    "ChangeLog",
    "ChangedFileRow",
    "CollectionRow",
    "FieldChange",
    "FieldRoot",
    "FileRow",
    "FileState",
    "GoalRules",
    "HiddenMetrics",
    "ImportMark",
    "Job",
    "KeptRecord",
    "KeyRow",
    "LackedRow",
    "LinkPlace",
    "LinkRequestRow",
    "LinkRow",
    "LoggedPut",
    "MetadataStore",
    "MetadataUnavailable",
    "Move",
    "NewRun",
    "NewSweep",
    "NewView",
    "NodeRow",
    "Part",
    "PendingMetrics",
    "PriorRun",
    "ProjectRow",
    "RegistryRow",
    "Row",
    "RunRef",
    "RunRow",
    "Scope",
    "StepMetrics",
    "SweepRow",
    "SweepTable",
    "Tombstone",
    "Transaction",
    "TrashedProjectRow",
    "TrashedRunRow",
    "TrialCounts",
    "UseRow",
    "UserRow",
    "ViewRow",
    "WriterRow",
    "cell_from_value",
    "clean_text",
    "copy_metadata",
    "dump_metadata",
    "load_metadata",
    "verify_metadata",
]
