"""The activity of projects in the metadata database: what people did there, for their colleagues.

Entries of one user and action that follow each other closely are folded into one, so a sweep of
10,000 runs makes a few entries.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import select, tuple_

from weft.server.storage.metadata.database.engine import Transaction
from weft.server.storage.metadata.database.schema import activity, entity, project, run

MAX_OBJECTS: Final = 20
"""The most objects that an entry names; it counts the others."""

MAX_ENTRIES: Final = 1000
"""The most entries of a project; the oldest are deleted."""

FOLD_MICROS: Final = 3_600_000_000
"""An entry is folded into the one before if that was changed within this time."""

FOLD_SPAN_MICROS: Final = 24 * FOLD_MICROS
"""The longest time that one entry covers."""

_LOOKED_AT: Final = 20
"""The newest entries of a project, of which one may take up the next: people work side by side."""

_EXPIRING_EVERY: Final = 50
"""One in so many additions deletes the project's oldest entries."""


class ActivityObject(msgspec.Struct, frozen=True, omit_defaults=True):
    """A thing that an entry is about: a run by its id, a version as `name:v3`.

    Attributes:
        name: its title at that time; empty for a run, whose name is read with the entry.
        type: of an artifact; the kind of a share.
    """

    id: str
    name: str = ""
    type: str = ""


class ActivityDetails(msgspec.Struct, frozen=True, omit_defaults=True):
    """The objects of an entry, the newest first, and the number of all.

    Attributes:
        since_micros: when the first of them happened.
        to: the path to which they were moved or linked.
        note: a word about one object, such as the alias that was moved.
    """

    n: int
    since_micros: int
    objects: list[ActivityObject]
    to: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """An entry.

    Attributes:
        row_id: ascends with the time of the newest change.
        user: empty for a user without an account.
    """

    row_id: int
    entity: str
    project: str
    at_micros: int
    user: str
    action: str
    details: ActivityDetails


class ActivityTable:
    """Adds entries, and reads them from the newest on."""

    def add_entry(
        self,
        tx: Transaction,
        project_id: int,
        at_micros: int,
        user: str,
        action: str,
        details: ActivityDetails,
    ) -> None:
        """Add an entry, or fold it into a recent one of the same user and action.

        No transaction waits for another: an entry that one is folding is left to it. Objects
        beyond `MAX_OBJECTS` are only counted.
        """
        details = msgspec.structs.replace(details, objects=details.objects[:MAX_OBJECTS])
        recent = tx.connection.execute(
            select(activity.c.id, activity.c.user, activity.c.action, activity.c.details)
            .where(
                activity.c.project_id == project_id,
                activity.c.at_micros > at_micros - FOLD_MICROS,
            )
            .order_by(activity.c.id.desc())
            .limit(_LOOKED_AT)
        ).all()
        for row in recent:
            if (row.user, row.action) != (user, action):
                continue
            before = _decode(row.details)
            is_long = before.since_micros <= at_micros - FOLD_SPAN_MICROS
            if before.to == details.to and not is_long and _take(tx, row.id):
                details = _folded(before, details)
                break
        row_id = tx.connection.execute(
            activity.insert()
            .values(
                project_id=project_id,
                at_micros=at_micros,
                user=user,
                action=action,
                object=details.objects[0].id if details.objects else "",
                details=_encode(details).decode(),
            )
            .returning(activity.c.id)
        ).scalar_one()
        if row_id % _EXPIRING_EVERY == 0:
            self.expire(tx, project_id)

    def expire(self, tx: Transaction, project_id: int, n_kept: int = MAX_ENTRIES) -> None:
        """Delete the oldest entries of a project, but for the newest `n_kept`."""
        newest = select(activity.c.id).where(activity.c.project_id == project_id)
        oldest = (
            newest.order_by(activity.c.id.desc()).offset(n_kept).with_for_update(skip_locked=True)
        )
        row_ids = list(tx.connection.execute(oldest).scalars())
        for at in range(0, len(row_ids), MAX_ENTRIES):
            batch = row_ids[at : at + MAX_ENTRIES]
            tx.connection.execute(activity.delete().where(activity.c.id.in_(batch)))

    def page(
        self,
        tx: Transaction,
        project_ids: Collection[int],
        *,
        before_id: int | None,
        limit: int,
    ) -> list[ActivityRow]:
        """Entries of some projects, the newest first, from before a row id."""
        newest = select(activity.c.id).where(activity.c.project_id.in_(project_ids))
        if before_id is not None:
            newest = newest.where(activity.c.id < before_id)
        # Of many projects, ids alone are sorted, which the index has.
        page = newest.order_by(activity.c.id.desc()).limit(limit).subquery()
        query = (
            select(
                activity.c.id,
                entity.c.name,
                project.c.name,
                activity.c.at_micros,
                activity.c.user,
                activity.c.action,
                activity.c.details,
            )
            .join(page, page.c.id == activity.c.id)
            .join(project, project.c.id == activity.c.project_id)
            .join(entity, entity.c.id == project.c.entity_id)
            .order_by(activity.c.id.desc())
        )
        return [ActivityRow(*row[:-1], _decode(row[-1])) for row in tx.connection.execute(query)]

    def run_names(
        self, tx: Transaction, runs: Collection[tuple[str, str, str]]
    ) -> dict[tuple[str, str, str], tuple[str, bool]]:
        """Names of runs, and whether each is in the trash, by entity, project and id."""
        if not runs:
            return {}
        path = (entity.c.name, project.c.name, run.c.run)
        query = (
            select(*path, run.c.name, run.c.trashed_micros.is_not(None))
            .join(project, project.c.id == run.c.project_id)
            .join(entity, entity.c.id == project.c.entity_id)
            .where(tuple_(*path).in_(list(runs)), project.c.trashed_micros.is_(None))
        )
        return {(row[0], row[1], row[2]): (row[3], row[4]) for row in tx.connection.execute(query)}

    def users_of_runs(self, tx: Transaction, row_ids: Sequence[int]) -> dict[int, str]:
        """The users of runs by row id; empty for one that no log names."""
        query = select(run.c.id, run.c.user).where(run.c.id.in_(row_ids))
        return {row[0]: row[1] or "" for row in tx.connection.execute(query)}


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(ActivityDetails).decode


def _take(tx: Transaction, row_id: int) -> bool:
    """Delete an entry to fold it; False if another transaction is changing it."""
    lock: Any = select(activity.c.id).where(activity.c.id == row_id)
    if tx.connection.execute(lock.with_for_update(skip_locked=True)).scalar_one_or_none() is None:
        return False
    tx.connection.execute(activity.delete().where(activity.c.id == row_id))
    return True


def _folded(before: ActivityDetails, new: ActivityDetails) -> ActivityDetails:
    ids = {named.id for named in new.objects}
    others = [named for named in before.objects if named.id not in ids]
    n_again = len(before.objects) - len(others)
    n = before.n + new.n - n_again
    return ActivityDetails(
        n=n,
        since_micros=before.since_micros,
        objects=[*new.objects, *others][:MAX_OBJECTS],
        to=new.to,
        note=new.note if n == 1 else "",
    )
