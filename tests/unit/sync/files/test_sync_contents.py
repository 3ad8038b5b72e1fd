"""Contents of files are sent, and a content that could not be sent is asked for again."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from fault_server import HTML, Answer, FaultServer, problem
from weft.client.concurrent_requests import Answered, ConcurrentRequests
from weft.client.file_part import FilePart, JoinedParts
from weft.client.script_client import LogTarget, ScriptClient
from weft.errors import (
    Gone,
    LimitExceeded,
    NotFound,
    StorageFull,
    Unavailable,
    WeftError,
    WrongContent,
    WrongServer,
)
from weft.records.files.artifacts import Chunk
from weft.sync.uploading.content_requests import HELD_BYTES
from weft.sync.uploading.content_sender import MOST_BYTES, SMALL_BYTES, UNCUT_BYTES
from weft.sync.uploading.contents import AGAIN_SECS, Contents
from weft.sync.uploading.contents_ahead import MOST_CHUNKS, PAUSE_SECS, ContentsAhead
from weft.wire.files.contents import ContentsStored, LackedContent, LackedContents, LackingAhead

TARGET = LogTarget("local", "demo", "run1", "w1")


class RequestsInOrder(ConcurrentRequests[Any, Any, Any]):
    """Requests of which none is made before its answer is taken, the first of them first."""

    def __init__(self, server: Server, n_at_once: int, call: Callable[[Any, Any], Any]) -> None:
        super().__init__([server] * n_at_once, call)
        self._server = server
        self._begun: deque[Any] = deque()

    def begin(self, request: Any) -> None:
        self.n_running += 1
        self._idle.pop()
        self._begun.append(request)
        self._server.n_lacking_at_begin.append(len(self._server.lacks))

    def next_answer(self) -> Answered[Any, Any]:
        self._make(self._server, self._begun.popleft())
        return super().next_answer()


class Server:
    """A server that lacks what a test says, and refuses contents with a wrong hash."""

    def __init__(self) -> None:
        self.lacks: dict[str, bytes] = {}
        self.most_bytes = 1 << 40
        """A longer body is not taken."""

        self.refusal: WeftError = Unavailable("connection lost")
        """The fault: a proxy before the server cuts the connection."""

        self.before_read: Callable[[], None] = lambda: None
        """A change on the client's disk before a request is read."""

        self.n_lacking_at_begin: list[int] = []
        """The number of contents that were lacking when each request was begun."""

        self.n_asked = 0
        self.n_batches = 0
        self.n_pieces = 0
        self._begun: dict[str, bytes] = {}

    def lacked_contents(
        self, target: LogTarget, *, cursor: str | None, any_order: bool
    ) -> LackedContents:
        self.n_asked += 1
        contents = [
            LackedContent(
                path=path,
                start=0,
                sha256=hashlib.sha256(content).hexdigest(),
                n_bytes=len(content),
                position=len(self._begun.get(hashlib.sha256(content).hexdigest(), b"")),
            )
            for path, content in self.lacks.items()
        ]
        return LackedContents(
            entity=target.entity, project=target.project, contents=contents, cursor=None
        )

    def concurrent_requests(
        self, call: Callable[[Any, Any], Any], n_at_once: int
    ) -> ConcurrentRequests[Any, Any, Any]:
        return RequestsInOrder(self, n_at_once, call)

    def send_contents(
        self, entity: str, project: str, body: JoinedParts, *, is_ahead: bool = False
    ) -> ContentsStored:
        self.n_batches += 1
        if body.n_bytes > self.most_bytes:
            raise self.refusal
        return self._store(body)

    def _store(self, body: JoinedParts) -> ContentsStored:
        self.before_read()
        try:
            data = b"".join(map(bytes, body.pieces()))
        except OSError as error:
            raise Unavailable("the request failed") from error
        assert len(data) == body.n_bytes
        contents = msgspec.msgpack.decode(data, type=list[bytes])
        lacking = [*self.lacks.values()]
        self.lacks = {p: sha256 for p, sha256 in self.lacks.items() if sha256 not in contents}
        refused = [
            hashlib.sha256(content).hexdigest() for content in contents if content not in lacking
        ]
        return ContentsStored(n_stored=len(contents) - len(refused), refused=refused)

    def send_piece(
        self, entity: str, project: str, sha256: str, position: int, part: FilePart
    ) -> int:
        self.n_pieces += 1
        if part.n_bytes > self.most_bytes:
            raise self.refusal
        content = self._begun.pop(sha256, b"") + b"".join(map(bytes, part.pieces()))
        sizes = {
            hashlib.sha256(content).hexdigest(): len(content) for content in self.lacks.values()
        }
        if len(content) < sizes.get(sha256, 0):
            self._begun[sha256] = content
        elif hashlib.sha256(content).hexdigest() != sha256:
            raise WrongContent("another hash")
        else:
            self._store(JoinedParts([msgspec.msgpack.encode([content])]))
        return len(content)


