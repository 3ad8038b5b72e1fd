"""Contents of a run in the `.wandb` file that W&B's client writes, by W&B's own definitions.

Needs the package `wandb`; the blocks of the file are read by the importer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wandb.proto import wandb_internal_pb2

from weft.wandb_import.chunks import ChunkReader


class OfficialRecord:
    """Rows, the config and the keys of custom charts, of one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run_id = path.stem.removeprefix("run-")
        self.rows: list[dict[str, Any]] = []
        self.config: dict[str, Any] = {}
        for record in self._records():
            if record.HasField("history"):
                self.rows.append(tree_of(record.history.item))
            elif record.HasField("run"):
                merge(self.config, tree_of(record.run.config.update))
            elif record.HasField("config"):
                merge(self.config, tree_of(record.config.update))

        own = self.config.get("_wandb", {})
        self.charts = {*own.get("visualize", {}), *own.get("viz", {})}

    def _records(self) -> Iterator[wandb_internal_pb2.Record]:
        with self.path.open("rb") as file:
            for chunk in ChunkReader(file, str(self.path)):
                yield wandb_internal_pb2.Record.FromString(chunk)


def tree_of(items: Any) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for item in items:
        *folders, key = list(item.nested_key) or [item.key]
        branch = tree
        for folder in folders:
            branch = branch.setdefault(folder, {})
        branch[key] = json.loads(item.value_json)
    return tree


def merge(tree: dict[str, Any], changes: dict[str, Any]) -> None:
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(tree.get(key), dict):
            merge(tree[key], value)
        else:
            tree[key] = value
