"""The transport against a real server in this process: what each bad answer becomes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import msgspec
import pytest

from fault_server import DROP, HTML, Answer, FaultServer, Upload, problem
from server_process import wait_until
from weft import errors
from weft.client.script_client import LogTarget, ScriptClient
from weft.client.transport import Transport
from weft.records.clock_offset import OffsetBounds
from weft.wire.ingest.uploads import Ack
from weft.wire.runs.continuation import Continuation
from weft.wire.runs.runs import get_run

TARGET = LogTarget("local", "a project", "ab12cd34", "writer000000")


@pytest.fixture
def script_client(faulty: FaultServer) -> Iterator[ScriptClient]:
    faulty.logs[TARGET.writer_id] = bytes(7)
    client = ScriptClient(faulty.url, "secret")
    yield client
    client.close()


def beat(client: ScriptClient) -> Ack:
    offset = OffsetBounds(-5, 7)
    return client.upload(TARGET, 7, b"", live=True, boot="b", offset=offset, timeout_secs=60)


def test_an_upload_carries_key_clock_and_quoted_names(
    faulty: FaultServer, script_client: ScriptClient
) -> None:
    assert beat(script_client).position == 7
    upload = faulty.uploads[0]
    assert upload.headers["authorization"] == "Bearer secret"
    assert (upload.headers["x-weft-boot"], upload.headers["x-weft-offset"]) == ("b", "-5 7")
    assert upload.headers["x-weft-live"] == "1"
    assert "/a%20project/runs/ab12cd34/log/writer000000" in upload.path


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (HTML, errors.WrongServer, "text/html"),
        (Answer(501, b"nope"), errors.WrongServer, "501"),
        (Answer(505), errors.WrongServer, "505"),
        (Answer(500, b"<h1>", {"Content-Type": "text/html"}), errors.WrongServer, "500"),
        (Answer(502, b"<h1>", {"Content-Type": "text/html"}), errors.Unavailable, "502"),
        (Answer(504, b"<h1>", {"Content-Type": "text/html"}), errors.Unavailable, "504"),
        (Answer(404, b"nope"), errors.WrongServer, "404"),
        (Answer(302, headers={"Location": "http://login"}), errors.WrongServer, "http://login"),
        (Answer(200, b"[]", {"Content-Type": "application/json"}), errors.WrongServer, "JSON"),
        (problem(401, "forbidden"), errors.WrongKey, "401"),
        (problem(403, "forbidden"), errors.Forbidden, "403"),
        (problem(404, "not_found"), errors.NotFound, "not_found"),
        (problem(410, "gone"), errors.Gone, "gone"),
        (Answer(413, b"<h1>too large</h1>"), errors.LimitExceeded, "413"),
        (problem(400, "corrupt_log"), errors.CorruptLog, "corrupt"),
        (problem(400, "newer_log"), errors.NewerLog, "newer"),
        (problem(409, "diverged"), errors.Diverged, "diverged"),
        (problem(400, "invalid", errors=[{"field": "limit"}]), errors.ConfigError, "invalid"),
        (problem(400, "invalid", errors=[{"field": "filter"}]), errors.FilterError, "invalid"),
        (Answer(429), errors.Unavailable, "429"),
        (problem(500, "error"), errors.Unavailable, "500"),
        (problem(503, "unavailable"), errors.Unavailable, "503"),
        (problem(418, "teapot"), errors.WeftError, "teapot"),
        (DROP, errors.Unavailable, "failed"),
    ],
)
def test_a_bad_answer_becomes_an_error_that_says_what_it_was(
    faulty: FaultServer,
    script_client: ScriptClient,
    answer: Answer,
    error: type[Exception],
    words: str,
) -> None:
    faulty.fault = lambda _: answer
    with pytest.raises(error, match=words):
        beat(script_client)
    faulty.fault = lambda _: None
    assert beat(script_client).position == 7, "the next request is not hurt by it"


def test_a_conflict_names_the_right_position(
    faulty: FaultServer, script_client: ScriptClient
) -> None:
    faulty.fault = lambda _: problem(409, "position", position=123)
    with pytest.raises(errors.PositionConflict) as caught:
        beat(script_client)
    assert caught.value.position == 123


def test_retry_after_is_kept(faulty: FaultServer, script_client: ScriptClient) -> None:
    faulty.fault = lambda _: Answer(429, headers={"Retry-After": "17"})
    with pytest.raises(errors.Unavailable) as caught:
        beat(script_client)
    assert caught.value.retry_after_secs == 17


def test_a_connection_is_kept_and_a_closed_one_is_made_anew(
    faulty: FaultServer, script_client: ScriptClient
) -> None:
    beat(script_client)
    drops = iter([DROP])
    faulty.fault = lambda _: next(drops, None)
    assert beat(script_client).position == 7
    assert len(faulty.uploads) == 3


def test_nothing_listens(unused_url: str) -> None:
    with pytest.raises(errors.NoServer, match=unused_url):
        beat(ScriptClient(unused_url))


def test_a_host_of_no_name() -> None:
    with pytest.raises(errors.NoServer, match=r"weft\.invalid"):
        beat(ScriptClient("http://weft.invalid:8080"))


def test_a_server_that_says_nothing_is_given_up(faulty: FaultServer) -> None:
    faulty.go_on.clear()
    transport = Transport(faulty.url)
    with pytest.raises(errors.Unavailable, match="no answer in time"):
        transport.request("POST", "/x/w", body=b"", timeout_secs=0.2)
    transport.close()


@pytest.mark.parametrize("length", ["Content-Length: 99", "Transfer-Encoding: chunked"])
def test_an_answer_that_breaks_off_is_told_as_that(length: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def begin() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(f"HTTP/1.1 200 OK\r\n{length}\r\n\r\n5\r\nbegin\r\n".encode())

        thread = threading.Thread(target=begin)
        thread.start()
        transport = Transport(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(
            errors.Unavailable, match=r"stopped in the middle of its answer.*weft server check"
        ):
            list(transport.stream("GET", "/"))
        thread.join()
        transport.close()


def test_what_speaks_no_http_is_a_wrong_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        transport = Transport(f"http://127.0.0.1:{listener.getsockname()[1]}")
        import threading

        def greet() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.sendall(b"220 smtp.example.org ESMTP\r\n")
                peer.recv(65536)

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(errors.WrongServer, match="does not speak HTTP"):
            transport.request("GET", "/", timeout_secs=60)
        thread.join()
        transport.close()


@pytest.mark.parametrize(
    ("target", "n_asked"),
    [
        ("/api/v1/projects/local/p/runs/there", 5),  # round and round, but not for ever
        ("http://elsewhere.invalid/api/v1/x", 1),
        ("//elsewhere.invalid/api/v1/x", 1),
    ],
)
def test_a_moved_run_is_looked_for_on_the_same_server_only(
    faulty: FaultServer, script_client: ScriptClient, target: str, n_asked: int
) -> None:
    paths: list[str] = []

    def answer(upload: Upload) -> Answer:
        paths.append(upload.path)
        return Answer(308, b"{}", {"Content-Type": "application/problem+json", "Location": target})

    faulty.fault = answer
    with pytest.raises(errors.WeftError):
        script_client.call_json(get_run, "local", "p", "here")
    assert len(paths) == n_asked
    assert paths[1:] == [target] * (n_asked - 1)


def test_plain_http_goes_through_the_proxy_that_the_environment_names(
    faulty: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty.logs[TARGET.writer_id] = bytes(7)
    monkeypatch.setenv("http_proxy", faulty.url)
    client = ScriptClient("http://weft.example.org/lab")
    assert beat(client).position == 7
    assert faulty.uploads[0].headers["host"] == "weft.example.org"
    assert faulty.uploads[0].path.startswith("/lab/api/v1/projects/")
    client.close()


def test_a_continuation_reads_back_with_every_kind_of_number(
    faulty: FaultServer, script_client: ScriptClient
) -> None:
    continuation = Continuation(
        run_id="ab12cd34",
        name="n",
        state="finished",
        last_step=2.5,
        summary={"nan": float("nan"), "big": {"_type": "int", "value": str(2**70)}},
        sources=[("ab12cd34", "w", None), ("parent", "v", 3)],
    )
    body = msgspec.msgpack.encode(continuation)
    answer = Answer(200, body, {"Content-Type": "application/msgpack"})
    faulty.fault = lambda upload: answer if upload.method == "GET" else None
    read_back = script_client.continuation("local", "a project", "ab12cd34", 2.5)
    assert faulty.uploads[-1].path.endswith("/a%20project/runs/ab12cd34/continuation")
    assert (read_back.last_step, read_back.sources) == (2.5, continuation.sources)
    assert read_back.summary["big"] == 2**70
    assert read_back.summary["nan"] != read_back.summary["nan"]


def test_a_request_is_broken_off_by_another_thread(
    faulty: FaultServer, script_client: ScriptClient
) -> None:
    faulty.go_on.clear()
    failed: list[Exception] = []

    def ask() -> None:
        try:
            beat(script_client)
        except errors.Unavailable as error:
            failed.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    wait_until(lambda: faulty.uploads, what="the request")
    script_client.abort()
    thread.join(10)
    assert len(failed) == 1
    faulty.go_on.set()
    script_client.abort()
    assert beat(script_client).position == 7
