"""The server to which `weft import wandb-server` sends artifact versions."""

from __future__ import annotations

import contextlib
import io
import shutil
from pathlib import Path
from typing import Final

from weft.client.api_client import ApiClient
from weft.client.artifact_client import VersionTarget
from weft.errors import Gone, NotFound, Unavailable
from weft.sync.by_hand.command import OK
from weft.sync.by_hand.command import sync as send

_STORED: Final = "stored"


class ServerTarget:
    """Sends versions to a server, and removes the run directories that it has sent."""

    def __init__(self, client: ApiClient, base_url: str | None, entity: str, project: str) -> None:
        self._client = client
        self._base_url = base_url
        self._entity, self._project = entity, project

    def send(self, directory: Path) -> None:
        """Send a run directory."""
        output = io.StringIO()
        with contextlib.redirect_stderr(output):
            code = send([directory], base_url=self._base_url)
        if code != OK:
            raise Unavailable(output.getvalue().strip().replace("weft: ", ""))
        shutil.rmtree(directory)

    def version(self, run_id: str, folder: str) -> str | None:
        """The version that a run logged under a folder."""
        artifacts = self._client.artifacts
        try:
            versions = artifacts.of_run(self._entity, self._project, run_id, folder=folder).logged
        except (NotFound, Gone):
            return None
        return next((entry.version for entry in versions if entry.state == _STORED), None)

    def describe(self, name: str, version: str, aliases: list[str], tags: list[str]) -> None:
        target = VersionTarget(self._entity, self._project, name, version)
        now = self._client.artifacts.version(target)
        edit = {
            "add_aliases": [entry for entry in aliases if entry not in now.aliases],
            "add_tags": [entry for entry in tags if entry not in now.tags],
        }
        if any(edit.values()):
            self._client.artifacts.edit(target, edit)
