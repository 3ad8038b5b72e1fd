"""Archives taken apart, changed, and packed again with checksums that fit."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


def entries(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as file:
        return {name: file.read(name) for name in file.namelist()}


def pack(path: Path, contents: dict[str, bytes], *, resum: bool = True) -> Path:
    """A zip of these entries, its manifest made to fit unless it is told not to."""
    if resum and "manifest.json" in contents:
        manifest = json.loads(contents["manifest.json"])
        manifest["entries"] = {
            name: {"n_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in contents.items()
            if name != "manifest.json"
        }
        contents = {**contents, "manifest.json": json.dumps(manifest).encode()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in contents.items():
            file.writestr(name, data)
    return path


Change = Callable[[dict[str, bytes]], None]


def in_manifest(**changes: Any) -> Change:
    def change(contents: dict[str, bytes]) -> None:
        manifest = {**json.loads(contents["manifest.json"]), **changes}
        contents["manifest.json"] = json.dumps(manifest).encode()

    return change


def in_lines(name: str, edit: Callable[[list[dict[str, Any]]], Any]) -> Change:
    def change(contents: dict[str, bytes]) -> None:
        lines = [json.loads(line) for line in contents[name].splitlines()]
        edit(lines)
        contents[name] = b"".join(json.dumps(line).encode() + b"\n" for line in lines)

    return change
