"""Libraries that tests preload into processes, to change what the system tells them."""

from __future__ import annotations

import subprocess
from pathlib import Path

SOURCES = Path(__file__).resolve().parent


def build_shim(name: str, folder: Path) -> Path:
    """Compile `<name>.c`, which stands beside this file; the library, for `LD_PRELOAD`."""
    library = folder / f"{name}.so"
    source = SOURCES / f"{name}.c"
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-O1", "-w", "-o", str(library), str(source), "-ldl"],
        check=True,
    )
    return library
