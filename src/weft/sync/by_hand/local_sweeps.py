"""Creates on the server the sweeps that began without one, when their runs are sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from weft.client.api_client import ApiClient
from weft.client.shared import AlwaysAt, Server, SharedTransport
from weft.errors import Conflict, WeftError
from weft.records.ids import DEFAULT_ENTITY, DEFAULT_PROJECT
from weft.runlog.layout import is_run_directory
from weft.sync.addresses.server_address import ServerAddress
from weft.sync.by_hand.choice import Choice
from weft.wire.sweeps import NewSweep, create_sweep

SWEEP_FILE = "sweep.json"


def send_sweeps(
    paths: Sequence[Path], choice: Choice, address: ServerAddress, fault: Callable[[str], object]
) -> int:
    """Create the sweeps in `weft/sweeps` folders, unless the server has them; how many were made.

    The server finds their runs by the sweep's id. `fault` is told of a sweep that can't be
    created.
    """
    files = sorted({file for path in paths for file in _sweep_files(path)})
    if not files:
        return 0
    server = Server(address.url, address.key, address.policy)
    client = ApiClient(SharedTransport(AlwaysAt(server)))
    n_made = 0
    for file in files:
        try:
            sweep: dict[str, Any] = json.loads(file.read_text())
            config = {**sweep["config"], "seed": sweep["seed"]}
            client.call(
                create_sweep,
                choice.entity or sweep["entity"] or DEFAULT_ENTITY,
                choice.project or sweep["project"] or DEFAULT_PROJECT,
                NewSweep(config=json.dumps(config), id=file.parent.name),
            )
            n_made += 1
        except Conflict:
            continue
        except (WeftError, OSError, ValueError, KeyError) as error:
            fault(f"the sweep in {file.parent} is not sent: {error}")
    return n_made


def _sweep_files(path: Path) -> list[Path]:
    folder = path.absolute()
    if folder.is_file():
        folder = folder.parent
    if is_run_directory(folder):
        folder = folder.parent
    elif (folder / "weft").is_dir():
        folder = folder / "weft"
    return sorted((folder / "sweeps").glob(f"*/{SWEEP_FILE}"))
