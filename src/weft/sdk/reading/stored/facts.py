"""The fields of a run and the changes to them: the first half of a stored run.

`weft.sdk.reading.stored.run` adds rows, files and actions such as deleting. Does network I/O.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from typing import ClassVar, Final

import msgspec

from weft.client.api_client import ApiClient, Json
from weft.client.pages import run_page
from weft.errors import NoSuchRun, NotFound, UsageError
from weft.records.run_columns import EDITED_COLUMNS
from weft.records.states import ENDED_STATES
from weft.records.times import iso_time, iso_time_or_none
from weft.records.value import with_ints
from weft.sdk.reading.paths import RunName
from weft.sdk.reading.stored.names import INSIDE, WandbNames
from weft.sdk.reading.stored.summary import StoredSummary
from weft.sdk.reading.stored.user import User
from weft.wire.files.files import download_file
from weft.wire.runs.runs import (
    Alert,
    ConfigEdit,
    RunEdit,
    Writer,
    edit_run,
    list_alerts,
    list_writers,
)

EDITED: Final = (*EDITED_COLUMNS, "color")
"""Fields of a run that can be set, apart from its config and summary."""

_POLL_SECS: Final = 2.0


class RunFields(WandbNames):
    """A run's names, state, times, inputs and results."""

    not_here: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("log_artifact", "use_artifact"), "a run does that itself: resume it with weft.init()"
        ),
        "update_state": "a run's state follows from what its script does; stop() ends it",
        "project_internal_id": "a project is known by its name",
        "snake_to_camel": INSIDE,
    }

    name: str
    notes: str | None
    tags: list[str]
    group: str | None
    job_type: str | None
    color: int

    def __init__(self, client: ApiClient, fields: Json) -> None:
        self._client = client
        self._take(with_ints(fields))

    def _take(self, fields: Json) -> None:
        self._fields = fields
        for name in EDITED:
            setattr(self, name, deepcopy(fields[name]))
        self._config: Json | None = None
        self._summary: StoredSummary | None = None
        self._metadata: Json | None = None

    # -- which run ---

    @property
    def id(self) -> str:
        return self._fields["id"]

    @property
    def entity(self) -> str:
        return self._fields["entity"]

    @property
    def project(self) -> str:
        return self._fields["project"]

    @property
    def path(self) -> list[str]:
        """Entity, project and id; `api.run("/".join(run.path))` is this run."""
        return [self.entity, self.project, self.id]

    @property
    def _name(self) -> RunName:
        return RunName(self.entity, self.project, self.id)

    @property
    def url(self) -> str:
        """The run's page."""
        return run_page(self._client.url, self.entity, self.project, self.id)

    @property
    def storage_id(self) -> str:
        """The id. In W&B it differs from `id`."""
        return self.id

    @property
    def user(self) -> User | None:
        """The user who started the run, or None if its log does not say."""
        name = self._fields.get("user")
        return None if name is None else User(username=name, name=name, entity=self.entity)

    @property
    def username(self) -> str:
        """The entity, under a name that W&B no longer uses."""
        return self.entity

    @property
    def host(self) -> str | None:
        """The machine on which the run's script first started."""
        return self._fields["host"]

    # -- how it goes ---

    @property
    def state(self) -> str:
        """The run's state.

        One of `pending`, `running`, `finished`, `failed`, `crashed`, `killed`, `preempting` or
        `preempted`.
        """
        return self._fields["state"]

    @property
    def exit_code(self) -> int | None:
        return self._fields["exit_code"]

    @property
    def reason(self) -> str | None:
        """Why the run ended badly, in one line: `ValueError: bad shape`.

        The exception that ended the script, else the last error that it printed, the signal, or
        that its heartbeats ceased. None if it ended well, or if nothing tells it.
        """
        return self._fields["reason"]

    @property
    def stopped_by(self) -> str | None:
        """The user or cause that stopped the run: `ada`, or `the sweep's early termination`.

        None if nothing did, or if the run finished by itself.
        """
        return self._fields["stopped_by"]

    @property
    def edited_by(self) -> str | None:
        """The user who last changed the run by hand; None if no one did."""
        return self._fields["edited_by"]

    @property
    def locked_by(self) -> str | None:
        """The user who locked the run against deletion; None if it is not locked."""
        return self._fields["locked_by"]

    @property
    def locked_at(self) -> str | None:
        """When it was locked: ISO 8601, UTC. None if it is not locked."""
        micros = self._fields["locked_micros"]
        return None if micros is None else iso_time(micros)

    @property
    def created_at(self) -> str:
        """When the run began, but never after it arrived: ISO 8601, UTC."""
        return iso_time(self._fields["created_micros"])

    @property
    def arrived_at(self) -> str:
        """When the server first heard of the run, such as by `weft sync`: ISO 8601, UTC."""
        return iso_time(self._fields["arrived_micros"])

    @property
    def started_at(self) -> str:
        """When the run's script called `init` by its machine's clock: ISO 8601, UTC."""
        return iso_time(self._fields["started_micros"])

    @property
    def heartbeat_at(self) -> str | None:
        """When the server last heard from the run's live script, or None if it never did."""
        return iso_time_or_none(self._fields["heartbeat_micros"])

    @property
    def ended_at(self) -> str | None:
        """When the run ended, or None if it has not."""
        return iso_time_or_none(self._fields["ended_micros"])

    @property
    def fork(self) -> Json | None:
        """The point of the fork: `run` and `step`. If the run was rewound, `run` is its own id."""
        return self._fields["fork"]

    @property
    def warnings(self) -> list[str]:
        """Warnings about the run's data that a reader of its charts should know."""
        return self._fields["warnings"]

    @property
    def writers(self) -> list[Writer]:
        """The run's writers in order of first appearance; fetched at each access."""
        return self._client.call(list_writers, *self._name).writers

    @property
    def alerts(self) -> list[Alert]:
        """The alerts that the run's scripts sent, oldest first; fetched at each access."""
        return self._client.call(list_alerts, *self._name).alerts

    def load(self, force: bool = False) -> Json:
        """Return the run's fields as the server sends them.

        Args:
            force: fetch them again. Changes that were not sent are lost.

        Raises:
            NoSuchRun: the run no longer exists.
        """
        if force:
            try:
                self._take(self._client.run(*self._name))
            except NotFound as error:
                raise NoSuchRun(str(error)) from error
        return self._fields

    def load_full_data(self, force: bool = False) -> Json:
        """Like `load`, but with config and summary in full.

        Lists of runs shorten configs and summaries of more than 200 values.
        """
        return self.load(force=force or bool(self._fields.get("truncated")))

    def wait_until_finished(self) -> None:
        """Wait until the run has ended; `state` says how it ended."""
        while self.load(force=True)["state"] not in ENDED_STATES:
            time.sleep(_POLL_SECS)

    # -- what went in and what came out ---

    @property
    def config(self) -> Json:
        """The run's inputs, a nested dict. `update()` sends changes to the server."""
        config = self._config
        if config is None:
            config = self._config = deepcopy(self._whole()["config"])
        return config

    @config.setter
    def config(self, config: Json) -> None:
        self._config = dict(config)

    @property
    def rawconfig(self) -> Json:
        """The same as `config`: weft adds no keys of its own to it."""
        return self.config

    @property
    def json_config(self) -> str:
        """The config as JSON in W&B's form, with each value under the key `value`."""
        values = {name: {"value": value, "desc": None} for name, value in self.config.items()}
        return json.dumps(values)

    @property
    def summary(self) -> StoredSummary:
        """One value per metric, or one for each kind of summary set with `define_metric`.

        `summary.update()` and `update()` send changes to the server.
        """
        if self._summary is None:
            self._summary = StoredSummary(self._whole()["summary"], self._save_summary)
        return self._summary

    @property
    def summary_metrics(self) -> Json:
        """The summary as a plain dict."""
        return dict(self.summary)

    @property
    def definitions(self) -> list[Json]:
        """The run's `define_metric` calls: `name`, `step_metric`, `summary`, … of each."""
        return self._whole()["definitions"]

    @property
    def metadata(self) -> Json | None:
        """The process, machine, code and git commit of the run, under W&B's names.

        They come from `metadata.json` and from `environment.json`, which takes precedence.
        `redacted` adds up the secrets that both report. None if the run has neither file.

        >>> run = weft.Api().run("mnist/ab12cd34")  # doctest: +SKIP
        >>> run.metadata["git"]["commit"], run.metadata["gpu"]  # doctest: +SKIP
        """
        if self._metadata is None:
            noted = self._noted_in("metadata.json") or self._noted_in("wandb-metadata.json")
            gathered = self._noted_in("environment.json")
            if noted is None and gathered is None:
                return None
            self._metadata = merge_metadata(noted or {}, gathered or {})
        return self._metadata

    def _noted_in(self, name: str) -> Json | None:
        try:
            content = b"".join(self._client.stream(download_file, *self._name, name))
            return msgspec.json.decode(content, type=Json)
        except (NotFound, msgspec.DecodeError):
            return None

    def _whole(self) -> Json:
        # Lists of runs shorten long configs and summaries.
        if self._fields.get("truncated"):
            self._fields = self._client.run(*self._name)
        return self._fields

    def _save_summary(self, edit: Json) -> None:
        edited = self._client.call_json(edit_run, *self._name, RunEdit(summary=ConfigEdit(**edit)))
        self._fields = {**self._fields, **edited}

    # -- by W&B's names ---

    @property
    def display_name(self) -> str:
        return self.name

    @display_name.setter
    def display_name(self, name: str) -> None:
        self.name = name

    @property
    def description(self) -> str | None:
        """The notes."""
        return self.notes

    @description.setter
    def description(self, text: str | None) -> None:
        self.notes = text

    @property
    def read_only(self) -> bool:
        return False

    @property
    def commit(self) -> str | None:
        """The Git commit of the run's code, from `metadata`."""
        git: Json = (self.metadata or {}).get("git") or {}
        return git.get("commit")

    @property
    def sweep(self) -> None:
        """None if the run is part of no sweep; else `Api.sweep(run.sweep_name)` returns it.

        Raises:
            UsageError: the run is part of a sweep.
        """
        if self.sweep_name is not None:
            raise UsageError(f"use Api.sweep({self.sweep_name!r}) for the sweep of this run")

    @property
    def sweep_name(self) -> str | None:
        """The id of the run's sweep; None if it is part of none."""
        return self._fields["sweep"]


def merge_metadata(noted: Json, gathered: Json) -> Json:
    """Merge what a script noted with what was gathered of its environment.

    >>> merge_metadata({"pid": 1, "redacted": {"named": 1}}, {"redacted": {"named": 2, "aws": 1}})
    {'pid': 1, 'redacted': {'named': 3, 'aws': 1}}
    """
    counts = Counter[str](noted.get("redacted", {}))
    counts.update(gathered.get("redacted", {}))
    return {**noted, **gathered, **({"redacted": dict(counts)} if counts else {})}
