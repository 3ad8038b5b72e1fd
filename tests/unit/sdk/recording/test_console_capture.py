"""Printed text becomes lines of the run: hooks, open lines, re-entry, faults."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path
from threading import RLock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from weft.records.record import Console
from weft.records.secrets.redaction import Redactor
from weft.sdk.console.capture import OPEN_AT_ONCE, Capture
from weft.sdk.console.output_file import N_KEPT, OutputFile
from weft.sdk.console.taps import Tap, taps
from weft.sdk.console.terminal import Terminal
from weft.sdk.guard import Guard


class Log:
    def __init__(self) -> None:
        self.lock = RLock()
        self.records: list[Console] = []

    def append_line(self, stream: str, number: int, text: str) -> None:
        self.records.append(Console(stream, number, len(self.records), text))

    def texts(self, stream: str = "stdout") -> list[str]:
        lines = {record.line: record.text for record in self.records if record.stream == stream}
        return [lines[number] for number in sorted(lines)]


class Stream(io.StringIO):
    pass


def test_finished_lines_are_written_at_once_and_open_ones_twice_a_second() -> None:
    log, now = Log(), [0.0]
    capture = Capture(log, Guard(silent=True), clock=lambda: now[0])
    capture.record_text("stdout", "first\n")
    assert [record.text for record in log.records] == ["first"]
    for percent in range(100):
        capture.record_text("stderr", f"\r{percent}%")
    assert len(log.records) == 1 + OPEN_AT_ONCE
    now[0] = 0.5
    capture.flush_due()
    capture.record_text("stderr", "\r100%")
    assert len(log.records) == 2 + OPEN_AT_ONCE
    assert log.texts("stderr") == ["99%"]
    capture.close()
    assert log.texts("stderr") == ["100%"]


def test_a_print_amid_another_waits_for_it() -> None:
    log = Log()
    capture = Capture(log, Guard(silent=True))
    append = log.append_line

    def append_and_print(stream: str, number: int, text: str) -> None:
        append(stream, number, text)
        if len(log.records) == 1:
            capture.record_text("stdout", "from a signal handler\n")

    log.append_line = append_and_print
    capture.record_text("stdout", "one\ntwo\n")
    assert log.texts() == ["one", "two", "from a signal handler"]


def test_faults_never_reach_print() -> None:
    log = Log()
    guard = Guard(strict=True)
    capture = Capture(log, guard)

    def fail(stream: str, number: int, text: str) -> None:
        raise OSError("no space left")

    log.append_line = fail
    capture.record_text("stdout", "text\n")
    capture.close()


def test_a_hook_is_removed_with_its_last_listener_only_if_it_is_still_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = Stream()
    monkeypatch.setattr(sys, "stdout", stream)
    first: list[str] = []
    two: list[str] = []
    stop_one, stop_two = taps.add("stdout", first.append), taps.add("stdout", two.append)
    assert stop_one is not None
    assert stop_two is not None
    sys.stdout.write("a")
    stop_one()
    sys.stdout.write("b")
    hooked = stream.write
    theirs: list[str] = []
    stream.write = lambda text, /: theirs.append(text) or hooked(text)
    stop_two()
    sys.stdout.write("c")
    assert (first, two, theirs, stream.getvalue()) == (["a"], ["a", "b"], ["c"], "abc")
    del stream.write
    tap = Tap(stream)
    tap.add(first.append)
    tap.remove(first.append)
    assert "write" not in vars(stream)


def test_a_replaced_stream_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    monkeypatch.setattr(sys, "stdout", Stream())
    stop = taps.add("stdout", heard.append)
    assert stop is not None
    with contextlib.redirect_stdout(io.StringIO()) as other:
        sys.stdout.write("elsewhere")
    sys.stdout.write("here")
    stop()
    assert heard == ["here"]
    assert other.getvalue() == "elsewhere"
    monkeypatch.setattr(sys, "stdout", None)
    assert taps.add("stdout", heard.append) is None


def test_text_that_is_no_unicode_is_recorded(tmp_path: Path) -> None:
    log = Log()
    capture = Capture(log, Guard(silent=True), output=OutputFile(tmp_path / "output.log"))
    capture.record_text("stdout", "a\udcff\ud800b\n")
    capture.record_text("stdout", "open")
    capture.close()
    (first, last) = log.texts()
    assert first.encode().decode()[0] == "a"
    assert last == "open"
    assert (tmp_path / "output.log").read_text().endswith("b\nopen\n")


def test_output_file_rewrites_only_its_last_lines(tmp_path: Path) -> None:
    file = OutputFile(tmp_path / "output.log")
    for number in range(N_KEPT + 1):
        file.put("stderr", number, str(number))
    file.put("stdout", 0, "x")
    file.put("stderr", N_KEPT, "changed")
    file.close()
    file.put("stdout", 1, "late")
    lines = (tmp_path / "output.log").read_text().split("\n")
    assert lines[:2] == ["0", "1"]
    assert lines[-3:] == ["changed", "x", ""]


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("\x1b[36mpassword\x1b[0m=\x1b[35mhunter2hunter2\x1b[0m\n", "password=***"),
        ("api_key=\x1b[1mabcdefgh\x1b[0m, step 3\n", "api_key=***, step 3"),
        ("\x1b[1mACME-\x1b[0m123 is mine\n", "*** is mine"),
        ("password=hunter2hunter2\rstep 1\r\nnext\n", "step 1rd=***"),
    ],
)
def test_a_secret_is_found_through_colors_and_before_it_is_overwritten(
    printed: str, shown: str
) -> None:
    for size in (len(printed), 1):
        log = Log()
        redactor = Redactor([r"ACME-\d+"])
        capture = Capture(log, Guard(silent=True), make_redactor=lambda red=redactor: red)
        for start in range(0, len(printed), size):
            capture.record_text("stdout", printed[start : start + size])
        capture.close()
        assert log.texts()[0] == shown
        assert capture.redacted.total() == 1
    colored = "\x1b[32mok\x1b[0m\n"
    capture.record_text("stdout", colored)
    assert log.texts()[-1] == colored.rstrip()


PIECES = st.one_of(
    st.binary(max_size=40).map(lambda data: data.decode(errors="surrogateescape")),
    st.binary(max_size=40).map(lambda data: data.decode("latin-1")),
    st.sampled_from(
        ["\x1b", "\x1b]8;;http://cut", "\x1bP", "\x1b[", "\x1b[31m", "\x1b[9A", "\x1b[2J", "\x1b(",
         "\x9d", "\x1b[K", "\x1b7", "\x1b8", "\r", "\n", "\t", "text", "\x1b[65535C"]
    ),
)  # fmt: skip


@given(st.lists(st.lists(PIECES, max_size=8), min_size=1, max_size=4))
@example([[], [], ["\x1b[9A"], ["\x1b[9A"]])
def test_no_line_is_lost_behind_any_bytes(noise: list[list[str]]) -> None:
    log = Log()
    capture = Capture(log, Guard(silent=True))
    markers: list[str] = []
    for pieces in noise:
        for piece in pieces:
            capture.listener("stdout")(piece)
        capture.listener("stdout")("\n")
        for _ in range(3):
            markers.append(f"<marker {len(markers)}>")
            capture.listener("stdout")(markers[-1])
            capture.listener("stdout")("\n")
    written = "\n".join(record.text for record in log.records)
    capture.close()
    shown = "\n".join(log.texts())
    for marker in markers[-3:]:
        assert marker in shown
    for nth, marker in enumerate(markers):
        # a cursor that moves later may write over a line, as in a terminal
        later = "".join(piece for pieces in noise[nth // 3 + 1 :] for piece in pieces)
        if "\x1b" not in later and "\x9b" not in later:
            assert marker in written or marker in shown


@given(
    st.lists(st.sampled_from(["a", "bc ", "\n", "x\ny\nz", "\t", "é", "\r", "\x1b[1m", "\x1b[A"]))
)
def test_plain_lines_are_those_of_a_terminal(pieces: list[str]) -> None:
    log, terminal = Log(), Terminal()
    capture = Capture(log, Guard(silent=True))
    finished: dict[int, str] = {}
    for piece in pieces:
        capture.listener("stdout")(piece)
        terminal.feed(piece)
        finished |= {line.number: line.shown() for line in terminal.take_all()}
    capture.close()
    shown = {record.line: record.text for record in log.records}
    blank = dict.fromkeys(range(terminal.open_number + 1), "")
    assert blank | shown == blank | finished
