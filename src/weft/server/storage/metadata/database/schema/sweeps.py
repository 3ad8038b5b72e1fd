"""Sweeps, their agents and trials. Pure.

`n_changes` counts the changes of a sweep, its agents and trials; a trial has the count of its last
one, so that a server reads only what changed at others.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from weft.records.limits import MAX_ID_BYTES
from weft.server.storage.metadata.database.schema.base import (
    MAX_STATE_CHARS,
    ROW_ID,
    metadata,
    reference,
    row_id,
)

sweep: Final = Table(
    "sweep",
    metadata,
    row_id(),
    reference("project_id", "project"),
    Column("sweep", String(MAX_ID_BYTES), nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("config", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("state", String(MAX_STATE_CHARS), nullable=False),
    Column("error", Text),
    Column("run_cap", BigInteger),
    Column("prior", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("next_number", BigInteger, nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Column("edited_micros", BigInteger, nullable=False),
    Column("ended_micros", BigInteger),
    Column("edited_by", String(MAX_ID_BYTES), nullable=False, server_default=""),
    Column("n_changes", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("project_id", "sweep"),
    Index(None, "state"),
    comment="config: JSON, as given; prior: JSON list of the parameters and values of runs "
    "from before; next_number: of the next trial",
)

sweep_agent: Final = Table(
    "sweep_agent",
    metadata,
    row_id(),
    reference("sweep_id", "sweep"),
    Column("agent", String(MAX_ID_BYTES), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", BigInteger, nullable=False),
    Column("user", Text, nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Column("heartbeat_micros", BigInteger, nullable=False),
    Column("has_left", Boolean, nullable=False),
    UniqueConstraint("sweep_id", "agent"),
    comment="agent: an id that it made; number: counted from 1 in its sweep",
)

sweep_trial: Final = Table(
    "sweep_trial",
    metadata,
    reference("sweep_id", "sweep", primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("run", String(MAX_ID_BYTES), nullable=False),
    Column("agent_id", ROW_ID, ForeignKey("sweep_agent.id", ondelete="SET NULL")),
    Column("parameters", Text, nullable=False),
    Column("state", String(MAX_STATE_CHARS), nullable=False),
    Column("resumes", Boolean, nullable=False),
    Column("stopped_early", Boolean, nullable=False),
    Column("metric_values", Text),
    Column("loss", Float(53)),
    Column("error", Text),
    Column("given_micros", BigInteger, nullable=False),
    Column("ended_micros", BigInteger),
    Column("n_changes", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("sweep_id", "run"),
    Index(None, "agent_id"),
    Index(None, "sweep_id", "state"),
    Index(None, "sweep_id", "loss"),
    Index(None, "sweep_id", "n_changes"),
    comment="state: queued, given, finished or failed; parameters: JSON; metric_values: JSON "
    "list, one number per metric of the sweep; loss: of the only metric, less is better",
)
