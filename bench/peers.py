"""The trackers that weft is measured beside, each in an environment of its own below `.bench/`."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from measure import ROOT

PACKAGES = {
    "wandb": ["wandb", "numpy", "pillow"],
    "trackio": ["trackio", "numpy", "pillow"],
    "tensorboardX": ["tensorboardX", "numpy", "pillow"],
}
READERS = {
    "tensorboard": ["tensorboard", "tensorboardX", "numpy", "pillow"],
    "mlflow": ["mlflow-skinny", "sqlalchemy", "alembic", "sqlparse"],
    "mlflow-server": ["mlflow", "numpy", "pillow"],
    "dvc": ["dvc", "numpy"],
}
"""Those that only read back what others log, or what a benchmark writes."""

WEFT = "weft"


def python_of(peer: str) -> Path:
    """The interpreter that has `peer`; its environment is made when it is missing."""
    if peer == WEFT:
        return Path(sys.executable)
    folder = ROOT / ".bench" / peer
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists():
        print(f"installing {peer} into {folder.relative_to(ROOT)}", flush=True)
        uv = Path(sys.executable).with_name("uv")
        make = [uv, "venv", "-q", "--allow-existing", "--python", sys.executable, folder]
        subprocess.run(make, check=True)
        install = [uv, "pip", "install", "-q", "--compile-bytecode", "--python", python]
        subprocess.run([*install, *(PACKAGES | READERS)[peer]], check=True)
        ready.touch()
    return python


def available_peers() -> list[str]:
    """weft, and those peers that can be had here; one that can't is said and left out."""
    available = [WEFT]
    for peer in PACKAGES:
        try:
            python_of(peer)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{peer} can't be installed, so it is left out: {error}", flush=True)
        else:
            available.append(peer)
    return available


def environment(folder: Path) -> dict[str, str]:
    """Variables of all workers: nothing of the user's, one BLAS thread, files in `folder`."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WEFT_", "WANDB_", "TRACKIO_", "XDG_"))
        and name != "PYTHONDONTWRITEBYTECODE"
    }
    own = {
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        "WANDB_MODE": "offline",
        "WANDB_SILENT": "true",
        "WANDB_DIR": str(folder),
        "WANDB_ERROR_REPORTING": "false",
        "WEFT_SILENT": "true",
        "WEFT_DIR": str(folder),
        "TRACKIO_DIR": str(folder / "trackio"),
        "HF_HUB_OFFLINE": "1",
        "GRADIO_ANALYTICS_ENABLED": "False",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONPYCACHEPREFIX": str(ROOT / ".bench" / "pycache"),
    }
    return inherited | own


def run_worker(
    peer: str,
    arguments: list[str],
    *,
    starts_with: str,
    activity: str = "",
    python: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> Any:
    """Run a worker in the peer's environment and an empty folder; what its last line says.

    Args:
        arguments: of the interpreter.
        starts_with: how that line of JSON begins; peers print more of their own.
        activity: named where it fails.
        python: an interpreter with several peers, in place of the peer's own.
        variables: of the environment, besides those of all workers.

    Returns:
        None where the worker failed; it has been printed why.
    """
    with tempfile.TemporaryDirectory(prefix="weft-bench-", ignore_cleanup_errors=True) as folder:
        done = subprocess.run(
            [python or python_of(peer), *arguments],
            capture_output=True,
            text=True,
            env=environment(Path(folder)) | dict(variables or {}),
            cwd=folder,
            timeout=300,
            check=False,
        )
    for line in reversed(done.stdout.splitlines()):
        if line.startswith(starts_with):
            return json.loads(line)
    print(f"{peer} failed{activity}: {done.stderr[-400:]}", flush=True)
    return None


@contextmanager
def peer_server(peer: str, command: list[str], folder: Path) -> Generator[tuple[str, int]]:
    """A peer's server, once it answers: its address and its process.

    Args:
        command: a module and its arguments; `--port` is added.
        folder: of its files.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [str(python_of(peer)), "-m", *command, "--port", str(port)],
        env=environment(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        end = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(url).close()
                break
            except OSError:
                if time.monotonic() > end:
                    raise SystemExit(f"{peer} did not start") from None
                time.sleep(0.5)
        yield url, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