@pytest.mark.parametrize("n_bytes", [3, SMALL_BYTES + 1])
def test_a_new_content_of_a_file_is_sent_after_one_that_could_not_be(
    tmp_path: Path, n_bytes: int
) -> None:
    server, now = Server(), [0.0]
    client = cast("ScriptClient", server)
    contents = Contents(tmp_path, lambda: now[0])
    contents._request_bytes = contents._most_bytes = 2 * SMALL_BYTES
    (tmp_path / "a").write_bytes(b"2" * n_bytes)
    server.lacks = {"a": b"1" * n_bytes}
    contents.note(1)
    contents.send_turn(client, TARGET)
    while contents.is_due():
        contents.send_turn(client, TARGET)
    assert contents.is_sent
    assert list(contents.lost) == ["a"]
    n_pieces = server.n_pieces

    # rows are acknowledged: nothing is asked again
    contents.note(1)
    assert contents.is_sent
    assert not contents.is_due()

    # the present content is announced too, and another file whose content is gone is still named
    server.lacks = {"a": b"2" * n_bytes, "b": b"1" * n_bytes}
    contents.note(2)
    contents.note_announced()
    assert not contents.is_sent
    while contents.is_due():
        contents.send_turn(client, TARGET)
    assert list(server.lacks) == ["b"]
    assert contents.is_sent
    assert len(contents.lost) == 1
    assert server.n_pieces == n_pieces + (n_bytes > SMALL_BYTES), "the lost one is not sent again"

    now[0] += AGAIN_SECS
    assert contents.is_due()


def test_what_is_sent_at_once_is_of_one_version(tmp_path: Path) -> None:
    large, small = b"a" * (SMALL_BYTES + 1), b"b"
    lacks = {
        "artifacts/1/large": large,
        "artifacts/1/other": large[1:] + b"c",
        "artifacts/2/small": small,
        "artifacts/3/small": small * 2,
        "media/image.png": small * 3,
    }
    for path, content in lacks.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    server = Server()
    server.lacks = lacks
    contents = Contents(tmp_path)
    contents._request_bytes = contents._most_bytes = 2 * SMALL_BYTES
    contents.note(len(lacks))
    while contents.is_due():
        contents.send_turn(cast("ScriptClient", server), TARGET)
    # The two of the first version are begun together. The rest is one request, after both.
    assert server.n_lacking_at_begin == [5, 5, 3]
    assert contents.is_sent


def send_all(contents: Contents, server: Server) -> None:
    contents.note(len(server.lacks))
    while contents.is_due():
        contents.send_turn(cast("ScriptClient", server), TARGET)


def test_contents_that_are_read_while_they_are_sent_share_a_request(tmp_path: Path) -> None:
    server = Server()
    server.lacks = {f"{number:02}": os.urandom(HELD_BYTES + number) for number in range(20)}
    server.lacks |= {f"small{number}": os.urandom(100 + number) for number in range(3)}
    for path, content in server.lacks.items():
        (tmp_path / path).write_bytes(content)
    contents = Contents(tmp_path)
    contents._request_bytes = MOST_BYTES
    send_all(contents, server)
    assert contents.is_sent
    assert not contents.lost
    assert not server.lacks
    assert server.n_batches == 2, "sixteen open files, then the rest"


def test_a_file_that_is_cut_while_it_is_sent_is_lost_alone(tmp_path: Path) -> None:
    server = Server()
    server.lacks = {name: os.urandom(HELD_BYTES + 1) for name in "abc"}
    for path, content in server.lacks.items():
        (tmp_path / path).write_bytes(content)
    server.before_read = lambda: os.truncate(tmp_path / "b", 1000)
    contents = Contents(tmp_path)
    send_all(contents, server)
    assert contents.lost == {"b": "it was cut while it was being sent"}
    assert list(server.lacks) == ["b"]
    assert contents.is_sent, "until it is tried again"


def test_a_file_that_was_changed_is_lost_alone(tmp_path: Path) -> None:
    server = Server()
    server.lacks = {name: os.urandom(HELD_BYTES + 1) for name in "abc"}
    for path, content in server.lacks.items():
        (tmp_path / path).write_bytes(content)
    (tmp_path / "b").write_bytes(bytes(HELD_BYTES + 1))
    contents = Contents(tmp_path)
    send_all(contents, server)
    assert contents.lost == {"b": "it was changed before it was sent"}
    assert list(server.lacks) == ["b"]


