"""Sweeps of services: their agents' messages, and the runs that these start."""

from __future__ import annotations

import json
from typing import Any

from service_uploads import START, WriterLog
from weft.records.record import Config, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services
from weft.wire.sweeps import AgentBeat, AgentOrders, NewSweep

PROJECT = ProjectPath("local", "mnist")
GRID = {
    "method": "grid",
    "metric": {"name": "loss"},
    "parameters": {
        "lr": {"values": [0.1, 0.01]},
        "n": {"parameters": {"k": {"min": 1, "max": 2}}},
    },
}


def create(services: Services, config: dict[str, Any] = GRID, **more: Any) -> str:
    new = NewSweep(config=json.dumps(config), **more)
    return services.sweeps.create(LOCAL, PROJECT, new).id


def beat(services: Services, sweep: str, agent: str, **fields: Any) -> AgentOrders:
    return services.sweeps.answer_beat(
        LOCAL, PROJECT, sweep, agent, AgentBeat(host="h", pid=1, **fields)
    )


def log_run(
    services: Services, run: str, sweep: str, loss: float | None, *ends: Any, **config: Any
) -> None:
    log = WriterLog(f"w-{run}")
    upload = log.upload(
        Run(run, PROJECT.project, start_micros=START, sweep=sweep),
        Config(START, [([name], value) for name, value in config.items()]),
        *ends,
        rows=[] if loss is None else [{"loss": loss}],
    )
    services.ingest.apply_upload(LOCAL, PROJECT.run(run), upload)
