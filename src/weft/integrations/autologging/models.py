"""Models as artifacts of type "model", up to the size that `sizes` has."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import weft
from weft.integrations.autologging.fits import Fit
from weft.integrations.sizes import add_model, check_size


class _LimitedFile(io.RawIOBase):
    """A file that refuses to grow beyond the limit of models."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._n_bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._n_bytes += memoryview(data).nbytes
        check_size(self._n_bytes)
        return self._file.write(data)


def log_stream(fit: Fit, name: str, write: Callable[[Any], object]) -> None:
    """Log a model that `write` writes to a binary file, and stop at the limit."""
    artifact = _artifact(fit)
    with artifact.new_file(name, "wb") as file:
        write(_LimitedFile(file))
    _log(fit, artifact)


def log_written(fit: Fit, name: str, write: Callable[[str], object], n_bytes: int = 0) -> None:
    """Log a model that `write` writes to a path, as a file or a folder.

    Args:
        n_bytes: its size, as far as it can be told before.
    """
    check_size(n_bytes)
    with tempfile.TemporaryDirectory(prefix="weft-model-") as folder:
        path = Path(folder) / name
        write(str(path))
        artifact = _artifact(fit)
        if path.is_dir():
            artifact.add_dir(str(path))
        else:
            artifact.add_file(str(path), name)
        _log(fit, artifact)


def log_checkpoint(fit: Fit, path: str) -> None:
    """Log a file that the framework wrote; by reference if it is larger than the limit."""
    artifact = _artifact(fit)
    add_model(artifact, Path(path))
    _log(fit, artifact)


def _artifact(fit: Fit) -> weft.Artifact:
    return weft.Artifact(
        f"{fit.run.id}_model", type="model", metadata={"framework": fit.framework}
    )


def _log(fit: Fit, artifact: weft.Artifact) -> None:
    fit.run.log_artifact(artifact)
