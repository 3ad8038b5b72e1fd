"""The largest models and tables that integrations copy into artifacts."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import weft
from weft.errors import LimitExceeded
from weft.records.sizes import shown_size

MAX_BYTES: Final = 2 << 30


def check_size(n_bytes: int) -> None:
    """LimitExceeded if a model of so many bytes is not to be written."""
    if n_bytes > MAX_BYTES:
        raise LimitExceeded(
            f"the model is larger than {shown_size(MAX_BYTES)} (at least "
            f"{shown_size(n_bytes)}); log its file with weft.log_model()"
        )


def check_table(name: str, artifact: weft.Artifact) -> None:
    """LimitExceeded if the table in an artifact is too large to be logged at each epoch."""
    if artifact.size > MAX_BYTES:
        raise LimitExceeded(
            f"the table {name} has {shown_size(artifact.size)}, which is more than "
            f"{shown_size(MAX_BYTES)}; add fewer rows, or smaller media"
        )


def is_large(path: Path) -> bool:
    """Whether a model's file or folder is above the limit."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files) > MAX_BYTES


def add_model(artifact: weft.Artifact, path: Path) -> None:
    """Add a model's file or folder; by reference, with a warning, if it is above the limit."""
    if is_large(path):
        artifact.add_reference(path.resolve().as_uri(), checksum=False)
        weft.termwarn(
            f"models larger than {shown_size(MAX_BYTES)} are logged by reference: keep their "
            "files where they are, or store a copy with weft.log_model(path)",
            repeat=False,
        )
    elif path.is_dir():
        artifact.add_dir(str(path))
    else:
        artifact.add_file(str(path))
