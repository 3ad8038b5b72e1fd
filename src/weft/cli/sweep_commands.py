"""`weft sweep`, `weft sweeps` and `weft agent`, and their options. See `weft.cli.main`."""

from __future__ import annotations

import sys
from typing import Any, Final

import click

from weft.cli.options import BASE_URL, JSON

_PROJECT: Final = click.option("--project", "-p", help="The sweep's project.")
_ENTITY: Final = click.option("--entity", "-e", help="The project's owner.")


@click.command()
@click.argument("config_or_sweep", metavar="FILE | SWEEP")
@_PROJECT
@_ENTITY
@click.option("--name", help="The sweep's name; replaces the file's.")
@click.option("--program", help="The program to run; replaces the file's.")
@click.option("--prior-run", "-R", "prior_runs", multiple=True, help="A run to learn from.")
@click.option("--pause", "state", flag_value="paused", help="Pause SWEEP: its agents wait.")
@click.option("--resume", "state", flag_value="running", help="Resume SWEEP.")
@click.option("--stop", "state", flag_value="stopped", help="Start no more runs of SWEEP.")
@click.option("--cancel", "state", flag_value="cancelled", help="Stop SWEEP and its runs.")
@click.option("--retry", is_flag=True, help="Hand out what failed runs of SWEEP had again.")
@click.option(
    "--enqueue",
    "queued",
    multiple=True,
    metavar="NAME=VALUE",
    help="Queue a trial of SWEEP with these parameters; others are drawn.",
)
@JSON
def sweep(
    config_or_sweep: str,
    project: str | None,
    entity: str | None,
    state: str | None,
    queued: tuple[str, ...],
    *,
    retry: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Create a sweep from a YAML file, or control one.

    Prints the line that starts an agent. Without a server the sweep is created in the local
    directory, and `weft sync` sends it with its runs.
    """
    from weft.cli.sweeps import control_sweep, create_sweep, queue_trial

    if queued:
        if retry or state is not None:
            raise click.UsageError("--enqueue is given alone")
        sys.exit(queue_trial(config_or_sweep, queued, entity, project, as_json=as_json))
    if retry or state is not None:
        sys.exit(
            control_sweep(config_or_sweep, state, entity, project, retry=retry, as_json=as_json)
        )
    sys.exit(create_sweep(config_or_sweep, entity, project, as_json=as_json, **options))


@click.command()
@click.argument("path", required=False, metavar="[PROJECT | SWEEP]")
@BASE_URL
@JSON
def sweeps(path: str | None, base_url: str | None, *, as_json: bool) -> None:
    """List the sweeps of a project, or the runs of one.

    A sweep is named entity/project/sweep.
    """
    from weft.cli.sweeps import list_sweeps

    sys.exit(list_sweeps(path, base_url, as_json=as_json))


@click.command()
@click.argument("sweep_id", metavar="SWEEP")
@_PROJECT
@_ENTITY
@click.option("--count", type=click.IntRange(min=1), help="Most runs of this agent.")
@click.option(
    "--gpus-per-run",
    type=click.IntRange(min=1),
    help="Start as many runs at once as there are GPUs for  [default: one run, all GPUs]",
)
@click.option(
    "--forward-signals", is_flag=True, help="Send signals that end the agent to its programs."
)
@click.option(
    "--term-timeout",
    "term_timeout_secs",
    type=click.FloatRange(min=0),
    metavar="SECS",
    help="Time until a program that is to end is killed  [default: WEFT_AGENT_KILL_DELAY, 30]",
)
@click.option(
    "--max-consecutive-failed-runs",
    type=click.IntRange(min=1),
    metavar="N",
    help="End the agent once N runs have failed in a row.",
)
def agent(**options: Any) -> None:
    """Run the program of a sweep with one parameter set after another.

    Any number of agents, on any machines, may work on a sweep; each SLURM task can be one.
    """
    from weft.cli.sweeps import run_agent

    sys.exit(run_agent(**options))


SWEEP_COMMANDS: Final = (sweep, sweeps, agent)
