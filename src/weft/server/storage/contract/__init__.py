"""The contract of metric stores: queries, and the guarantees of every engine.

`store.MetricStore` receives batches (`rows`) and queries (`queries`) from `server.services`
and gives `answers`; each engine (embedded SQLite files, later ClickHouse) implements it and passes
the shared contract tests. `engine.MetricEngine` opens stores, and freezes and verifies them.
"""

from weft.server.storage.contract.answers import (
    ColumnBatch,
    ConsoleStream,
    JoinedRow,
    KeyInfo,
    KeyPage,
    KeyTotal,
    Latest,
    NonFinite,
    ObjectPoint,
    ObjectPosition,
    Origin,
    Points,
    RunEnd,
    RunUsage,
    Series,
    Usage,
)
from weft.server.storage.contract.engine import (
    Advance,
    Backlog,
    Fault,
    FrozenStore,
    MetricEngine,
    RawRows,
    RawRun,
    RowSpans,
    Unowned,
)
from weft.server.storage.contract.queries import (
    BY_STEP,
    MIN_BUCKETS,
    Axis,
    AxisSpec,
    Bases,
    Lineage,
    SeriesQuery,
    Source,
    StepMetric,
)
from weft.server.storage.contract.rows import (
    Batch,
    Column,
    ConsoleLine,
    Float64,
    Int64,
    RowBlock,
    Steps,
    StreamPosition,
)
from weft.server.storage.contract.store import Freeze, MetricStore, TextSearch, UnbrokenFreeze
from weft.server.storage.contract.times import Histogram, MoveTimes
