"""Files in which a system tells of itself, such as those of `/proc` and `/sys`. Reads them."""

from __future__ import annotations

from pathlib import Path


def read_system_file(path: Path) -> str:
    """The text of a file without the white space around it; '' if it can't be read."""
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
