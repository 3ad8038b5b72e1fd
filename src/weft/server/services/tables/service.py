"""Windows of the rows of logged tables.

Called by `http.metrics.tables`. Finds the files of a table in the rows and the metadata, and has a
child process read them: DuckDB, which may read those files and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from weft.errors import CommError, ConfigError, LimitExceeded, NotFound, WeftError
from weft.plots.catalog import aliases_of, presets
from weft.records.files.artifacts import LATEST, check_artifact_name
from weft.records.files.file_paths import check_file_path
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.artifacts import ArtifactFileService
from weft.server.services.files.service import FileService
from weft.server.services.logged_tables import (
    LoggedTable,
    OwningRun,
    OwningVersion,
    find_files,
    table_in,
)
from weft.server.services.reading.lineage import lineage_of
from weft.server.services.sql import SqlService
from weft.server.services.stores.stores import Stores
from weft.server.services.tables.running import RunningWindows, WindowQuery
from weft.server.services.tables.text_tables import TextTables
from weft.server.services.tables.windows import check_computed
from weft.wire.metrics.media import TableJoin
from weft.wire.metrics.tables import (
    MAX_TABLES_IN_ALL,
    ChartPreset,
    ChartPresets,
    TableQuery,
    UnitedTable,
)


@dataclass(eq=False)
class TableService:
    """Answers rows of tables."""

    _stores: Stores
    _files: FileService
    _artifact_files: ArtifactFileService
    _sql: SqlService
    _text_tables: TextTables = field(default_factory=TextTables)

    def close(self) -> None:
        """Remove what is kept of tables."""
        self._text_tables.close()

    def prepare(
        self, actor: Actor, path: ProjectPath, tables: Sequence[TableQuery]
    ) -> RunningWindows:
        """Windows of tables, ready to `run` once."""
        require(actor, Action.READ, path)
        n_tables = sum(len(query.union or ()) for query in tables)
        if n_tables > MAX_TABLES_IN_ALL:
            raise LimitExceeded(
                f"the request unites {n_tables:,} tables, more than {MAX_TABLES_IN_ALL:,}: "
                "ask for some of them in another one"
            )
        project_id = self._stores.find_project(path)
        queries: list[WindowQuery | WeftError] = []
        for query in tables:
            try:
                queries.append(self._window_query(actor, path, project_id, query))
            except (ConfigError, LimitExceeded, CommError) as error:
                queries.append(error)
        return RunningWindows(self._sql, queries, self._text_tables)

    def _window_query(
        self, actor: Actor, path: ProjectPath, project_id: int, query: TableQuery
    ) -> WindowQuery:
        """Find the tables of a query."""
        check_computed(query.computed)
        if query.union is not None:
            return self._union(actor, path, project_id, query, query.union)
        if query.artifact is not None:
            if query.run or query.key is not None or query.path is None:
                raise ConfigError(
                    "with `artifact`, name the table by `path`, without `run` and `key`",
                    field="artifact",
                )
            table = self._table_of_version(actor, path, query.artifact, query.path)
            join = step = None
        else:
            table, join, step = self._table(actor, path, project_id, query)
        join = query.join or join
        if query.minus is not None:
            if join is not None:
                raise ConfigError("a table can't have both `join` and `minus`", field="minus")
            other = self._table_of_version(actor, path, query.minus.artifact, query.minus.path)
            return WindowQuery([table, other], None, step, query)
        if join is None:
            return WindowQuery([table], None, step, query)
        if join.run is None and join.path is not None and join.key is None:  # may still be sent
            right = find_files(table.owner, check_file_path(join.path), table.error)
        else:
            right, _, _ = self._table(actor, path, project_id, join, default_run=query.run)
        return WindowQuery([table, right], join.keys, step, query)

    def _union(
        self,
        actor: Actor,
        path: ProjectPath,
        project_id: int,
        query: TableQuery,
        union: Sequence[UnitedTable],
    ) -> WindowQuery:
        """Find the tables of a union."""
        others = (query.artifact, query.path, query.key, query.join, query.minus)
        if query.run or any(other is not None for other in others):
            raise ConfigError(
                "with `union`, leave out `run`, `path`, `key`, `artifact`, `join` and `minus`",
                field="union",
            )
        tables = [self._table(actor, path, project_id, united)[0] for united in union]
        labels = [united.run if united.label is None else united.label for united in union]
        return WindowQuery(tables, None, None, query, labels)

    def _table(
        self,
        actor: Actor,
        path: ProjectPath,
        project_id: int,
        query: TableQuery | TableJoin | UnitedTable,
        default_run: str = "",
    ) -> tuple[LoggedTable, TableJoin | None, float | None]:
        """The table with a file's path, or with a metric and a step. With the latter, also its
        join, and the step at which it was logged.
        """
        if (query.path is None) == (query.key is None):
            raise ConfigError("name the table by either `path` or `key`", field="path")
        stores = self._stores
        if not (query.run or default_run):
            raise ConfigError("name the run that has the table by `run`", field="run")
        run = stores.find_run(path.run(query.run or default_run)).path.run
        owner = OwningRun(self._files, actor, path.run(run))
        if query.path is not None:
            table = find_files(owner, check_file_path(query.path))
            if not any(table.files):
                raise NotFound(f"run {path.run(run)} has no file {query.path!r}")
            return table, None, None
        assert query.key is not None, "checked above"
        with stores.metrics.use(project_id) as store:
            sources = lineage_of(stores, project_id, [run]).get(run, ())
            point = store.last_object(run, query.key, at=query.step, sources=sources)
        if point is None:
            raise NotFound(f"run {path.run(run)} has no table {query.key!r} at this step")
        logged = table_in(point.value)
        if logged is None:
            raise ConfigError(f"{query.key!r} is not a table at this step", field="key")
        return find_files(owner, logged.path, logged.error), logged.join, point.x

    def _table_of_version(
        self, actor: Actor, path: ProjectPath, artifact: str, file: str
    ) -> LoggedTable:
        name, _, ref = artifact.partition(":")
        name, ref = check_artifact_name(name), ref or LATEST
        owner = OwningVersion(self._artifact_files, actor, path, name, ref)
        table = find_files(owner, check_file_path(file))
        if not any(table.files):
            raise NotFound(f"artifact {path}/{owner.name} has no file {file!r}")
        return table

    def presets(self, actor: Actor) -> ChartPresets:
        """The presets of charts, by name."""
        require(actor, Action.READ, SERVER)
        return ChartPresets(
            presets=[
                ChartPreset(
                    name=name,
                    aliases=aliases_of(name),
                    spec=preset.spec,
                    default_columns=preset.default_columns,
                )
                for name, preset in sorted(presets().items())
            ]
        )
