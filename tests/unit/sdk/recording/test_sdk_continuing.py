from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from run_logs import LogMaker
from weft.errors import ConfigError, NotFound, Unavailable, UsageError, WeftError
from weft.sdk.continuing.continued import Continued, continue_run
from weft.sdk.guard import Guard
from weft.sdk.setup.moments import Moment, parse_moment
from weft.sdk.setup.settings import Settings
from weft.sync.addresses.server_address import ServerAddress

pytestmark = pytest.mark.timeout(30)

RUN = "ab12cd34"


class Messages(Guard):
    """A guard that keeps what it says."""

    def __init__(self, *, strict: bool = False) -> None:
        super().__init__(strict=strict)
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture
def messages() -> Messages:
    return Messages()


@pytest.fixture
def go_on(tmp_path: Path, messages: Messages) -> Callable[..., Continued | None]:
    def asked(address: ServerAddress | None = None, **settings: Any) -> Continued | None:
        chosen = Settings(**{"project": "tests", "dir": tmp_path, **settings})
        return continue_run(chosen, address, messages)

    return asked


@contextmanager
def listening(answer: Callable[[socket.socket], None] | None) -> Generator[ServerAddress]:
    """A port where each connection is handled by `answer`; None = nothing accepts."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as server:
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    try:
                        assert answer is not None
                        answer(connection)
                    except OSError:
                        pass  # the client has given up

        thread = threading.Thread(target=serve, daemon=True)
        if answer is not None:
            thread.start()
        yield ServerAddress(f"http://127.0.0.1:{server.getsockname()[1]}")
        done.set()
        server.shutdown(socket.SHUT_RDWR)
    if answer is not None:
        thread.join(10)


def trickle(connection: socket.socket) -> None:
    connection.recv(65536)
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Slow: yes\r\n" * 1000:
        connection.sendall(bytes([byte]))
        time.sleep(0.02)


def busy(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def a_page(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(
        b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nno"
    )


# -- moments ---


@pytest.mark.parametrize(
    ("text", "step"),
    [(RUN, None), (f"{RUN}?_step=0", 0), (f"{RUN}?_step=2.5", 2.5), (f"{RUN}?_step=1e3", 1000)],
)
def test_a_moment_is_a_run_or_a_step_of_it(text: str, step: float | None) -> None:
    assert parse_moment("fork_from", text) == Moment(RUN, step)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{RUN}?_step=abc", "not 'abc'"),
        (f"{RUN}?_step=", "a number from 0"),
        (f"{RUN}?_step", "_step=100"),
        (f"{RUN}?epoch=3", f"as '{RUN}?_step=100', not '{RUN}?epoch=3'"),
        (f"{RUN}?_step=-1", "not '-1'"),
        (f"{RUN}?_step=nan", "not 'nan'"),
        (f"{RUN}?_step=inf", "not 'inf'"),
        ("?_step=3", "the run of fork_from"),
        ("local/tests/ab12cd34?_step=3", "the run of fork_from"),
    ],
)
def test_what_is_no_moment_is_said_to_be_none(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match="fork_from") as error:
        parse_moment("fork_from", text)
    assert message in str(error.value)


# -- calls that can't be ---


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"resume": "must"}, r"which run.*id=.*WEFT_RUN_ID"),
        ({"fork_from": RUN, "run_id": RUN}, "a fork needs an id of its own"),
        ({"resume_from": RUN, "run_id": "other"}, "leave id out"),
        ({"fork_from": f"{RUN}?_step=11"}, "ends at step 10"),
        ({"resume_from": f"{RUN}?_step=11"}, "ends at step 10"),
        ({"fork_from": "empty?_step=0"}, "has no rows"),
        ({"run_id": RUN, "resume": "never"}, "is there already"),
    ],
)
def test_a_wrong_call_raises_and_names_the_remedy(
    settings: dict[str, Any],
    message: str,
    tmp_path: Path,
    go_on: Callable[..., Continued | None],
) -> None:
    LogMaker(tmp_path, RUN).row(10, x=1).exit()
    LogMaker(tmp_path, "empty").exit()
    with pytest.raises(ConfigError, match=message):
        go_on(**settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"run_id": "nobody", "resume": "must"},
        {"fork_from": "nobody?_step=3"},
        {"resume_from": "nobody"},
    ],
)
def test_a_run_that_has_to_be_there_and_is_not_raises(
    settings: dict[str, Any], go_on: Callable[..., Continued | None]
) -> None:
    with pytest.raises(NotFound, match="local/tests/nobody") as raised:
        go_on(**settings)
    assert isinstance(raised.value, UsageError)


@pytest.mark.parametrize(
    "settings",
    [
        {"run_id": RUN, "resume": "must"},
        {"run_id": RUN, "resume": "never"},
        {"fork_from": "nobody?_step=3"},
        {"resume_from": "nobody?_step=3"},
        {"resume": "auto"},
    ],
)
def test_in_mode_disabled_nothing_is_looked_for(
    settings: dict[str, Any], go_on: Callable[..., Continued | None], unused_url: str
) -> None:
    assert go_on(ServerAddress(unused_url), mode="disabled", **settings) is None


# -- without a server ---


def test_a_run_that_nobody_can_have_is_not_looked_for(
    go_on: Callable[..., Continued | None], messages: Messages
) -> None:
    with listening(None) as address:
        assert go_on(address, resume="allow") is None
        assert go_on(address, resume="never") is None
        assert go_on(address, resume="auto") is None
    assert messages.lines == []


def test_a_run_goes_on_after_its_last_step(
    tmp_path: Path, go_on: Callable[..., Continued | None], messages: Messages
) -> None:
    LogMaker(tmp_path, RUN).config(lr=1).row(10.5, x=1).exit(11_000_000)
    continued = go_on(run_id=RUN, resume="allow")
    assert continued is not None
    assert (continued.run_id, continued.resume, continued.first_step) == (RUN, "allow", 11)
    assert (continued.fork_run, list(continued.sources)) == (None, [])
    assert continued.same_run is continued.before
    assert continued.before is not None
    assert continued.before.runtime_micros == 11_000_000
    assert messages.lines == []
    assert go_on(run_id="other", resume="allow") is None


def test_a_fork_names_its_sources_up_to_the_step(
    tmp_path: Path, go_on: Callable[..., Continued | None]
) -> None:
    log = LogMaker(tmp_path, RUN, run={"sources": [("old", "w" * 12, 2)]})
    log.row(3, x=1).row(10, x=1).exit()
    continued = go_on(fork_from=f"{RUN}?_step=5")
    assert continued is not None
    assert continued.run_id not in {RUN, ""}
    assert (continued.resume, continued.fork_run, continued.fork_step) == (None, RUN, 5)
    assert sorted(continued.sources) == [(RUN, log.writer, 5), ("old", "w" * 12, 2)]
    assert continued.first_step == 6
    assert continued.is_fork
    assert continued.same_run is None
    at_end = go_on(fork_from=RUN, run_id="mine")
    assert at_end is not None
    assert (at_end.run_id, at_end.fork_step, at_end.first_step) == ("mine", 10, 11)


def test_of_a_run_without_rows_a_fork_begins_at_the_beginning(
    tmp_path: Path, go_on: Callable[..., Continued | None]
) -> None:
    LogMaker(tmp_path, RUN).config(lr=1).exit()
    continued = go_on(fork_from=RUN)
    assert continued is not None
    assert (continued.fork_step, list(continued.sources), continued.first_step) == (None, [], 0)


def test_a_rewind_that_is_asked_for_again_is_no_step_too_far(
    tmp_path: Path, go_on: Callable[..., Continued | None]
) -> None:
    first = LogMaker(tmp_path, RUN).row(1, x=1).row(10, x=1).exit()
    sources = [(RUN, first.writer, 5)]
    LogMaker(tmp_path, RUN, start_secs=1e9 + 20, run={"sources": sources}).exit()
    continued = go_on(resume_from=f"{RUN}?_step=5")
    assert continued is not None
    assert (continued.first_step, continued.resume) == (6, "rewind")
    with pytest.raises(ConfigError, match="ends at step 1"):
        go_on(resume_from=f"{RUN}?_step=6")


# -- a server that does not answer ---


@pytest.mark.parametrize("answer", [None, trickle, busy, a_page])
@pytest.mark.parametrize(
    "settings",
    [
        {"run_id": RUN, "resume": "allow"},
        {"resume": "auto"},
        {"fork_from": RUN},
        {"resume_from": RUN},
    ],
)
def test_what_lies_here_decides_with_one_warning(
    answer: Callable[[socket.socket], None] | None,
    settings: dict[str, Any],
    tmp_path: Path,
    go_on: Callable[..., Continued | None],
    messages: Messages,
) -> None:
    LogMaker(tmp_path, RUN).row(10, x=1).kill()
    with listening(answer) as address:
        continued = go_on(address, init_timeout_secs=0.2, **settings)
    assert continued is not None
    assert continued.first_step == 11
    (line,) = messages.lines
    assert line.startswith("WARNING the server can't tell")
    assert "step 10" in line


def test_an_unknown_run_begins_here_with_a_warning(
    go_on: Callable[..., Continued | None], messages: Messages, unused_url: str
) -> None:
    continued = go_on(ServerAddress(unused_url), run_id=RUN, resume="allow", init_timeout_secs=0.5)
    assert continued is not None
    assert (continued.run_id, continued.resume, continued.before, continued.first_step) == (
        RUN,
        "allow",
        None,
        0,
    )
    assert continued.same_run is None
    assert "can't tell whether" in messages.lines[0]


@pytest.mark.parametrize("answer", [None, trickle, busy, a_page])
@pytest.mark.parametrize(
    "settings",
    [
        {"run_id": RUN, "resume": "must"},
        {"run_id": "nobody", "resume": "must"},
        {"run_id": "nobody", "resume": "never"},
        {"fork_from": "nobody"},
        {"resume_from": "nobody?_step=1"},
    ],
)
def test_where_the_server_has_to_be_asked_its_silence_raises(
    answer: Callable[[socket.socket], None] | None,
    settings: dict[str, Any],
    tmp_path: Path,
    go_on: Callable[..., Continued | None],
) -> None:
    LogMaker(tmp_path, RUN).row(10, x=1).kill()
    with listening(answer) as address, pytest.raises(Unavailable, match="has to ask the server"):
        go_on(address, init_timeout_secs=0.1, **settings)


def test_strict_runs_do_not_go_on_without_the_server(tmp_path: Path, unused_url: str) -> None:
    LogMaker(tmp_path, RUN).row(10, x=1).kill()
    settings = Settings(
        project="tests", dir=tmp_path, run_id=RUN, resume="allow", init_timeout_secs=0.3
    )
    with pytest.raises(WeftError, match="can't tell"):
        continue_run(settings, ServerAddress(unused_url), Messages(strict=True))
