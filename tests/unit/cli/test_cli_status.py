"""`weft status` at invalid addresses, or where something else answers; and `--help`."""

from __future__ import annotations

import socket

import pytest
from click.testing import CliRunner, Result

from fault_server import HTML, Answer, FaultServer, problem
from weft.cli.main import cli


def status(monkeypatch: pytest.MonkeyPatch, url: str) -> Result:
    monkeypatch.setenv("WEFT_BASE_URL", url)
    return CliRunner().invoke(cli, ["status"])


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("notaurl", "write it as http://host:port"),
        ("ftp://x", "write it as http://host:port"),
        ("http://x:99999", "port of a server address must be 1 to 65535"),
    ],
)
def test_an_invalid_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, url: str, says: str
) -> None:
    result = status(monkeypatch, url)
    assert result.exit_code == 1
    assert says in result.output
    assert len(result.output.splitlines()) == 1


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (HTML, "no weft server at"),
        (Answer(404, b"<h1>", {"Content-Type": "text/html"}), "no weft server at"),
        (Answer(501, b"<h1>", {"Content-Type": "text/html"}), "no weft server at"),
        (problem(401, "forbidden"), "refused the request (401)"),
        (problem(503, "unavailable"), "can't answer now (503)"),
    ],
)
def test_what_answers_is_told_from_what_does_not(
    monkeypatch: pytest.MonkeyPatch, answer: Answer, says: str
) -> None:
    with FaultServer() as server:
        server.fault = lambda _: answer
        result = status(monkeypatch, server.url)
    assert result.exit_code == 1
    assert says in result.output
    assert "does not answer" not in result.output


def test_where_nothing_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        result = status(monkeypatch, f"http://127.0.0.1:{closed.getsockname()[1]}")
    assert result.exit_code == 1
    assert "nothing listens at http://127.0.0.1:" in result.output


def test_help_cuts_no_sentence() -> None:
    result = CliRunner().invoke(cli, ["--help"], terminal_width=80)
    assert result.exit_code == 0
    summaries = result.output.partition("Commands:")[2]
    assert "status" in summaries
    assert "..." not in summaries
