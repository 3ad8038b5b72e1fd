"""The commands `weft sweep`, `weft sweeps` and `weft agent`. Does network I/O."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import click

from weft.cli.connect import connect
from weft.cli.reports import print_json, print_report
from weft.cli.text_table import format_table
from weft.client.api_client import ApiClient
from weft.errors import ConfigError, Unavailable
from weft.records.ids import DEFAULT_ENTITY
from weft.records.times import shown_time
from weft.sdk.reading.paths import ProjectName, project_name
from weft.sdk.setup.known_server import known_server
from weft.sdk.setup.precedence import read_settings
from weft.sdk.sweeps.creating import sweep as create
from weft.sdk.sweeps.handing import client_of, find_sweep, parse_sweep
from weft.sdk.sweeps.programs import run_programs
from weft.sweeps.limits import load_yaml
from weft.sync.addresses.server_address import require_server
from weft.wire import sweeps as endpoints
from weft.wire.sweep_trials import NewTrial, enqueue_trial
from weft.wire.sweeps import Sweep, SweepEdit, edit_sweep, list_sweep_runs


def create_sweep(
    file: str,
    entity: str | None,
    project: str | None,
    name: str | None,
    prior_runs: Sequence[str],
    *,
    program: str | None = None,
    as_json: bool,
) -> int:
    """Create a sweep from a YAML file; the exit code is 0."""
    try:
        text = Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{file} can't be read: {error.strerror}") from None
    except UnicodeError:
        raise ConfigError(f"{file} is not valid YAML: it is not UTF-8") from None
    content: Any = load_yaml(text, file)
    if not isinstance(content, dict):
        raise ConfigError(f"{file} is not a sweep's configuration: it has no method")
    config = cast("dict[str, Any]", content)
    if name is not None:
        config["name"] = name
    if program is not None:
        config["program"] = program
    sweep_id = create(config, entity=entity, project=project, prior_runs=list(prior_runs) or None)
    settings = read_settings({"entity": entity, "project": project})
    sweep = find_sweep(
        parse_sweep(sweep_id, entity, project or config.get("project"), settings), settings
    )
    where = sweep.settings
    full = "/".join(
        str(where[key]) for key in ("entity", "project", "sweep_id") if where.get(key) is not None
    )
    return print_report(
        {"id": sweep_id, "name": full, "shown": sweep.shown}, f"weft agent {full}", as_json=as_json
    )


def control_sweep(
    sweep_id: str,
    state: str | None,
    entity: str | None,
    project: str | None,
    *,
    retry: bool,
    as_json: bool,
) -> int:
    """Pause, resume, stop or cancel a sweep, or retry its failed runs; the exit code is 0."""
    client, path = _sweep_at_server(sweep_id, entity, project, "ends with its agents")
    changes: dict[str, Any] = {"retry": True} if retry else {}
    if state is not None:
        changes["state"] = state
    sweep = client.call(edit_sweep, *path, SweepEdit(**changes))
    return print_report(
        {"id": sweep.id, "state": sweep.state},
        f"{sweep.entity}/{sweep.project}/{sweep.id} is {sweep.state}",
        as_json=as_json,
    )


def queue_trial(
    sweep_id: str,
    texts: Sequence[str],
    entity: str | None,
    project: str | None,
    *,
    as_json: bool,
) -> int:
    """Queue a trial with parameters as `name=value`; the exit code is 0."""
    client, path = _sweep_at_server(sweep_id, entity, project, "queues no trials")
    parameters = dict(_parse_parameter(text) for text in texts)
    trial = client.call(enqueue_trial, *path, NewTrial(parameters=parameters))
    listed = ", ".join(f"{key}={value}" for key, value in trial.parameters.items())
    return print_report(
        {"number": trial.number, "run": trial.run, "parameters": trial.parameters},
        f"trial {trial.number} is queued: {listed}",
        as_json=as_json,
    )


def _sweep_at_server(
    sweep_id: str, entity: str | None, project: str | None, otherwise: str
) -> tuple[ApiClient, tuple[str, str, str]]:
    """The client of the known server, and a sweep's entity, project and id there.

    `otherwise` says of a sweep without a server why it can't be changed.
    """
    settings = read_settings({"entity": entity, "project": project})
    name = parse_sweep(sweep_id, entity, project, settings)
    address = known_server(settings)
    if address is None:
        raise Unavailable(f"no server is known; a sweep without a server {otherwise}")
    path = name.entity or DEFAULT_ENTITY, name.project or settings.project, name.sweep
    return client_of(address, settings), path


def _parse_parameter(text: str) -> tuple[str, Any]:
    """Name and value, which is YAML: `lr=0.1`, `name=adam`, `layers=[1, 2]`."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ConfigError(f"--enqueue {text} is not NAME=VALUE, such as --enqueue lr=0.1")
    return name, load_yaml(value, f"the value of {name}")


def list_sweeps(path: str | None, base_url: str | None, *, as_json: bool) -> int:
    """List the sweeps of a project, or the runs of a sweep; the exit code is 0."""
    settings = read_settings({})
    client = connect(require_server(base_url))
    parts = (path or "").split("/")
    if len(parts) == 3:
        pages = client.pages(list_sweep_runs, *parts)
        runs = [run for page in pages for run in page.runs]
        if as_json:
            return print_json(runs)
        rows = [
            [
                str(run.number),
                run.run,
                "stopped early" if run.stopped_early else run.state,
                ", ".join(f"{value:.6g}" for value in run.values or ()),
                ", ".join(f"{name}={value}" for name, value in run.parameters.items()),
                run.error or "",
            ]
            for run in runs
        ]
        heads = ["#", "run", "state", "value", "parameters", "error"]
        click.echo(format_table(heads, rows))
        return 0
    default = ProjectName(settings.entity or DEFAULT_ENTITY, settings.project)
    pages = client.pages(endpoints.list_sweeps, *project_name(path or None, default))
    sweeps = [sweep for page in pages for sweep in page.sweeps]
    if as_json:
        return print_json(sweeps)
    rows = [
        [
            sweep.id,
            sweep.name,
            sweep.method,
            sweep.state,
            _n_runs(sweep),
            "" if sweep.best is None or not sweep.best.values else f"{sweep.best.values[0]:.6g}",
            shown_time(sweep.created_micros),
        ]
        for sweep in sweeps
    ]
    click.echo(format_table(["id", "name", "method", "state", "runs", "best", "created"], rows))
    return 0


def run_agent(
    sweep_id: str,
    entity: str | None,
    project: str | None,
    count: int | None,
    gpus_per_run: int | None = None,
    *,
    forward_signals: bool,
    term_timeout_secs: float | None = None,
    max_consecutive_failed_runs: int | None = None,
) -> int:
    """Run a sweep's program until the sweep ends; the exit code is 0."""
    settings = read_settings({"entity": entity, "project": project})
    if term_timeout_secs is not None:
        settings = settings.replace(agent_kill_delay_secs=term_timeout_secs)
    handing = find_sweep(parse_sweep(sweep_id, entity, project, settings), settings)
    run_programs(
        handing,
        settings,
        count=count,
        gpus_per_run=gpus_per_run,
        forward_signals=forward_signals,
        max_consecutive_failed_runs=max_consecutive_failed_runs,
    )
    return 0


def _n_runs(sweep: Sweep) -> str:
    counts = sweep.counts
    n = counts.running + counts.finished + counts.failed + counts.queued
    return str(n) if sweep.n_expected is None else f"{n} of {sweep.n_expected}"
