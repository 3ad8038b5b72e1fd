"""A sidecar that an import ended: its log names the library, and the script the remedy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from weft.sync.finish_result import import_error


def test_the_library_that_can_not_be_imported_is_named_with_the_remedy(tmp_path: Path) -> None:
    log = tmp_path / "sidecar.log"
    assert import_error(log) is None
    code = "import sys; sys.modules['msgspec'] = None; import weft.sync.process"
    with log.open("w") as output:
        subprocess.run([sys.executable, "-c", code], stderr=output)
    error = import_error(log)
    assert error is not None
    assert "import of msgspec halted" in error
    assert error.endswith("`pip install --force-reinstall weft`")
    log.write_text("Traceback (most recent call last):\nValueError: other\n")
    assert import_error(log) is None
