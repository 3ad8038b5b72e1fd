"""The announcement of a starting server, which is written before its type is loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec

from weft.sync.addresses.local_server import ServerFile

CODE = """
import os, sys
from pathlib import Path
from weft.cli import entry
entry._announce(Path(sys.argv[1]))
print(os.getpid())
print("weft.sync.addresses.local_server" in sys.modules)
"""


def test_it_is_a_server_file_with_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "state" / "server.json"
    command = [sys.executable, "-c", CODE, str(path)]
    process = subprocess.run(command, capture_output=True, text=True, check=True)
    pid, is_loaded = process.stdout.split()
    content = path.read_bytes()
    file = msgspec.json.decode(content, type=ServerFile, strict=True)
    assert (file.address, file.pid, file.token, file.is_ready) == ("", int(pid), None, False)
    assert file.pid_start > 0
    assert json.loads(content).keys() <= {*ServerFile.__struct_fields__}
    assert is_loaded == "False"
    assert oct(path.stat().st_mode & 0o777) == "0o600"
