"""GPUs and endpoints of a real script, from the driver to the run's log."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer

import pytest

from sdk_script import start_script
from shims import build_shim
from weft.records.record import Exit, Key, Schema, System
from weft.runlog.reader import read_header, read_records
from weft.sync.sampling import nvml

SCRIPT = """
    import os, sys
    import weft
    run = weft.init(id="{run_id}")
    print(os.getpid(), flush=True)
    while not os.path.exists("stop"):
        run.log({{"loss": 0.5}})
        __import__("time").sleep(0.05)
    run.finish()
"""


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nvml")
    build_shim("fake_nvml", folder).rename(folder / nvml.LIBRARY)
    return folder


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'# TYPE up gauge\nup{job="a"} 1\n')

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's
        pass


@pytest.fixture
def endpoint() -> Iterator[str]:
    with ThreadingTCPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/metrics"
        server.shutdown()
        thread.join()


def samples(folder: Path) -> list[dict[str, float]]:
    """The samples in the sidecar's log of the run below `folder`."""
    rows: list[dict[str, float]] = []
    for log in folder.glob("weft/*/run-*.weft"):
        header = read_header(log)
        if header is None or header.parent_writer is None:
            continue
        names: dict[int, str] = {}
        schemas: dict[int, list[str]] = {}
        for record in read_records(log):
            if isinstance(record, Key):
                names[record.key_id] = record.name
            elif isinstance(record, Schema):
                schemas[record.schema_id] = [names[key_id] for key_id in record.key_ids]
            elif isinstance(record, System):
                rows.append(dict(zip(schemas[record.schema_id], record.values, strict=True)))
    return rows


def wait_for_sample(folder: Path, *keys: str, n: int = 1) -> None:
    deadline = time.monotonic() + 60
    while sum(sample.keys() >= set(keys) for sample in samples(folder)) < n:
        assert time.monotonic() < deadline, f"no {n} samples of {keys}"
        time.sleep(0.05)


def has_exit(folder: Path) -> bool:
    logs = folder.glob("weft/*/run-*.weft")
    return all(isinstance(list(read_records(log))[-1], Exit) for log in logs)


def test_gpus_and_endpoints_are_in_one_sample_with_the_machine(
    tmp_path: Path, driver: Path, endpoint: str
) -> None:
    process = start_script(
        tmp_path,
        SCRIPT.format(run_id="gpus0001"),
        {
            "WEFT_MODE": "offline",
            "WEFT_SYSTEM_INTERVAL": "1",
            "WEFT_OPEN_METRICS_ENDPOINTS": f'{{"node": "{endpoint}"}}',
            "LD_LIBRARY_PATH": str(driver),
        },
    )
    try:
        wait_for_sample(tmp_path, "system.cpu", "system.gpu.0.temp", "system.gpu.1.gpu")
        wait_for_sample(tmp_path, "system.openmetrics.node.up.0")
        (tmp_path / "stop").touch()
        _, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, stderr


def test_a_driver_that_hangs_holds_up_neither_samples_nor_the_end(
    tmp_path: Path, driver: Path
) -> None:
    hang = tmp_path / "hang"
    hang.touch()
    process = start_script(
        tmp_path,
        SCRIPT.format(run_id="hang0001"),
        {
            "WEFT_MODE": "offline",
            "WEFT_SYSTEM_INTERVAL": "0.5",
            "FAKE_NVML_HANG_FILE": str(hang),
            "LD_LIBRARY_PATH": str(driver),
        },
    )
    try:
        wait_for_sample(tmp_path, "system.cpu", n=3)
        (tmp_path / "stop").touch()
        _, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, stderr
    assert not any(key.startswith("system.gpu.") for sample in samples(tmp_path) for key in sample)
    deadline = time.monotonic() + 60
    while not has_exit(tmp_path):
        assert time.monotonic() < deadline, "the sidecar does not end"
        time.sleep(0.05)
