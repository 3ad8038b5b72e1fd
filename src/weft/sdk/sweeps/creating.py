"""`weft.sweep()`: creates a sweep on the server, or in the local directory without one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from weft.errors import ConfigError, WrongType
from weft.records.ids import DEFAULT_ENTITY, DEFAULT_PROJECT
from weft.sdk.guard import guard_for
from weft.sdk.setup.known_server import known_server
from weft.sdk.setup.precedence import read_settings
from weft.sdk.sweeps.handing import SweepName, client_of, created
from weft.sweeps.config import parse_config
from weft.wire.sweeps import NewSweep, create_sweep


def sweep(
    sweep: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | str,
    entity: str | None = None,
    project: str | None = None,
    prior_runs: Sequence[str] | None = None,
) -> str:
    """Create a sweep: a search over parameters, whose runs agents start.

    Without a server it is created in the local directory, where any number of processes can run
    its agents; `weft sync` sends it with its runs.

    Args:
        sweep: the configuration, as W&B's: a dict, its YAML, or a function that returns it.
        entity: the project's owner. Defaults to the configuration's, then to the settings'.
        project: the project of the sweep and its runs. Defaults likewise.
        prior_runs: ids of runs of the project from which the search learns before it begins.

    Returns:
        The sweep's id, for `weft.agent()` and `weft agent`.

    Raises:
        ConfigError: the configuration is invalid; the message names each place.
        MissingLibrary: the search needs a library that is not installed.
        Unavailable: the server can't be reached.

    >>> import weft
    >>> weft.sweep({"method": "rando", "parameters": {"lr": {"min": 0.0, "max": 0.1}}})
    Traceback (most recent call last):
      ...
    weft.errors.ConfigError: the sweep's configuration is invalid: method is 'rando'; did you mean
    'random'?
    """
    definition = sweep() if callable(sweep) else sweep
    if not isinstance(definition, Mapping | str):  # pyrefly: ignore[implicit-any-type-argument]
        raise WrongType(f"a sweep is described by a dict, not by {type(definition).__name__}")
    config = parse_config(definition)
    settings = read_settings({"entity": entity, "project": project})
    entity = entity or cast("str | None", config.source.get("entity")) or settings.entity
    if project is None and "project" not in settings.given:
        project = cast("str | None", config.source.get("project"))
    project = project or settings.project or DEFAULT_PROJECT
    guard = guard_for(settings)
    address = known_server(settings) if settings.mode == "online" else None
    if address is None:
        from weft.sdk.sweeps.local import create_local

        if prior_runs:
            raise ConfigError("prior_runs need a server, which knows these runs")
        local = create_local(settings, config, entity, project)
        guard.say(f"Create sweep with ID: {local.sweep}")
        guard.say(
            f"It is in {local.shown}; run its agents in this folder: weft agent {local.sweep}"
        )
        return local.sweep
    client = client_of(address, settings)
    new = NewSweep(config=json.dumps(config.source), prior_runs=list(prior_runs or ()))
    new_sweep = client.call(create_sweep, entity or DEFAULT_ENTITY, project, new)
    created[new_sweep.id] = SweepName(new_sweep.entity, new_sweep.project, new_sweep.id)
    guard.say(f"Create sweep with ID: {new_sweep.id}")
    guard.say(
        f"Sweep URL: {client.url}/{new_sweep.entity}/{new_sweep.project}/sweeps/{new_sweep.id}"
    )
    return new_sweep.id
