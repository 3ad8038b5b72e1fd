"""Windows of the rows of logged tables.

Called by `http.tables`. Finds the files of a table in the rows and the metadata, and has a child
process read them: DuckDB, which may read those files and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from weft.errors import CommError, ConfigError, LimitExceeded, NotFound, WeftError
from weft.plots.catalog import aliases_of, presets
from weft.records.artifacts import LATEST, check_artifact_name
from weft.records.file_paths import check_file_path
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.artifacts import ArtifactFileService
from weft.server.services.files.service import FileService
from weft.server.services.logged_tables import (
    LoggedTable,
    RunPlace,
    VersionPlace,
    find_files,
    table_in,
)
from weft.server.services.reading.lineage import lineage_of
from weft.server.services.sql import SqlService
from weft.server.services.stores.stores import Stores
from weft.server.services.tables.running import Question, RunningWindows
from weft.server.services.tables.text_tables import TextTables
from weft.wire.media import TableJoin
from weft.wire.tables import ChartPreset, ChartPresets, TableQuery


class TableService:
    """Answers rows of tables."""

    def __init__(
        self,
        stores: Stores,
        files: FileService,
        artifact_files: ArtifactFileService,
        sql: SqlService,
    ) -> None:
        self._stores = stores
        self._files = files
        self._artifact_files = artifact_files
        self._sql = sql
        self._text_tables = TextTables()

    def close(self) -> None:
        """Remove what is kept of tables."""
        self._text_tables.close()

    def prepare(
        self, actor: Actor, path: ProjectPath, tables: Sequence[TableQuery]
    ) -> RunningWindows:
        """Windows of tables, ready to `run` once.

        Raises:
            NotFound: no such project.
        """
        require(actor, Action.READ, path)
        project_id = self._stores.find_project(path)
        questions: list[Question | WeftError] = []
        for asked in tables:
            try:
                questions.append(self._question(actor, path, project_id, asked))
            except (ConfigError, LimitExceeded, CommError) as error:
                questions.append(error)
        return RunningWindows(self._sql, questions, self._text_tables)

    def _question(
        self, actor: Actor, path: ProjectPath, project_id: int, asked: TableQuery
    ) -> Question:
        """Find the table that is asked for.

        Raises:
            NotFound: no such run or version, or it has no such table.
            ConfigError: the request names neither a path nor a key, or both, or neither a run nor
                a version, or both, or the metric's value is not a table.
            LimitExceeded: it has too many increments.
        """
        if asked.artifact is not None:
            if asked.run or asked.key is not None or asked.path is None:
                raise ConfigError(
                    "with `artifact`, name the table by `path`, without `run` and `key`",
                    field="artifact",
                )
            left = self._table_of_version(actor, path, asked.artifact, asked.path)
            join = step = None
        else:
            left, join, step = self._table(actor, path, project_id, asked)
        join = asked.join or join
        if asked.minus is not None:
            if join is not None:
                raise ConfigError("a table can't have both `join` and `minus`", field="minus")
            other = self._table_of_version(actor, path, asked.minus.artifact, asked.minus.path)
            return Question([left, other], None, step, asked)
        if join is None:
            return Question([left], None, step, asked)
        if join.run is None and join.path is not None and join.key is None:  # may still be sent
            right = find_files(left.place, check_file_path(join.path), left.error)
        else:
            right, _, _ = self._table(actor, path, project_id, join, default_run=asked.run)
        return Question([left, right], join.keys, step, asked)

    def _table(
        self,
        actor: Actor,
        path: ProjectPath,
        project_id: int,
        asked: TableQuery | TableJoin,
        default_run: str = "",
    ) -> tuple[LoggedTable, TableJoin | None, float | None]:
        """The table that is named by its file, or by a metric and a step; then also what it is
        joined to, and where it was logged.
        """
        if (asked.path is None) == (asked.key is None):
            raise ConfigError("name the table by either `path` or `key`", field="path")
        stores = self._stores
        if not (asked.run or default_run):
            raise ConfigError("name the run that has the table by `run`", field="run")
        run = stores.find_run(path.run(asked.run or default_run)).path.run
        place = RunPlace(self._files, actor, path.run(run))
        if asked.path is not None:
            found = find_files(place, check_file_path(asked.path))
            if not any(found.files):
                raise NotFound(f"run {path.run(run)} has no file {asked.path!r}")
            return found, None, None
        assert asked.key is not None, "checked above"
        with stores.metrics.use(project_id) as store:
            sources = lineage_of(stores, project_id, [run]).get(run, ())
            point = store.last_object(run, asked.key, at=asked.step, sources=sources)
        if point is None:
            raise NotFound(f"run {path.run(run)} has no table {asked.key!r} at this step")
        logged = table_in(point.value)
        if logged is None:
            raise ConfigError(f"{asked.key!r} is not a table at this step", field="key")
        return find_files(place, logged.path, logged.error), logged.join, point.x

    def _table_of_version(
        self, actor: Actor, path: ProjectPath, artifact: str, file: str
    ) -> LoggedTable:
        """The table that is a file of a version of an artifact."""
        name, _, ref = artifact.partition(":")
        name, ref = check_artifact_name(name), ref or LATEST
        place = VersionPlace(self._artifact_files, actor, path, name, ref)
        found = find_files(place, check_file_path(file))
        if not any(found.files):
            raise NotFound(f"artifact {path}/{place.name} has no file {file!r}")
        return found

    def presets(self, actor: Actor) -> ChartPresets:
        """The presets of charts, by name."""
        require(actor, Action.READ, SERVER)
        return ChartPresets(
            presets=[
                ChartPreset(name=name, aliases=aliases_of(name), spec=preset.spec)
                for name, preset in sorted(presets().items())
            ]
        )
