"""Files a second: announced in a run log, and their contents sent by hash, per core of the server.

The peer writes each content to a file of its own and syncs it, as simple trackers do.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import random
import tempfile
import time
from pathlib import Path

import msgspec
import zstandard

from logs import LogMaker
from measure import Figure, Server, arguments, finish, running_server
from weft.records.record import File
from weft.runlog.format import encode_frame, encode_payload

FILES_PER_UPLOAD = 500
REQUEST_BYTES = 8 * 2**20
CONTENT_BYTES = 20_000


class Sender:
    """One run's log and contents over one connection."""

    def __init__(self, server: Server, run_id: str) -> None:
        self._log = LogMaker(run_id, 1)
        self._path = f"/api/v1/projects/local/bench/runs/{run_id}/log/{self._log.writer_id}"
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port)
        self._position = 0
        self.upload(self._log.head)

    def upload(self, data: bytes) -> int:
        """Send the log's next bytes; returns how many files lack their contents."""
        address = f"{self._path}?position={self._position}"
        answer = self._ask("POST", address, zstandard.compress(data))
        self._position = answer["position"]
        return answer["n_lacking"]

    def send(self, contents: list[bytes]) -> int:
        """Send contents together; returns how many were stored."""
        body = msgspec.msgpack.encode(contents)
        return self._ask("POST", "/api/v1/projects/local/bench/contents", body)["n_stored"]

    def _ask(self, method: str, path: str, body: bytes) -> dict[str, int]:
        self._connection.request(method, path, body)
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path} refused: {answer.status} {data!r}")
        return json.loads(data)


def announce(sender: Sender, contents: list[bytes]) -> None:
    """Announce contents, some hundred files in an upload."""
    frames = [
        encode_frame(
            encode_payload(
                File(
                    f"media/images/sample_{nth}.png",
                    len(data),
                    hashlib.sha256(data).hexdigest(),
                    nth,
                )
            )
        )
        for nth, data in enumerate(contents)
    ]
    for at in range(0, len(frames), FILES_PER_UPLOAD):
        sender.upload(b"".join(frames[at : at + FILES_PER_UPLOAD]))


def send(sender: Sender, contents: list[bytes]) -> None:
    """Send contents, about 8 MiB in a request."""
    n_together = REQUEST_BYTES // CONTENT_BYTES
    for at in range(0, len(contents), n_together):
        batch = contents[at : at + n_together]
        if sender.send(batch) != len(batch):
            raise SystemExit("contents were refused")


def synced_files(contents: list[bytes]) -> float:
    """Contents a second, each in a file of its own and synced."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        for nth, data in enumerate(contents):
            with (Path(folder) / f"{nth}.png").open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        return len(contents) / (time.perf_counter() - begin)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    args = parser.parse_args()
    make = random.Random(1).randbytes
    contents = [make(CONTENT_BYTES) for _ in range(args.files)]
    figures: list[Figure] = []
    with running_server() as server:
        warm = Sender(server, "warmup00")
        announce(warm, [make(1000) for _ in range(1000)])
        sender = Sender(server, "bench001")
        for name, work, budget in (
            ("files announced in a log", announce, 5000),
            ("contents of 20 KB sent by hash", send, 2500),
        ):
            cpu, begin = server.cpu_secs(), time.perf_counter()
            work(sender, contents)
            wall = time.perf_counter() - begin
            core = args.files / (server.cpu_secs() - cpu)
            figures.append(Figure(f"{name}, per core", core, "files/s", budget, at_least=True))
            figures.append(Figure(f"{name}, one sender", args.files / wall, "files/s"))
        if sender.upload(b""):
            raise SystemExit("the server lacks contents")
        peer = synced_files(contents[:2000])
        figures.append(Figure("files written and synced one by one", peer, "files/s"))
        figures.append(Figure("server memory, peak", server.memory_mb("VmHWM"), "MB", 600))
    finish(figures, args.json)


if __name__ == "__main__":
    main()
