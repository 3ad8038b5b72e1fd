"""The launcher of a process: SLURM, torchrun, Ray, Kubernetes, a container, conda. Does I/O."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from weft.records.secrets.redaction import Redactor
from weft.sync.system_files import read_system_file

_TORCHRUN: Final = (
    "RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "GROUP_RANK", "NODE_RANK",
    "MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT",
)  # fmt: skip
_CONDA: Final = ("CONDA_DEFAULT_ENV", "CONDA_PREFIX")
_NAMESPACE: Final = "var/run/secrets/kubernetes.io/serviceaccount/namespace"


def describe_launcher(
    variables: Mapping[str, str], redactor: Redactor, root: Path = Path("/")
) -> dict[str, Any]:
    """Facts about the launcher from the environment variables and the file system, by system.

    >>> describe_launcher({"RANK": "1", "CONDA_PREFIX": "/c"}, Redactor(), Path("/none"))
    {'torchrun': {'rank': '1'}, 'conda': {'prefix': '/c'}}
    """
    groups: dict[str, dict[str, str]] = {
        "slurm": _starting(variables, "SLURM_"),
        "torchrun": {name.lower(): variables[name] for name in _TORCHRUN if name in variables},
        "ray": _starting(variables, "RAY_"),
        "conda": {
            name.removeprefix("CONDA_").lower(): variables[name]
            for name in _CONDA
            if name in variables
        },
        "kubernetes": _kubernetes(variables, root),
        "cgroup": _cgroup(root),
    }
    facts: dict[str, Any] = {
        name: redactor.variables(values) for name, values in groups.items() if values
    }
    container = _container(variables, root)
    return {**facts, "container": container} if container else facts


def _starting(variables: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Variables of a prefix, named as in W&B's metadata: `SLURM_JOB_ID` is `job_id`."""
    names = sorted(name for name in variables if name.startswith(prefix))
    return {name.removeprefix(prefix).lower(): variables[name] for name in names}


def _kubernetes(variables: Mapping[str, str], root: Path) -> dict[str, str]:
    if "KUBERNETES_SERVICE_HOST" not in variables:
        return {}
    namespace = read_system_file(root / _NAMESPACE)
    facts = {"pod": variables.get("HOSTNAME", ""), "namespace": namespace}
    return {name: value for name, value in facts.items() if value}


def _container(variables: Mapping[str, str], root: Path) -> str:
    if (root / ".dockerenv").exists():
        return "docker"
    if (root / "run/.containerenv").exists():
        return "podman"
    if "SINGULARITY_CONTAINER" in variables or "APPTAINER_CONTAINER" in variables:
        return "apptainer"
    return variables.get("container", "")


def _cgroup(root: Path) -> dict[str, str]:
    """Limits of this process's cgroup, of version 2, without those that are not set."""
    text = read_system_file(root / "proc/self/cgroup")
    path = next((line[3:] for line in text.splitlines() if line.startswith("0::")), "")
    folder = root / "sys/fs/cgroup" / path.lstrip("/")
    limits = {
        name.replace(".", "_"): read_system_file(folder / name)
        for name in ("memory.max", "cpu.max", "pids.max", "cpuset.cpus.effective")
    }
    return {name: text for name, text in limits.items() if text and not text.startswith("max")}
