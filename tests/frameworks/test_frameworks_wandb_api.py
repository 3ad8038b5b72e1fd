"""The record of what the official client's `Api` has is true of the client that is installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent / "parity"


def test_the_record_of_the_official_api_is_true() -> None:
    done = subprocess.run(
        [sys.executable, str(HERE / "official_api.py")], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == json.loads((HERE / "official_api.json").read_text())
