"""One tracker stores a folder as an artifact, or fetches it. `artifacts.py` runs it.

    python artifacts_worker.py PEER put FOLDER
    python artifacts_worker.py weft get FOLDER

Prints an object: `secs` until all is in place, for weft at its server, for the others in their
files; for weft also how long the call took, and the peak memory and the CPU time of its processes.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from images_worker import cpu_secs, memory_mb, sidecar_pid


def put_with_weft(folder: Path) -> dict[str, Any]:
    """Log the folder as linked files, as one does with a dataset."""
    weft: Any = import_module("weft")
    run = weft.init(project="bench")
    bare_mb, bare_secs = memory_mb(os.getpid(), "VmRSS"), time.process_time()
    begin = time.perf_counter()
    artifact = weft.Artifact("data", "dataset")
    artifact.add_dir(str(folder), policy="immutable")
    run.log_artifact(artifact)
    logged = time.perf_counter()
    artifact.wait(600)
    report = {"secs": time.perf_counter() - begin, "call_secs": logged - begin}
    sidecar = sidecar_pid()
    children = Path(f"/proc/{sidecar}/task/{sidecar}/children").read_text().split()
    memory = {"script": memory_mb(os.getpid(), "VmHWM") - bare_mb}
    memory["sidecar"] = memory_mb(sidecar, "VmHWM")
    memory["file worker"] = max((memory_mb(int(child), "VmHWM") for child in children), default=0)
    cpu = {"script": time.process_time() - bare_secs, "sidecar": cpu_secs(sidecar)}
    cpu["file worker"] = sum(cpu_secs(int(child)) for child in children)
    run.finish()
    return report | {"memory": memory, "cpu": cpu, "version": artifact.version}


def get_with_weft(folder: Path) -> dict[str, Any]:
    """Fetch the newest version into a folder, past the cache."""
    weft: Any = import_module("weft")
    artifact = weft.Api().artifact("local/bench/data:latest")
    bare_mb = memory_mb(os.getpid(), "VmRSS")
    begin = time.perf_counter()
    artifact.download(str(folder), skip_cache=True)
    secs = time.perf_counter() - begin
    return {"secs": secs, "memory": {"script": memory_mb(os.getpid(), "VmHWM") - bare_mb}}


def put_with_wandb(folder: Path) -> dict[str, Any]:
    """Log the folder offline, with links where the official client can link."""
    wandb: Any = import_module("wandb")
    run = wandb.init(project="bench")
    begin = time.perf_counter()
    artifact = wandb.Artifact("data", "dataset")
    artifact.add_dir(str(folder), policy="immutable")
    run.log_artifact(artifact)
    run.finish()
    return {"secs": time.perf_counter() - begin}


def put_with_mlflow(folder: Path) -> dict[str, Any]:
    """Copy the folder to MLflow's artifact folder."""
    mlflow: Any = import_module("mlflow")
    mlflow.set_tracking_uri(f"sqlite:///{Path.cwd() / 'mlflow.db'}")
    with mlflow.start_run():
        begin = time.perf_counter()
        mlflow.log_artifacts(str(folder))
        return {"secs": time.perf_counter() - begin}


def put_with_dvc(folder: Path) -> dict[str, Any]:
    """`dvc add` and `dvc push` to a folder; the data are linked into DVC's cache."""
    dvc: Any = import_module("dvc.cli")
    link = Path("data")
    for command in (
        ["init", "--no-scm", "-q"],
        ["config", "-q", "cache.type", "hardlink"],
        ["remote", "add", "-q", "-d", "store", str(Path.cwd() / "remote")],
    ):
        assert dvc.main(command) == 0
    os.rename(folder, link)  # noqa: PTH104  DVC takes only what is in its repository
    begin = time.perf_counter()
    for command in (["add", "-q", "data"], ["push", "-q"]):
        assert dvc.main(command) == 0
    return {"secs": time.perf_counter() - begin}


def main() -> None:
    peer, action, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    if action == "get":
        report = get_with_weft(folder)
    else:
        put = {
            "weft": put_with_weft,
            "wandb": put_with_wandb,
            "mlflow-server": put_with_mlflow,
            "dvc": put_with_dvc,
        }[peer]
        report = put(folder)
    print(json.dumps(report), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
