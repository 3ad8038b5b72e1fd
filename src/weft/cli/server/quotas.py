"""`weft server quota …`, on a running server or without one."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from weft.cli.server.held_data import HeldServer
from weft.cli.text_table import format_table
from weft.errors import UsageError
from weft.records.sizes import parse_size, shown_size
from weft.server.services.access import LOCAL, ProjectPath
from weft.wire.server.usage import (
    EntityUsage,
    QuotaEdit,
    get_usage,
    set_entity_quota,
    set_project_quota,
)

NO_LIMIT = "none"


class Quotas(HeldServer):
    """The quotas of the entities and projects of one server."""

    def show(self, entity: str) -> int:
        """Print what an entity and its projects take and may take; return the exit code."""
        return self._print(
            self.do(
                lambda client: client.call(get_usage, entity),
                lambda services: services.usage.get(LOCAL, entity),
            )
        )

    def set(self, owner: str, n_bytes: str | None, n_runs: str | None) -> int:
        """Set the bytes and runs of an entity, or of a project of it; return the exit code."""
        if n_bytes is None and n_runs is None:
            raise UsageError("give --bytes or --runs, or both")
        edit = QuotaEdit(quota_bytes=_bytes(n_bytes), quota_runs=_count(n_runs))
        entity, slash, project = owner.partition("/")
        if not slash:
            usage = self.do(
                lambda client: client.call(set_entity_quota, entity, edit),
                lambda services: services.usage.set_entity_quota(LOCAL, entity, edit),
            )
            return self._print(usage)
        path = ProjectPath(entity, project).check()
        usage = self.do(
            lambda client: client.call(set_project_quota, entity, project, edit),
            lambda services: services.usage.set_project_quota(LOCAL, path, edit),
        )
        return self._print(usage)

    def _print(self, usage: EntityUsage) -> int:
        rows = [
            [
                name,
                f"{part.n_runs:,}",
                "-" if part.quota_runs is None else f"{part.quota_runs:,}",
                shown_size(part.n_bytes),
                "-" if part.quota_bytes is None else shown_size(part.quota_bytes),
            ]
            for name, part in [
                (usage.entity, usage),
                *((f"{usage.entity}/{part.project}", part) for part in usage.projects),
            ]
        ]
        text = format_table(["of", "runs", "at most", "size", "at most"], rows)
        return self.report(usage, text, *([] if usage.warning is None else [usage.warning]))


def _bytes(text: str | None) -> int | UnsetType | None:
    if text is None:
        return UNSET
    return None if text == NO_LIMIT else parse_size(text)


def _count(text: str | None) -> int | UnsetType | None:
    if text is None:
        return UNSET
    if text == NO_LIMIT:
        return None
    if not text.isdecimal():
        raise UsageError(f"invalid number of runs: {text!r}; write 500, or none")
    return int(text)
