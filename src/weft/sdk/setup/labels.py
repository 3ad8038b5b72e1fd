"""Labels that distinguish this process's log within its run: rank, node, process kind. No I/O.

They are read from the variables that launchers set, once for each log. They go into the log's
header and from there to the server, where charts group and filter by them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

Kind = Literal["main", "fork", "spawn"]
"""`main` called `init`; `fork` is a forked child of it; `spawn` received the run by pickle."""


class _Launcher(msgspec.Struct, frozen=True):
    """The environment variables of one kind of launcher.

    `n_ranks` holds the number of ranks. A single rank needs no label: some clusters also set rank
    0 in a plain batch job.
    """

    rank: str
    local_rank: str
    node: str
    n_ranks: str


_LAUNCHERS: Final = (
    # torchrun, accelerate, deepspeed; before SLURM and MPI, which may have started torchrun.
    _Launcher("RANK", "LOCAL_RANK", "GROUP_RANK", "WORLD_SIZE"),
    _Launcher("HOROVOD_RANK", "HOROVOD_LOCAL_RANK", "HOROVOD_CROSS_RANK", "HOROVOD_SIZE"),
    _Launcher(
        "OMPI_COMM_WORLD_RANK",
        "OMPI_COMM_WORLD_LOCAL_RANK",
        "OMPI_COMM_WORLD_NODE_RANK",
        "OMPI_COMM_WORLD_SIZE",
    ),
    _Launcher("MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_LOCAL_RANK", "", "MV2_COMM_WORLD_SIZE"),
    _Launcher("PMI_RANK", "MPI_LOCALRANKID", "", "PMI_SIZE"),
    _Launcher("SLURM_PROCID", "SLURM_LOCALID", "SLURM_NODEID", "SLURM_STEP_NUM_TASKS"),
    _Launcher("JAX_PROCESS_ID", "", "", "JAX_NUM_PROCESSES"),
)


def process_labels(
    kind: Kind, label: str | None = None, environment: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the labels of this process's log; `label` is the user's name for the process, from
    the settings.

    >>> torchrun = {"RANK": "9", "LOCAL_RANK": "1", "GROUP_RANK": "1", "WORLD_SIZE": "16"}
    >>> process_labels("main", environment=torchrun)
    {'process': 'main', 'rank': '9', 'local_rank': '1', 'node': '1'}
    """
    variables = os.environ if environment is None else environment
    labels = {"process": _process(kind)}
    for launcher in _LAUNCHERS:
        rank = variables.get(launcher.rank, "")
        if rank.isdecimal() and variables.get(launcher.n_ranks, "1") != "1":
            labels["rank"] = rank
            for name in ("local_rank", "node"):
                value = variables.get(getattr(launcher, name), "")
                if value.isdecimal():
                    labels[name] = value
            break
    if label:
        labels["label"] = label
    return labels


def _process(kind: Kind) -> str:
    number = None if kind == "main" else _loader_worker()
    return kind if number is None else f"worker-{number}"


def _loader_worker() -> int | None:
    """Return this process's number as a PyTorch DataLoader's worker, without importing PyTorch."""
    data: Any = sys.modules.get("torch.utils.data")
    get_worker_info = getattr(data, "get_worker_info", None)
    info = get_worker_info() if callable(get_worker_info) else None
    number = getattr(info, "id", None)
    return number if isinstance(number, int) else None
