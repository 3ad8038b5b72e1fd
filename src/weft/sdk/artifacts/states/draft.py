"""An artifact that is being made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from weft.client.artifact_client import VersionTarget
from weft.sdk.artifacts.making.draft_files import DraftFiles
from weft.sdk.artifacts.states.description import Description


@dataclass
class Draft:
    """An artifact that is being made. `base` is the version whose files it has taken over."""

    fault: ClassVar = "was not logged yet"
    ref: ClassVar[str | None] = None

    description: Description
    base: VersionTarget | None = None
    files: DraftFiles = field(default_factory=DraftFiles)
