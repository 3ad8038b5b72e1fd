"""Rules by which old media, console lines, files and runs of a project go by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from weft.errors import NotFound
from weft.server.services.access.actors import SYSTEM, Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.files.service import FileService
from weft.server.services.removal.deleting import delete_runs, publish
from weft.server.services.stores.audit import MAX_LISTED
from weft.server.services.stores.stores import Service, Stores
from weft.server.storage.metadata import EndedRun, Transaction
from weft.wire.server.usage import RetentionPart, RetentionPreview, RetentionRules

_DAY_MICROS: Final = 86_400_000_000
_MAX_PARTS: Final = 1000
_MAX_RUNS_AT_ONCE: Final = 1000
_NEVER: Final = RetentionRules()

_decode: Final = msgspec.json.Decoder(RetentionRules).decode


class RetentionService(Service):
    """Reads, sets and tries the rules of projects."""

    def get(self, actor: Actor, path: ProjectPath) -> RetentionRules:
        require(actor, Action.READ, path)
        with self._stores.metadata.read() as tx:
            return _rules(self._stores, tx, self._project(tx, path))

    def set(self, actor: Actor, path: ProjectPath, rules: RetentionRules) -> RetentionPreview:
        """Set the rules of a project, and return all that goes by them now."""
        require(actor, Action.ADMIN, path)
        stores = self._stores
        with stores.metadata.write() as tx:
            project_id = self._project(tx, path)
            before = _rules(stores, tx, project_id)
            text = msgspec.json.encode(rules).decode()
            stores.metadata.retention.set_rules(tx, project_id, None if rules == _NEVER else text)
            stores.audit.note(
                tx, actor, "retention.change", path.entity, path,
                msgspec.structs.asdict(before), msgspec.structs.asdict(rules),
            )  # fmt: skip
        return self.preview(actor, path, rules)

    def preview(self, actor: Actor, path: ProjectPath, rules: RetentionRules) -> RetentionPreview:
        """All that would go by some rules now."""
        require(actor, Action.READ, path)
        stores = self._stores
        with stores.metadata.read() as tx:
            project_id = self._project(tx, path)
        parts = list(_parts(stores, project_id, rules))
        return RetentionPreview(
            parts=parts[:_MAX_PARTS],
            total=len(parts),
            n_bytes=sum(part.n_bytes for part in parts),
        )

    def _project(self, tx: Transaction, path: ProjectPath) -> int:
        project_id = self._stores.metadata.projects.find_project(tx, *path)
        if project_id is None:
            raise NotFound(f"no project {path}")
        return project_id


def apply_retention(stores: Stores) -> None:
    """Remove what goes by the rules of all projects."""
    with stores.metadata.read() as tx:
        projects = stores.metadata.retention.projects(tx)
    for project_id, entity, project in projects:
        path = ProjectPath(entity, project)
        with stores.metadata.read() as tx:
            rules = _rules(stores, tx, project_id)
        parts = list(_parts(stores, project_id, rules))
        files = FileService(stores)
        logs = [part.run for part in parts if part.kind == "console"]
        if logs:
            with stores.metrics.use(project_id) as store:
                store.delete_console(logs)
            publish(stores, SYSTEM, path, logs, keys=())
        for part in parts:
            if part.kind not in {"media", "files"}:
                continue
            run = path.run(part.run)
            with stores.metadata.read() as tx:
                paths = stores.metadata.retention.stored_paths(
                    tx, project_id, part.run, is_media=part.kind == "media"
                )
            files.delete_many(SYSTEM, run, paths)
        runs = [part.run for part in parts if part.kind == "run"]
        for start in range(0, len(runs), _MAX_RUNS_AT_ONCE):
            batch = runs[start : start + _MAX_RUNS_AT_ONCE]
            delete_runs(stores, SYSTEM, path, batch, final=False)
        if parts:
            with stores.metadata.write() as tx:
                stores.audit.note(
                    tx, SYSTEM, "retention.apply", entity, path,
                    after={
                        "n_parts": len(parts),
                        "n_bytes": sum(p.n_bytes for p in parts),
                        "parts": [f"{part.kind} of {part.run}" for part in parts[:MAX_LISTED]],
                    },
                )  # fmt: skip


def _rules(stores: Stores, tx: Transaction, project_id: int) -> RetentionRules:
    text = stores.metadata.retention.rules(tx, project_id)
    return _NEVER if text is None else _decode(text)


def _parts(stores: Stores, project_id: int, rules: RetentionRules) -> Iterator[RetentionPart]:
    """All that goes by some rules, oldest runs first; of a run that goes, only the run."""
    days = [rules.media_days, rules.console_days, rules.files_days, rules.runs_days]
    ages = [age for age in days if age is not None]
    if not ages:
        return
    now = stores.now()
    console: Mapping[str, int] = {}
    if rules.console_days is not None:
        with stores.metrics.use(project_id) as store:
            console = store.usage().console_by_run
    with stores.metadata.read() as tx:
        ended = stores.metadata.retention.ended_before(
            tx, project_id, now - min(ages) * _DAY_MICROS
        )
    for run in ended:
        age_micros = now - run.ended_micros
        if _is_due(rules.runs_days, age_micros):
            yield _part(run, "run", run.n_media + run.n_files, run.media_bytes + run.file_bytes)
            continue
        if run.n_media and _is_due(rules.media_days, age_micros):
            yield _part(run, "media", run.n_media, run.media_bytes)
        console_bytes = console.get(run.run, 0)
        if console_bytes and _is_due(rules.console_days, age_micros):
            yield _part(run, "console", 0, console_bytes)
        if run.n_files and _is_due(rules.files_days, age_micros):
            yield _part(run, "files", run.n_files, run.file_bytes)


def _is_due(days: int | None, age_micros: int) -> bool:
    return days is not None and age_micros >= days * _DAY_MICROS


def _part(run: EndedRun, kind: str, n_files: int, n_bytes: int) -> RetentionPart:
    return RetentionPart(
        run=run.run,
        name=run.name,
        ended_micros=run.ended_micros,
        kind=kind,
        n_files=n_files,
        n_bytes=n_bytes,
    )