@pytest.mark.parametrize("n_bytes", [100, 300], ids=["shorter", "longer"])
def test_a_summary_that_another_process_of_the_run_replaced_is_not_lost(
    tmp_path: Path, n_bytes: int
) -> None:
    server = Server()
    server.lacks = {"summary.json": os.urandom(200), "a": os.urandom(200)}
    for path, content in server.lacks.items():
        (tmp_path / path).write_bytes(content)
    (tmp_path / "summary.json").write_bytes(bytes(n_bytes))
    contents = Contents(tmp_path)
    send_all(contents, server)
    assert not contents.lost
    assert list(server.lacks) == ["summary.json"]
    assert contents.is_sent, "the other process's log announces what the file has now"


def test_pieces_become_smaller_if_a_proxy_cuts_the_connection(tmp_path: Path) -> None:
    server = Server()
    server.most_bytes = 5 << 20
    content = bytes(20 << 20)
    (tmp_path / "a").write_bytes(content)
    server.lacks = {"a": content}
    contents = Contents(tmp_path)
    contents.note(1)
    n_cut = 0
    while contents.is_due():
        try:
            contents.send_turn(cast("ScriptClient", server), TARGET)
        except Unavailable:
            n_cut += 1
            assert n_cut < 10, "the pieces stay too large"
    assert contents.is_sent
    assert not contents.lost
    assert n_cut > 0
    assert contents._request_bytes <= max(UNCUT_BYTES, server.most_bytes)


def test_requests_become_smaller_if_they_are_refused_as_too_large(tmp_path: Path) -> None:
    server = Server()
    server.most_bytes = 3 << 20
    server.refusal = LimitExceeded("at most 3 MB")
    server.lacks = {"large": bytes(20 << 20)}
    server.lacks |= {f"{number:02}": os.urandom(1 << 20) for number in range(20)}
    for path, content in server.lacks.items():
        (tmp_path / path).write_bytes(content)
    contents = Contents(tmp_path)
    contents._request_bytes = MOST_BYTES
    send_all(contents, server)
    assert not server.lacks
    assert contents.is_sent
    assert not contents.lost


class ServerAhead(Server):
    """A server that lacks those chunks that it was not sent yet."""

    def __init__(self) -> None:
        super().__init__()
        self.has: set[str] = set()
        self.refusal_ahead: WeftError | None = None
        self.n_questions = 0

    def lacking_ahead(self, target: LogTarget, hashes: list[str]) -> LackingAhead:
        self.n_questions += 1
        if self.refusal_ahead is not None:
            raise self.refusal_ahead
        lacked = [sha256 for sha256 in hashes if sha256 not in self.has]
        return LackingAhead(entity="ada", project="moved", sha256=lacked)

    def send_contents(
        self, entity: str, project: str, body: JoinedParts, *, is_ahead: bool = False
    ) -> ContentsStored:
        assert (entity, project, is_ahead) == ("ada", "moved", True)
        self.n_batches += 1
        if body.n_bytes > self.most_bytes:
            raise self.refusal
        contents = msgspec.msgpack.decode(b"".join(map(bytes, body.pieces())), type=list[bytes])
        sent = {hashlib.sha256(content).hexdigest() for content in contents}
        assert not sent & self.has, "a chunk was sent twice"
        self.has |= sent
        return ContentsStored(n_stored=len(sent), refused=[])


class Cut:
    """A large file, and a sidecar that is told which chunks of it are cut."""

    def __init__(self, folder: Path, n_chunks: int = 24) -> None:
        self.server = ServerAhead()
        self.now = [0.0]
        self.ahead = ContentsAhead(folder, lambda: self.now[0])
        content = os.urandom(n_chunks << 20)
        (folder / "artifacts/1").mkdir(parents=True)
        self.path = folder / "artifacts/1/large"
        self.path.write_bytes(content)
        parts = [content[at : at + (1 << 20)] for at in range(0, len(content), 1 << 20)]
        self.chunks = [Chunk(len(part), hashlib.sha256(part).hexdigest()) for part in parts]

    def tell(self, start: int, stop: int) -> None:
        self.ahead.add("artifacts/1/large", start << 20, self.chunks[start:stop])

    def hashes(self, start: int, stop: int) -> set[str]:
        return {chunk.sha256 for chunk in self.chunks[start:stop]}

    def send(self) -> None:
        self.ahead.send_turn(cast("ScriptClient", self.server), TARGET)


@pytest.fixture
def cut_file(tmp_path: Path) -> Cut:
    return Cut(tmp_path)


