"""What tells this process's log from the others of its run: rank, node, kind of process. No I/O.

Read from what launchers leave in the environment, once for each log; it goes into the log's header
and from there to the server, where charts group and filter by it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

Kind = Literal["main", "fork", "spawn"]
"""`main` called `init`; `fork` is a forked child of it; `spawn` was handed the run by pickle."""


class _Launcher(NamedTuple):
    """The variables of one kind of launcher.

    Attributes:
        n_ranks: says how many ranks there are: one alone needs no label, and is rank 0 of some
            cluster's batch job, too.
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
    """The labels of this process's log.

    Args:
        label: a name of the user's own for this process, setting `label`.
        environment: default: this process's.

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
    """Which worker of a PyTorch DataLoader this process is; PyTorch is not loaded for it."""
    data: Any = sys.modules.get("torch.utils.data")
    get_worker_info = getattr(data, "get_worker_info", None)
    info = get_worker_info() if callable(get_worker_info) else None
    number = getattr(info, "id", None)
    return number if isinstance(number, int) else None
