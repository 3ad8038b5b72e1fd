"""Labels of a log for launchers and workers."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from weft.sdk.setup.labels import Kind, process_labels

TORCHRUN = {"RANK": "9", "LOCAL_RANK": "1", "GROUP_RANK": "4", "WORLD_SIZE": "16"}
SLURM = {
    "SLURM_PROCID": "3", "SLURM_LOCALID": "1", "SLURM_NODEID": "1", "SLURM_STEP_NUM_TASKS": "4"
}  # fmt: skip
OPEN_MPI = {
    "OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_LOCAL_RANK": "0",
    "OMPI_COMM_WORLD_NODE_RANK": "0", "OMPI_COMM_WORLD_SIZE": "4",
}  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, {}),
        (TORCHRUN, {"rank": "9", "local_rank": "1", "node": "4"}),
        (SLURM, {"rank": "3", "local_rank": "1", "node": "1"}),
        (OPEN_MPI, {"rank": "2", "local_rank": "0", "node": "0"}),
        ({"PMI_RANK": "5", "PMI_SIZE": "8", "MPI_LOCALRANKID": "1"},
         {"rank": "5", "local_rank": "1"}),
        ({"JAX_PROCESS_ID": "1", "JAX_NUM_PROCESSES": "2"}, {"rank": "1"}),
        # torchrun, started once on each node by srun: its own ranks are the ranks.
        ({**SLURM, **TORCHRUN}, {"rank": "9", "local_rank": "1", "node": "4"}),
        # A plain script in a batch job is rank 0 of 1, and so is one under torchrun.
        ({"SLURM_PROCID": "0", "SLURM_NODEID": "0"}, {}),
        ({**SLURM, "SLURM_STEP_NUM_TASKS": "1"}, {}),
        ({"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1"}, {}),
        # Variables of that name which mean something else.
        ({"RANK": "captain", "WORLD_SIZE": "2"}, {}),
        ({"RANK": "3"}, {}),
    ],
)  # fmt: skip
def test_ranks_come_from_the_launcher(
    environment: dict[str, str], expected: dict[str, str]
) -> None:
    assert process_labels("main", environment=environment) == {"process": "main", **expected}


@pytest.mark.parametrize("kind", ["main", "fork", "spawn"])
def test_a_dataloader_worker_has_its_number(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    data = ModuleType("torch.utils.data")
    vars(data)["get_worker_info"] = lambda: SimpleNamespace(id=3)
    monkeypatch.setitem(sys.modules, "torch.utils.data", data)
    expected = "main" if kind == "main" else "worker-3"
    assert process_labels(kind, environment={}) == {"process": expected}
    vars(data)["get_worker_info"] = lambda: None  # in the process that has the loader
    assert process_labels(kind, environment={}) == {"process": kind}


def test_a_label_of_the_users_own_is_kept() -> None:
    assert process_labels("main", "evaluator", {}) == {"process": "main", "label": "evaluator"}
