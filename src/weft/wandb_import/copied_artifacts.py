"""The result of copying artifacts from a W&B server."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class CopiedArtifacts:
    """The result of a copy: numbers of things not copied by kind, and reasons why versions were
    not.
    """

    n_versions: int = 0
    n_files: int = 0
    n_bytes: int = 0
    faults: list[str] = field(default_factory=list[str])
    left_out: Counter[str] = field(default_factory=Counter[str])
