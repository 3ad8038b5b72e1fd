"""Hatchling metadata hook of weft-server: its requirements, from the list in `pyproject.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

ROOT = Path(__file__).parents[1]


class CustomMetadataHook(MetadataHookInterface):
    """Requires the client of the same version, and the group `server`."""

    def update(self, metadata: dict[str, Any]) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())
        client = f"weft=={metadata['version']}"
        metadata["dependencies"] = [client, *project["dependency-groups"]["server"]]
