"""Sweeps on a server. Does network I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import msgspec

from weft.client.api_client import ApiClient, Page
from weft.errors import ConfigError, NotFound
from weft.records.times import iso_time
from weft.sdk.reading.pages import Pages
from weft.sdk.reading.stored.names import INSIDE, WandbNames
from weft.sdk.reading.stored.run import StoredRun
from weft.sdk.reading.stored.runs import StoredRuns
from weft.wire.sweep_trials import NewTrial, enqueue_trial
from weft.wire.sweeps import Sweep as SweepFields
from weft.wire.sweeps import (
    SweepAgent,
    SweepEdit,
    delete_sweep,
    edit_sweep,
    get_sweep,
    list_agents,
    list_sweep_runs,
    list_sweeps,
)


class StoredSweep(WandbNames):
    """A sweep: a search over parameters, with its runs.

    Attributes:
        entity, project: the owner and the project of the sweep.
        id: its id.
    """

    not_here: ClassVar[Mapping[str, str]] = {
        "display": "the sweep's page is at its `url`",
        "enqueue_run": "the server chooses parameters; a run of one's own is `prior_runs`",
        "get": "use Api.sweep()",
        "snake_to_camel": INSIDE,
    }

    def __init__(self, client: ApiClient, fields: SweepFields) -> None:
        self._client = client
        self._fields = fields
        self.entity, self.project, self.id = fields.entity, fields.project, fields.id

    def __repr__(self) -> str:
        return f"<Sweep {self.entity}/{self.project}/{self.id} ({self.state})>"

    @property
    def username(self) -> str:
        """The same as `entity`; W&B's older name."""
        return self.entity

    @property
    def name(self) -> str:
        """The sweep's name for people; its id if it was given none."""
        return self._fields.name

    @property
    def display_name(self) -> str:
        return self._fields.name

    @property
    def description(self) -> str:
        return self._fields.description

    @property
    def path(self) -> list[str]:
        return [self.entity, self.project, self.id]

    @property
    def url(self) -> str:
        """The address of the sweep's page."""
        return f"{self._client.url}/{self.entity}/{self.project}/sweeps/{self.id}"

    @property
    def config(self) -> dict[str, Any]:
        """The configuration, as it was given."""
        return self._fields.config

    @property
    def state(self) -> str:
        """`PENDING`, `RUNNING`, `PAUSED`, `STOPPED`, `CANCELED`, `FINISHED` or `CRASHED`."""
        return {"cancelled": "CANCELED"}.get(self._fields.state, self._fields.state.upper())

    @property
    def method(self) -> str:
        return self._fields.method

    @property
    def order(self) -> str | None:
        """The order of runs in which the best comes first; None without a metric."""
        if not self._fields.metrics:
            return None
        metric = self._fields.metrics[0]
        sign = "+" if metric.goal == "minimize" else "-"
        return f"{sign}summary_metrics.{metric.name}"

    @property
    def expected_run_count(self) -> int | None:
        """Number of runs that the sweep will have; None if it has no end."""
        return self._fields.n_expected

    @property
    def run_count(self) -> int:
        """Number of runs that were handed out."""
        counts = self._fields.counts
        return counts.running + counts.finished + counts.failed + counts.queued

    @property
    def best_loss(self) -> float | None:
        """The best value of the metric; None until a run has one."""
        best = self._fields.best
        return None if best is None or not best.values else best.values[0]

    @property
    def created_at(self) -> str:
        return iso_time(self._fields.created_micros)

    @property
    def updated_at(self) -> str:
        return iso_time(self._fields.edited_micros)

    @property
    def runs(self) -> StoredRuns:
        """The runs of the sweep, the best first if it has a metric."""
        return self._runs(self.order or "-created_at")

    def agents(self) -> list[SweepAgent]:
        """Return the agents, in the order in which they came."""
        return self._client.call(list_agents, *self.path).agents

    def agent(self, agent_id: str) -> SweepAgent:
        """Return one agent.

        Raises:
            NotFound: the sweep has no agent of this id.
        """
        for agent in self.agents():
            if agent.id == agent_id:
                return agent
        raise NotFound(f"sweep {self.id} has no agent {agent_id!r}")

    def trials(self) -> list[dict[str, Any]]:
        """The runs that were handed out: number, run, parameters, state and values of each."""
        pages = self._client.pages(list_sweep_runs, *self.path)
        return [msgspec.to_builtins(trial) for page in pages for trial in page.runs]

    def best_run(self, order: str | None = None) -> StoredRun | None:
        """The best run; None if none has a value of the metric.

        Args:
            order: the order in which the best run comes first. Defaults to the sweep's metric.
        """
        if order is None and self._fields.best is not None:
            self.load()
            best = self._fields.best
            fields = self._client.run(self.entity, self.project, best.run)
            return StoredRun(self._client, fields)
        order = order or self.order
        if order is None:
            return None
        return next(iter(self._runs(order, per_page=1)), None)

    def load(self, force: bool = False) -> StoredSweep:  # noqa: ARG002  W&B's argument
        """Read the sweep's state again."""
        self._fields = self._client.call(get_sweep, *self.path)
        return self

    def pause(self) -> None:
        """Let its agents wait."""
        self._edit(state="paused")

    def resume(self) -> None:
        """Let it go on, also after it was stopped or had finished."""
        self._edit(state="running")

    def retry(self) -> None:
        """Hand out the parameter sets of failed runs again, each to a new run."""
        self._edit(retry=True)

    def enqueue(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Queue a parameter set, which the next agent gets.

        Args:
            parameters: by dotted name, or nested as in the configuration. Those that are left out
                are drawn from their distributions.

        Returns:
            The trial: its number, run and all parameters.

        Raises:
            ConfigError: the sweep's search space lacks a value; the message lists each.
        """
        new = NewTrial(parameters=dict(parameters))
        trial = self._client.call(enqueue_trial, self.entity, self.project, self.id, new)
        return msgspec.to_builtins(trial)

    def stop(self) -> None:
        """Start no more runs."""
        self._edit(state="stopped")

    def cancel(self) -> None:
        """Start no more runs, and stop those that go on."""
        self._edit(state="cancelled")

    def delete(self) -> None:
        """Delete the sweep. Its runs stay."""
        self._client.call(delete_sweep, *self.path)

    def to_html(self, height: int = 420, hidden: bool = False) -> str:
        """An iframe with the sweep's page, for notebooks."""
        style = f"border:none;width:100%;height:{height}px" + (";display:none" if hidden else "")
        return f'<iframe src="{self.url}?embed" style="{style}"></iframe>'

    def _repr_html_(self) -> str:
        return self.to_html()

    def _runs(self, order: str, per_page: int = 50) -> StoredRuns:
        return StoredRuns(
            self._client,
            self.entity,
            self.project,
            filters={"sweep": self.id},
            order=order,
            per_page=per_page,
            warns=False,  # no run may have a value yet
        )

    def _edit(self, **edit: Any) -> None:
        self._fields = self._client.call(
            edit_sweep, self.entity, self.project, self.id, SweepEdit(**edit)
        )


class StoredSweeps(Pages[StoredSweep]):
    """The sweeps of a project, newest first, fetched when they are first needed."""

    def __init__(
        self,
        client: ApiClient,
        entity: str,
        project: str,
        per_page: int = 50,
        filters: Mapping[str, Any] | None = None,
        order: str | None = None,
    ) -> None:
        super().__init__(per_page)
        self._client = client
        self.entity, self.project = entity, project
        self._filters = dict(filters or {})
        unknown = [name for name in self._filters if name not in _FILTERED]
        if unknown:
            raise ConfigError(
                f"sweeps are not filtered by {unknown[0]!r}, but by {', '.join(_FILTERED)}"
            )
        if order not in (None, "+created_at", "created_at", "-created_at"):
            raise ConfigError(f"sweeps are sorted by created_at, not by {order!r}")
        self._is_oldest_first = order in ("+created_at", "created_at")

    def _ask(self, cursor: str | None) -> Page[Any]:
        del cursor
        sweeps = [
            fields
            for page in self._client.pages(list_sweeps, self.entity, self.project)
            for fields in page.sweeps
            if all(
                getattr(StoredSweep(self._client, fields), name) == value
                for name, value in self._filters.items()
            )
        ]
        if self._is_oldest_first:
            sweeps.reverse()
        return Page(sweeps, None, len(sweeps))

    def _item(self, fields: Any) -> StoredSweep:
        return StoredSweep(self._client, fields)


_FILTERED: Final = ("state", "name", "method", "id")
