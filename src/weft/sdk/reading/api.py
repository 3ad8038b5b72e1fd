"""`weft.Api`: reads back and changes what runs recorded. The reading side of the SDK.

Receives paths such as `local/mnist/ab12cd34`, calls `weft.client.api_client`, and returns the
objects of `stored` and the rows and tables of `rows`. Does network I/O.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

import msgspec

from weft.client.address import parse_address
from weft.client.api_client import ApiClient
from weft.client.shared import AlwaysAt, Server, SharedTransport
from weft.errors import CommError, ConfigError, NoSuchRun, NotFound, Unavailable
from weft.records.ids import DEFAULT_ENTITY, DEFAULT_PROJECT, new_run_id
from weft.sdk.reading.artifacts import ApiArtifacts
from weft.sdk.reading.paths import ProjectName, RunName, project_name, run_name
from weft.sdk.reading.people import ApiPeople
from weft.sdk.reading.registries import ApiRegistries
from weft.sdk.reading.shares import ApiShares
from weft.sdk.reading.stored.names import WandbNames
from weft.sdk.reading.stored.projects import StoredProject, StoredProjects
from weft.sdk.reading.stored.run import StoredRun
from weft.sdk.reading.stored.runs import StoredRuns
from weft.sdk.reading.sweeps import ApiSweeps
from weft.sdk.setup.known_server import known_server
from weft.sdk.setup.precedence import read_settings
from weft.sync.addresses.server_address import choose_server
from weft.wire.projects.projects import put_project
from weft.wire.server.server import catch_up, get_server

if TYPE_CHECKING:
    from weft.queries.filters import Filter
    from weft.sdk.reading.directory_server import DirectoryServer
    from weft.sdk.reading.rows.table import HistoryTable, Table


class Api(ApiArtifacts, ApiPeople, ApiRegistries, ApiShares, ApiSweeps, WandbNames):
    """The records of runs, on a server or in a directory.

        api = weft.Api()                          # the server that scripts log to
        api = weft.Api("http://127.0.0.1:8080")   # another server
        api = weft.Api("./weft")                  # a directory with runs, no server needed

        for run in api.runs("local/mnist", {"config.lr": {"$gt": 0.01}}, order="-summary.acc"):
            print(run.name, run.config["lr"], run.summary["acc"])

    Any number of threads may share one object. It caches nothing: each call asks the server.

    Attributes:
        settings: `base_url`, and the default `entity` and `project` for paths without them.
    """

    not_here: ClassVar[Mapping[str, str]] = {
        "organization": "a server is one organization",
        **dict.fromkeys(
            ("create_run_queue", "upsert_run_queue", "queued_run", "run_queue", "job",
             "list_jobs"),
            "weft starts no jobs on other machines",
        ),
        **dict.fromkeys(
            ("automation", "automations", "create_automation", "update_automation",
             "delete_automation", "integrations", "slack_integrations", "webhook_integrations"),
            "weft has no automations; `run.alert()` records a message of the run",
        ),
        "reports": "`weft.reports.Report.list()` lists them, and `load()` loads one",
        "create_custom_chart": "charts of one's own are made in the browser",
        "sync_tensorboard": "weft.sync_tensorboard() sends what writers write from then on",
    }  # fmt: skip

    def __init__(
        self,
        overrides: str | os.PathLike[str] | Mapping[str, Any] | None = None,
        timeout: float | None = None,
        api_key: str | None = None,
    ) -> None:
        """Choose the server or directory to read. Sends no request to a server yet.

        Args:
            overrides: the address of a server; a directory with runs, as `weft.init` makes it; or
                W&B's dict of `base_url`, `entity` and `project`. Defaults to the server that runs
                go to: from `weft.setup()`, `WEFT_BASE_URL`, `WANDB_BASE_URL`, a settings file, or
                this user's local server.
            timeout: longest wait for an answer, in seconds. Defaults to 30. For a directory the
                default is 30 seconds without progress, because opening it for the first time
                takes as long as there is data to read.
            api_key: the key to send to the server. Defaults to the key found with the server.

        Raises:
            ConfigError: `overrides` is neither an address nor a directory.
            Unavailable: no server is known, or the directory's server can't be started.
        """
        settings = read_settings({})
        options = dict(overrides) if isinstance(overrides, Mapping) else {}
        base_url = options.get("base_url") if isinstance(overrides, Mapping) else overrides
        self._directory: DirectoryServer | None = None
        self.settings: dict[str, Any] = {
            "entity": settings.entity or DEFAULT_ENTITY,
            "project": settings.project or DEFAULT_PROJECT,
            "organization": None,
            **{name: value for name, value in options.items() if value is not None},
        }
        policy = settings.policy
        if timeout is not None:
            policy = msgspec.structs.replace(policy, timeout_secs=float(timeout))
        directory = _directory_at(base_url)
        if directory is not None:
            from weft.sdk.reading.directory_server import DirectoryServer

            self._directory = DirectoryServer(directory, policy, timeout)
            transport = SharedTransport(self._directory)
        else:
            if base_url is None:
                server = known_server(settings)
                if server is not None and api_key is not None:
                    server = msgspec.structs.replace(server, key=api_key)
            else:
                # A key from the environment belongs to the environment's server only.
                server = choose_server(str(base_url), api_key, policy=policy)
            if server is None:
                raise Unavailable(
                    "no server is known: start one with `weft server`, set WEFT_BASE_URL, or read "
                    'a directory with weft.Api("./weft")'
                )
            transport = SharedTransport(AlwaysAt(Server(server.url, server.key, policy)))
        self._client = ApiClient(transport)
        self.settings["base_url"] = self.url

    @property
    def url(self) -> str:
        """The server's address."""
        return self._client.url

    @property
    def api_key(self) -> str | None:
        """The key that is sent to the server, or None if no key is sent."""
        return self._client.api_key

    # -- runs ---

    def run(self, path: str | Sequence[str] = "") -> StoredRun:
        """Return one run.

        Args:
            path: `entity/project/id`, `project/id` or `id`; `run.path`; or the address of the
                run's page. A missing entity or project is taken from `settings`.

        Raises:
            NoSuchRun: the run was not found.
            Gone: the run was deleted.
            Unavailable: the server can't be reached.
        """
        name = run_name(path, self._default)
        try:
            return StoredRun(self._client, self._client.run(*name))
        except NotFound as error:
            if self._directory is None:
                raise NoSuchRun(str(error)) from error
        self.flush()  # the run may have begun a moment ago
        try:
            return StoredRun(self._client, self._client.run(*name))
        except NotFound as error:
            raise NoSuchRun(str(error)) from error

    def runs(
        self,
        path: str | None = None,
        filters: Mapping[str, Any] | str | Filter | None = None,
        order: str = "+created_at",
        per_page: int = 50,
        include_sweeps: bool = False,  # noqa: ARG002  W&B's argument
        lazy: bool = True,
        *,
        search: str = "",
    ) -> StoredRuns:
        """Return the matching runs of a project, as a list that is fetched page by page.

        Args:
            path: `entity/project` or `project`. Defaults to the project in `settings`.
            filters: `'config.lr > 0.01 and tags has "baseline"'`, or W&B's form of it,
                `{"config.lr": {"$gt": 0.01}, "tags": "baseline"}`; see `weft docs filters`.
            order: one or more columns separated by commas, such as `"-summary.acc,created"`. `-`
                before a column puts the largest value first.
            per_page: the number of runs that one request fetches.
            lazy: if True, configs and summaries of more than 200 values are fetched in full when
                first read; if False, with their page.
            search: only runs with each of these words in their id, name, notes, tags, group or
                job type.

        Raises:
            FilterError: the filter or the order is invalid; the message says where.
            NoSuchProject: no such project; raised when the runs are first fetched.
        """
        self.flush()
        entity, project = project_name(path, self._default)
        return StoredRuns(
            self._client, entity, project,
            filters=filters, order=order, per_page=per_page, search=search, lazy=lazy,
        )  # fmt: skip

    def create_run(
        self,
        *,
        run_id: str | None = None,
        project: str | None = None,
        entity: str | None = None,
        state: Literal["running", "pending"] = "running",
    ) -> StoredRun:
        """Create a run without a script; a script can continue it with `init(id=…, resume=…)`.

        Args:
            run_id: the id. Defaults to a new one.
            state: the run's state for the next five minutes, unless a script continues it.

        Raises:
            ConfigError: the id, project, entity or state is invalid.
        """
        from weft.sdk.reading.stored.new_run import make_run

        default = self._default
        name = RunName(
            entity or default.entity, project or default.project, run_id or new_run_id()
        )
        make_run(self._client, name, state)
        return StoredRun(self._client, self._client.run(*name))

    # -- projects ---

    def projects(self, entity: str | None = None, per_page: int = 200) -> StoredProjects:
        """Return the projects of an entity, most recently active first.

        Args:
            entity: the owner. Defaults to the entity in `settings`.
        """
        self.flush()
        return StoredProjects(self._client, entity or self._default.entity, per_page)

    def project(self, name: str, entity: str | None = None) -> StoredProject:
        """Return a project. The server is asked when one of its properties is first read.

        Args:
            name: `project`, or `entity/project`.
        """
        parsed = project_name(name, ProjectName(entity or self._default.entity, ""))
        return StoredProject(self._client, parsed.entity, parsed.project)

    def create_project(self, name: str, entity: str | None = None) -> StoredProject:
        """Create a project, unless it exists already.

        Prints a warning if the name differs from another project's in letter case only.

        Raises:
            ConfigError: the name is invalid.
        """
        from weft.sdk.wandb_calls import termwarn

        project = self.project(name, entity)
        for warning in self._client.call(put_project, project.entity, project.name).warnings:
            termwarn(warning)
        return project

    def from_path(self, path: str) -> StoredProject | StoredRun:
        """Return the project or run that a path of one to four parts names.

        Raises:
            CommError: the path names neither a project nor a run.
        """
        parts = path.strip("/ ").split("/")
        if "://" in path:
            return self.run(path) if parts[-2] == "runs" else self._project_at(path)
        if len(parts) < 3:
            return self._project_at(path)
        if len(parts) == 3 or (len(parts) == 4 and parts[2] == "runs"):
            return self.run(path)
        raise CommError(f"no path of a project or run: {path!r}")

    def _project_at(self, path: str) -> StoredProject:
        return StoredProject(self._client, *project_name(path, self._default))

    @property
    def default_entity(self) -> str:
        """The entity that is used for paths that don't name one: yours, unless settings name one.

        Raises:
            Forbidden: the server refuses the key.
        """
        if self._default.entity != DEFAULT_ENTITY:
            return self._default.entity
        return self._client.call(get_server).entity

    # -- many runs at once ---

    def history(
        self,
        runs: Any,
        keys: Sequence[str] | None = None,
        *,
        project: str | None = None,
        stream: Literal["default", "system"] = "default",
        min_step: float | None = None,
        max_step: float | None = None,
    ) -> HistoryTable:
        """Return all rows of many runs, without sampling, as one columnar table.

            table = api.history(runs=api.runs("local/mnist"), keys=["loss", "acc"])
            table.pandas()

        The table has the columns `run`, `writer`, `row`, `step`, `time` and one per key. Each
        time it is read it is fetched from the server again.

        Args:
            runs: `api.runs(...)`; a filter as `runs` takes it, with `project`; or a list of runs,
                paths or ids of one project.
            keys: the metrics. Defaults to all.
            project: `entity/project`, if `runs` does not name it. Defaults to the project in
                `settings`.
            stream: "default" for the logged rows, "system" for measurements of the machine and the
                process.
            min_step, max_step: only rows with `min_step <= step < max_step`.

        Raises:
            ConfigError: `runs` is invalid or spans several projects.
            MissingLibrary: pyarrow, pandas or polars is not installed; raised when the table is
                read.
        """
        from weft.sdk.reading.choosing import choose_runs
        from weft.sdk.reading.rows.table import HistoryTable

        chosen = choose_runs(runs, project_name(project, self._default))
        return HistoryTable(
            self._client, chosen, keys,
            system=stream == "system", step_lo=min_step, step_hi=max_step,
        )  # fmt: skip

    def export(
        self,
        path: str | os.PathLike[str],
        runs: Any = None,
        keys: Sequence[str] | None = None,
        *,
        project: str | None = None,
        format: Literal["parquet", "arrow", "csv"] | None = None,  # noqa: A002  as in `histories`
        stream: Literal["default", "system"] = "default",
        escape_formulas: bool = False,
    ) -> Path:
        """Write all rows of many runs to a file, in bounded memory however many there are.

        Args:
            path: the file. It is written as a whole or not at all.
            runs: as for `history`. Defaults to all runs of `project`.
            format: the file format. Defaults to the one that the file's extension names.
            escape_formulas: in CSV, put `'` before texts and column names that a spreadsheet would
                run as formulas; numbers stay as they are.

        Raises:
            ConfigError: unknown format.
            OSError: the file can't be written.
        """
        from weft.sdk.reading.choosing import choose_runs
        from weft.sdk.reading.rows.table import HistoryTable

        chosen = choose_runs(runs, project_name(project, self._default))
        table = HistoryTable(self._client, chosen, keys, system=stream == "system")
        return table.write(path, format, escape_formulas=escape_formulas)

    def sql(self, query: str, project: str | None = None) -> Table:
        """Return the result of an SQL query over a project's runs, summaries and history.

        Args:
            query: a query in DuckDB's SQL dialect, over the tables that `weft docs sql` lists.
            project: `entity/project`. Defaults to the project in `settings`.

        Raises:
            ConfigError: the query is invalid or takes too long; raised when the table is read.
            LimitExceeded: the result has more than a million rows; raised when the table is read.
        """
        from weft.sdk.reading.rows.table import Table

        entity, name = project_name(project, self._default)

        def ask() -> Iterator[bytes]:
            self._client.call(catch_up)
            yield self._client.sql(entity, name, query)

        return Table(ask)

    # -- the rest ---

    def flush(self) -> None:
        """Make later calls see everything that runs have written before this call.

        For a directory, this reads what its runs have written; `runs` and `projects` do this
        themselves. For a server it does nothing, because nothing is cached.
        """
        if self._directory is not None:
            self._directory.catch_up()

    def close(self) -> None:
        """Close the connection; a later call opens a new one."""
        self._client.close()

    @property
    def user_agent(self) -> str:
        """The `User-Agent` that is sent to the server."""
        return "weft"

    @property
    def _default(self) -> ProjectName:
        return ProjectName(self.settings["entity"], self.settings["project"])

    def __repr__(self) -> str:
        return f"<weft.Api {self.url}>"


def _directory_at(location: Any) -> Path | None:
    """Return the directory at a location, or None if it is an address or None."""
    if location is None:
        return None
    if isinstance(location, os.PathLike):
        return Path(cast("os.PathLike[str]", location))
    if not isinstance(location, str):
        raise ConfigError(f"an address or a directory is a text, not {type(location).__name__}")
    if "://" in location:
        parse_address(location)
        return None
    if location.startswith((".", "/", "~", os.sep)) or Path(location).is_dir():
        return Path(location)
    raise ConfigError(
        f"{location!r} is neither a server's address (http://host:port) nor a directory that "
        "exists"
    )