def test_chunks_are_sent_ahead_once_enough_are_cut(cut_file: Cut) -> None:
    cut_file.tell(0, 15)
    assert not cut_file.ahead.is_due()
    cut_file.tell(15, 20)
    assert cut_file.ahead.is_due()
    cut_file.server.has = cut_file.hashes(3, 5)  # of an earlier version
    cut_file.send()
    assert cut_file.server.has == cut_file.hashes(0, 20)
    assert not cut_file.ahead.is_due()
    cut_file.tell(0, 20)  # by a worker that took over from a killed one
    cut_file.send()
    assert cut_file.server.n_questions == 2


def test_chunks_are_dropped_once_their_manifest_is_made(cut_file: Cut) -> None:
    cut_file.tell(0, 20)
    assert cut_file.ahead.is_cutting
    cut_file.ahead.end()
    assert not cut_file.ahead.is_due()
    assert not cut_file.ahead.is_cutting
    cut_file.tell(20, 24)
    assert not cut_file.ahead.is_due()


@pytest.mark.parametrize(
    "refusal",
    [NotFound("no such request"), StorageFull("quota"), WrongServer("a proxy"), Gone("deleted")],
)
def test_a_server_that_takes_nothing_ahead_is_left_alone_for_a_while(
    cut_file: Cut, refusal: WeftError
) -> None:
    cut_file.server.refusal_ahead = refusal
    cut_file.tell(0, 20)
    cut_file.send()
    cut_file.tell(20, 24)
    assert not cut_file.ahead.is_due()
    cut_file.tell(0, 20)
    cut_file.now[0] += PAUSE_SECS
    cut_file.server.refusal_ahead = None
    assert cut_file.ahead.is_due()
    cut_file.send()
    assert cut_file.server.has == cut_file.hashes(0, 24)


@pytest.mark.parametrize(
    "answer",
    [
        problem(404, "not_found"),
        problem(405, "not_found"),
        Answer(404, b'{"detail":"Not Found"}', {"Content-Type": "application/json"}),
        Answer(404, b"<html>", {"Content-Type": "text/html"}),
        HTML,
    ],
)
def test_a_server_without_the_request_is_left_alone_for_a_while(
    cut_file: Cut, answer: Answer
) -> None:
    """An earlier release, or a proxy that passes on what it knows."""
    with FaultServer() as server, closing(ScriptClient(server.url)) as client:
        server.fault = lambda _: answer
        cut_file.tell(0, 20)
        cut_file.ahead.send_turn(client, TARGET)
        cut_file.tell(0, 20)
        assert not cut_file.ahead.is_due()
        assert [upload.method for upload in server.uploads] == ["POST"]


def test_a_lost_connection_is_an_error_as_for_any_request(cut_file: Cut) -> None:
    cut_file.server.most_bytes = 0
    cut_file.tell(0, 24)
    with pytest.raises(Unavailable):
        cut_file.send()
    cut_file.server.most_bytes = 1 << 40
    cut_file.tell(0, 24)
    cut_file.send()
    assert cut_file.server.has == cut_file.hashes(0, 24)


def test_chunks_of_the_same_content_are_sent_once(tmp_path: Path) -> None:
    cut = Cut(tmp_path)
    cut.path.write_bytes(bytes(24 << 20))
    cut.chunks = [Chunk(1 << 20, hashlib.sha256(bytes(1 << 20)).hexdigest())] * 24
    cut.tell(0, 24)
    cut.send()
    assert cut.server.has == cut.hashes(0, 1)


def test_a_proxy_that_takes_less_than_a_chunk_gets_nothing_ahead(cut_file: Cut) -> None:
    cut_file.server.most_bytes = 1 << 20
    cut_file.server.refusal = LimitExceeded("at most 1 MB")
    cut_file.tell(0, 24)
    while cut_file.ahead.is_due():
        cut_file.send()
    n_batches = cut_file.server.n_batches
    assert n_batches <= 4
    cut_file.tell(0, 24)
    cut_file.now[0] += PAUSE_SECS
    cut_file.send()
    assert cut_file.server.n_batches == n_batches
    assert not cut_file.server.has


def test_a_file_that_vanishes_while_it_is_sent_ahead_is_no_fault_yet(cut_file: Cut) -> None:
    cut_file.tell(0, 24)
    cut_file.path.unlink()
    cut_file.send()
    assert not cut_file.server.has


def test_chunks_that_wait_are_bounded(tmp_path: Path) -> None:
    ahead = ContentsAhead(tmp_path)
    for _ in range(3):
        ahead.add("artifacts/1/large", 0, [Chunk(1 << 20, "0" * 64)] * (MOST_CHUNKS // 2))
    assert len(ahead._cut) == MOST_CHUNKS
