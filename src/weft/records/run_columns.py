"""The columns that every run has, apart from its config, summary and writers. Pure.

`RUN_COLUMNS` is the one list of them: for filters, orders and groups, SQL, and the web app. The
expression that reads a column from metadata is in `weft.server.storage.metadata.runs.columns`; how
wide it is in the table, in `web/src/data/table/columns.ts`. Tests and the compiler ask for both.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

ColumnKind = Literal["text", "texts", "time", "seconds", "any"]
"""The kind of a column: `texts` has several texts, `time` is µs since 1970, `any` any value."""


class RunColumn(NamedTuple):
    """A column that every run has.

    Attributes:
        title: its name for people.
        is_searched: whether the search field of a list of runs looks there.
        is_edited: whether people can change it.
    """

    kind: ColumnKind
    title: str
    is_searched: bool = False
    is_edited: bool = False


RUN_COLUMNS: Final[dict[str, RunColumn]] = {
    "id": RunColumn("text", "Id", is_searched=True),
    "name": RunColumn("text", "Name", is_searched=True, is_edited=True),
    "notes": RunColumn("text", "Notes", is_searched=True, is_edited=True),
    "tags": RunColumn("texts", "Tags", is_searched=True, is_edited=True),
    "group": RunColumn("text", "Group", is_searched=True, is_edited=True),
    "job_type": RunColumn("text", "Job type", is_searched=True, is_edited=True),
    "sweep": RunColumn("text", "Sweep"),
    "user": RunColumn("text", "User"),
    "edited_by": RunColumn("text", "Edited by"),
    "locked_by": RunColumn("text", "Locked by"),
    "state": RunColumn("text", "State"),
    "reason": RunColumn("text", "Reason"),
    "host": RunColumn("text", "Host"),
    "created": RunColumn("time", "Created"),
    "started": RunColumn("time", "Started"),
    "arrived": RunColumn("time", "Arrived"),
    "ended": RunColumn("time", "Ended"),
    "heartbeat": RunColumn("time", "Heard of"),
    "locked": RunColumn("time", "Locked"),
    "runtime": RunColumn("seconds", "Runtime"),
    "used": RunColumn("texts", "Used artifacts"),
    "logged": RunColumn("texts", "Logged artifacts"),
}
"""Columns of runs by the names that filters use."""

ARTIFACT_COLUMNS: Final = ("used", "logged")
"""The versions of artifacts that a run used, and those that it logged."""

EDITED_COLUMNS: Final = tuple(name for name, column in RUN_COLUMNS.items() if column.is_edited)


def columns_of_kind(*kinds: ColumnKind) -> tuple[str, ...]:
    """The columns with one of these kinds.

    >>> columns_of_kind("texts", "seconds")
    ('tags', 'runtime', 'used', 'logged')
    """
    return tuple(name for name, column in RUN_COLUMNS.items() if column.kind in kinds)
