"""`weft.Api`: what runs recorded, read back and changed. The reading side of the SDK.

Receives paths such as `local/mnist/ab12cd34`, asks `weft.client.questions`, hands out the objects
of `stored` and the rows and tables of `rows`. Does network I/O.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from weft.client.address import parse_address
from weft.client.questions import Questions
from weft.client.shared import AlwaysAt, Server, SharedTransport
from weft.errors import CommError, ConfigError, NoSuchRun, NotFound, Unavailable
from weft.records.ids import DEFAULT_ENTITY, DEFAULT_PROJECT, new_run_id
from weft.sdk.reading.paths import ProjectName, RunName, project_name, run_name
from weft.sdk.reading.stored.names import ACCOUNTS, ARTIFACTS, SWEEPS, WandbNames
from weft.sdk.reading.stored.projects import StoredProject, StoredProjects
from weft.sdk.reading.stored.run import StoredRun
from weft.sdk.reading.stored.runs import StoredRuns
from weft.sdk.reading.stored.user import User
from weft.sdk.setup.known_server import known_server
from weft.sdk.setup.precedence import read_settings
from weft.sync.where import choose_server

if TYPE_CHECKING:
    from weft.queries.filters import Filter
    from weft.sdk.reading.directory_server import DirectoryServer
    from weft.sdk.reading.rows.table import HistoryTable, Table


class Api(WandbNames):
    """What runs recorded, on a server or in a directory.

        api = weft.Api()                          # the server that scripts log to
        api = weft.Api("http://127.0.0.1:8080")   # another one
        api = weft.Api("./weft")                  # a directory with runs, no server needed

        for run in api.runs("local/mnist", {"config.lr": {"$gt": 0.01}}, order="-summary.acc"):
            print(run.name, run.config["lr"], run.summary["acc"])

    Any number of threads may use one. Nothing is cached: what is asked is as the server has it.

    Attributes:
        settings: `base_url`, and `entity` and `project` for paths that do not name them.
    """

    not_here: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("artifact", "artifact_collection", "artifact_collection_exists",
             "artifact_collections", "artifact_exists", "artifact_type", "artifact_types",
             "artifact_versions", "artifacts", "registries", "registry", "create_registry"),
            ARTIFACTS,
        ),
        "sweep": SWEEPS,
        **dict.fromkeys(("create_team", "create_user", "team", "organization"), ACCOUNTS),
        **dict.fromkeys(
            ("create_run_queue", "upsert_run_queue", "queued_run", "run_queue", "job",
             "list_jobs"),
            "weft starts no jobs on other machines",
        ),
        **dict.fromkeys(
            ("automation", "automations", "create_automation", "update_automation",
             "delete_automation", "integrations", "slack_integrations", "webhook_integrations"),
            "weft has no automations; `run.alert()` sends messages",
        ),
        "reports": "it comes with reports, which this version lacks",
        "create_custom_chart": "charts of one's own are made in the browser",
        "sync_tensorboard": "it comes with the import of TensorBoard's files",
    }  # fmt: skip

    def __init__(
        self,
        overrides: str | os.PathLike[str] | Mapping[str, Any] | None = None,
        timeout: float | None = None,
        api_key: str | None = None,
    ) -> None:
        """Choose what to read; of a server nothing is asked yet.

        Args:
            overrides: the address of a server; a directory with runs, as `weft.init` makes it; or
                W&B's dict of `base_url`, `entity` and `project`. None = the server that runs go
                to: `weft.setup()`, `WEFT_BASE_URL`, `WANDB_BASE_URL`, a settings file, the local
                server of this user.
            timeout: longest wait for an answer, in seconds. None = 30; of a directory, 30 in which
                nothing more of it could be read: its first opening takes as long as it needs.
            api_key: sent to the server; None = the one that goes with the server found.

        Raises:
            ConfigError: it is neither an address nor a directory.
            Unavailable: no server is known; or that of the directory can't be started.
        """
        settings = read_settings({})
        given = dict(overrides) if isinstance(overrides, Mapping) else {}
        place = given.get("base_url") if isinstance(overrides, Mapping) else overrides
        self._directory: DirectoryServer | None = None
        self.settings: dict[str, Any] = {
            "entity": settings.entity or DEFAULT_ENTITY,
            "project": settings.project or DEFAULT_PROJECT,
            "organization": None,
            **{name: value for name, value in given.items() if value is not None},
        }
        policy = settings.policy
        if timeout is not None:
            policy = policy._replace(timeout_secs=float(timeout))
        directory = _directory_at(place)
        if directory is not None:
            from weft.sdk.reading.directory_server import DirectoryServer

            self._directory = DirectoryServer(directory, policy, timeout)
            transport = SharedTransport(self._directory)
        else:
            if place is None:
                found = known_server(settings.replace(api_key=api_key) if api_key else settings)
            else:
                # The environment's key belongs to the environment's server.
                found = choose_server(str(place), api_key, policy=policy)
            if found is None:
                raise Unavailable(
                    "no server is known: start one with `weft server`, set WEFT_BASE_URL, or read "
                    'a directory with weft.Api("./weft")'
                )
            transport = SharedTransport(AlwaysAt(Server(found.url, found.key, policy)))
        self._questions = Questions(transport)
        self.settings["base_url"] = self.url

    @property
    def url(self) -> str:
        """The server's address."""
        return self._questions.url

    @property
    def api_key(self) -> str | None:
        """What is sent to the server, if it wants anything."""
        return self._questions.api_key

    # -- runs ---

    def run(self, path: str | Sequence[str] = "") -> StoredRun:
        """One run.

        Args:
            path: `entity/project/id`, `project/id`, or `id` alone, where entity and project come
                from `settings`; `run.path`; or the address of the run's page.

        Raises:
            NoSuchRun: the run was not found.
            Gone: it was deleted.
            Unavailable: the server can't be reached.
        """
        name = run_name(path, self._default)
        try:
            return StoredRun(self._questions, self._questions.run(*name))
        except NotFound as error:
            if self._directory is None:
                raise NoSuchRun(str(error)) from error
        self.flush()  # it may have begun a moment ago
        try:
            return StoredRun(self._questions, self._questions.run(*name))
        except NotFound as error:
            raise NoSuchRun(str(error)) from error

    def runs(
        self,
        path: str | None = None,
        filters: Mapping[str, Any] | str | Filter | None = None,
        order: str = "+created_at",
        per_page: int = 50,
        include_sweeps: bool = False,  # noqa: ARG002  for W&B's sake
        lazy: bool = True,
        *,
        search: str = "",
    ) -> StoredRuns:
        """The runs of a project that match, as a list that is asked for page by page.

        Args:
            path: `entity/project` or `project`; None = as `settings` say.
            filters: `'config.lr > 0.01 and tags has "baseline"'`, or W&B's form of it,
                `{"config.lr": {"$gt": 0.01}, "tags": "baseline"}`; see `weft docs filters`.
            order: a column, after `-` where the largest shall come first; several by comma:
                `"-summary.acc,created"`.
            per_page: how many are asked for at once.
            lazy: False = configs and summaries of more than 200 values are fetched whole at once.
            search: only runs that have it in their id, name, notes, tags or group.

        Raises:
            FilterError: a filter or an order is invalid; says where.
            NoSuchProject: there is no such project; raised where the runs are asked for.
        """
        self.flush()
        entity, project = project_name(path, self._default)
        return StoredRuns(
            self._questions, entity, project,
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
        """Make a run that no script has begun; a script continues it by `init(id=…, resume=…)`.

        Args:
            run_id: None = a new one.
            state: its state for the next five minutes, unless a script continues it.

        Raises:
            ConfigError: a name can't be one.
        """
        from weft.sdk.reading.stored.new_run import make_run

        default = self._default
        name = RunName(
            entity or default.entity, project or default.project, run_id or new_run_id()
        )
        make_run(self._questions, name, state)
        return StoredRun(self._questions, self._questions.run(*name))

    # -- projects and people ---

    def projects(self, entity: str | None = None, per_page: int = 200) -> StoredProjects:
        """The projects of an entity, those with the newest activity first.

        Args:
            entity: None = as `settings` say.
        """
        self.flush()
        return StoredProjects(self._questions, entity or self._default.entity, per_page)

    def project(self, name: str, entity: str | None = None) -> StoredProject:
        """A project; nothing is asked before one of its properties is.

        Args:
            name: `project`, or `entity/project`.
        """
        found = project_name(name, ProjectName(entity or self._default.entity, ""))
        return StoredProject(self._questions, found.entity, found.project)

    def create_project(self, name: str, entity: str | None = None) -> StoredProject:
        """Make a project, unless one of that name exists.

        Raises:
            ConfigError: it can't be a name.
        """
        project = self.project(name, entity)
        self._questions.create_project(project.entity, project.name)
        return project

    def from_path(self, path: str) -> StoredProject | StoredRun:
        """The project or run that a path of one to four parts names.

        Raises:
            CommError: it is no such path.
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
        return StoredProject(self._questions, *project_name(path, self._default))

    @property
    def default_entity(self) -> str:
        """Whose projects are meant where no entity is named."""
        return self._default.entity

    @property
    def viewer(self) -> User:
        """Who asks: without accounts the server's one user.

        Raises:
            Forbidden: the server does not know you.
        """
        self._questions.server()
        return User()

    def user(self, username_or_email: str) -> User | None:
        """The user of that name; None = not found."""
        return next(iter(self.users(username_or_email)), None)

    def users(self, username_or_email: str) -> list[User]:
        """The users whose names begin like this."""
        viewer = self.viewer
        return [viewer] if viewer.username.startswith(username_or_email) else []

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
        """All rows of many runs, nothing sampled, as one table by columns.

            table = api.history(runs=api.runs("local/mnist"), keys=["loss", "acc"])
            table.pandas()

        It has the columns `run`, `writer`, `row`, `step`, `time` and one per key. It is asked for
        when it is read, and again at each reading.

        Args:
            runs: `api.runs(...)`, a filter as for `runs` (with `project`), or a list of runs, of
                paths or of ids, all of one project.
            keys: the metrics; None = all.
            project: `entity/project`, where `runs` do not say.
            stream: `system` = what was measured of machine and process.
            min_step, max_step: only rows with a step from the one on and below the other.

        Raises:
            ConfigError: `runs` are of several projects, or invalid.
            MissingLibrary: at reading: pyarrow, pandas or polars is not installed.
        """
        from weft.sdk.reading.choosing import choose_runs
        from weft.sdk.reading.rows.table import HistoryTable

        chosen = choose_runs(runs, project_name(project, self._default))
        return HistoryTable(
            self._questions, chosen, keys,
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
        """Write all rows of many runs to a file, whatever their number, in bounded memory.

        Args:
            path: the file; whole or not there at all.
            runs: as for `history`; None = all of `project`.
            format: None = as the file's name ends.
            escape_formulas: in CSV, put `'` before texts and names of columns that a spreadsheet
                would run as formulas; numbers stay as they are.

        Raises:
            ConfigError: unknown format.
            OSError: the file can't be written.
        """
        from weft.sdk.reading.choosing import choose_runs
        from weft.sdk.reading.rows.table import HistoryTable

        chosen = choose_runs(runs, project_name(project, self._default))
        table = HistoryTable(self._questions, chosen, keys, system=stream == "system")
        return table.write(path, format, escape_formulas=escape_formulas)

    def sql(self, query: str, project: str | None = None) -> Table:
        """What an SQL query gives over a project's runs, summaries and history, as a table.

        Args:
            query: in DuckDB's words, over the tables that `weft docs sql` lists.
            project: `entity/project`; None = as `settings` say.

        Raises:
            ConfigError: raised while reading: the query is invalid, or takes too long.
            LimitExceeded: at reading: it gives more than a million rows.
        """
        from weft.sdk.reading.rows.table import Table

        entity, name = project_name(project, self._default)

        def ask() -> Iterator[bytes]:
            self._questions.catch_up()
            yield self._questions.sql(entity, name, query)

        return Table(ask)

    # -- the rest ---

    def flush(self) -> None:
        """Let what is asked next be as new as can be.

        Nothing is cached here. Of a directory, what its runs have written is read first; `runs`
        and `projects` do so themselves.
        """
        if self._directory is not None:
            self._directory.catch_up()

    def close(self) -> None:
        """Close the connection; a later call makes a new one."""
        self._questions.close()

    @property
    def user_agent(self) -> str:
        """What the server is told of this client."""
        return "weft"

    @property
    def _default(self) -> ProjectName:
        return ProjectName(self.settings["entity"], self.settings["project"])

    def __repr__(self) -> str:
        return f"<weft.Api {self.url}>"


def _directory_at(place: Any) -> Path | None:
    """The directory that a place is; None = it is an address, or nowhere.

    Raises:
        ConfigError: it is neither.
    """
    if place is None:
        return None
    if isinstance(place, os.PathLike):
        return Path(cast("os.PathLike[str]", place))
    if not isinstance(place, str):
        raise ConfigError(f"an address or a directory is a text, not {type(place).__name__}")
    if "://" in place:
        parse_address(place)
        return None
    if place.startswith((".", "/", "~", os.sep)) or Path(place).is_dir():
        return Path(place)
    raise ConfigError(
        f"{place!r} is neither a server's address (http://host:port) nor a directory that exists"
    )
