"""A small real HTTP server for tests of uploads, which answers well or badly as it is told.

Well means as `docs/http-api.md` says: it keeps each log's bytes and acknowledges positions. It
listens on a free port of the loopback interface, in threads of the test's process.
"""

from __future__ import annotations

import http.server
import json
import socketserver
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import zstandard

from weft.errors import CorruptLog
from weft.runlog.format import MARK, crc_of, frame_at


@dataclass(frozen=True)
class Upload:
    """One request that came in."""

    method: str
    path: str
    writer: str
    position: int
    n_damaged: int
    data: bytes
    headers: dict[str, str]
    after: int | None = None
    start: int = 0
    ended: str | None = None

    @property
    def is_beat(self) -> bool:
        return not self.data


@dataclass(frozen=True)
class Answer:
    """An answer in place of the right one."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    """Close the connection without an answer."""


def problem(status: int, code: str, **extra: Any) -> Answer:
    body = json.dumps({"status": status, "code": code, "detail": f"{code} it is", **extra})
    return Answer(status, body.encode(), {"Content-Type": "application/problem+json"})


_OF_ONE_LOG = ("position", "pause_millis", "stop", "stopped_by", "code", "detail")


def _unpacked(body: bytes, media_type: str | None) -> bytes:
    if not body or media_type != "application/zstd":
        return body
    return zstandard.ZstdDecompressor().decompress(body)


HTML = Answer(200, b"<html><body>Log in</body></html>", {"Content-Type": "text/html"})
DROP = Answer(0, drop=True)


class FaultServer:
    """A server whose `fault` may answer in its place.

    Attributes:
        logs: bytes taken, by writer id.
        uploads: all requests, in order.
        fault: asked first; None = do what is right.
        stop: who stops the runs, in acknowledgements.
        hang: while set, requests wait.
    """

    def __init__(self, port: int = 0) -> None:
        self.logs: dict[str, bytes] = {}
        self.uploads: list[Upload] = []
        self.fault: Callable[[Upload], Answer | None] = lambda _: None
        self.stop: str | None = None
        self.pause_millis = 0
        self.go_on = threading.Event()
        self.go_on.set()
        self._lock = threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_POST(self) -> None:
                outer.serve(self)

            do_GET = do_POST

            def log_message(self, *args: object) -> None:
                pass

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                pass  # a client that was killed

        self._server = Server(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        parts = urlsplit(handler.path)
        if parts.path == "/api/v1/logs":
            self._send(handler, self._take_small(body))
            return
        query = parse_qs(parts.query)
        upload = Upload(
            handler.command,
            parts.path,
            parts.path.rpartition("/")[2],
            int(query.get("position", ["0"])[0]),
            int(query.get("damaged", ["0"])[0]),
            _unpacked(body, handler.headers.get("Content-Type")),
            {name.lower(): value for name, value in handler.headers.items()},
            int(query["after"][0], 16) if "after" in query else None,
            int(query.get("start", ["0"])[0]),
            query.get("ended", [None])[0],
        )
        with self._lock:
            self.uploads.append(upload)
        self.go_on.wait(120)
        self._send(handler, self.fault(upload) or self._take(upload))

    @staticmethod
    def _send(handler: http.server.BaseHTTPRequestHandler, answer: Answer) -> None:
        if answer.drop:
            handler.close_connection = True
            return
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        handler.wfile.write(answer.body)
        handler.wfile.flush()

    def _take_small(self, body: bytes) -> Answer:
        """Several small logs in one request: each is asked of `fault`, or taken, by itself."""
        answers: list[dict[str, Any]] = []
        for log in msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(body)):
            headers = {"x-weft-live": str(int(log.get("live", False)))}
            path = f"/api/v1/projects/{log['entity']}/{log['project']}/runs/{log['run']}/log"
            upload = Upload(
                "POST", f"{path}/{log['writer']}", log["writer"], 0, 0, log["data"], headers
            )
            with self._lock:
                self.uploads.append(upload)
            self.go_on.wait(120)
            answer = self.fault(upload) or self._take(upload)
            is_json = "json" in answer.headers.get("Content-Type", "")
            if not is_json or answer.status >= 500 or answer.status in {401, 403, 429}:
                return answer  # of the server, and not of one log
            lengths: dict[str, Any] = json.loads(answer.body)
            answers.append({name: lengths[name] for name in _OF_ONE_LOG if name in lengths})
        acks = {"time_micros": time.time_ns() // 1000, "logs": answers}
        return Answer(200, json.dumps(acks).encode(), {"Content-Type": "application/json"})

    def _take(self, upload: Upload) -> Answer:
        with self._lock:
            have = self.logs.get(upload.writer, b"")
            position = upload.position
            if position - upload.n_damaged != len(have):
                return problem(409, "position", position=len(have))
            if upload.after is not None and upload.after != self._last_crc(have):
                return problem(409, "diverged")
            if not upload.is_beat:
                have += bytes(upload.n_damaged) + upload.data
                self.logs[upload.writer] = have
                position = len(have)
        ack = {"position": position, "pause_millis": self.pause_millis,
               "stop": self.stop is not None, "stopped_by": self.stop,
               "time_micros": time.time_ns() // 1000}  # fmt: skip
        return Answer(200, json.dumps(ack).encode(), {"Content-Type": "application/json"})

    @staticmethod
    def _last_crc(have: bytes) -> int:
        """The checksum of the last frame of what was taken."""
        start = len(have)
        while (start := have.rfind(MARK, 0, start)) >= 0:
            try:
                frame = frame_at(have, start)
            except CorruptLog:
                continue
            if frame is not None and frame.end == len(have):
                return crc_of(have, frame)
        return -1

    def close(self) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> FaultServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
