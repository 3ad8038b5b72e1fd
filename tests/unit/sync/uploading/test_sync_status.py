from __future__ import annotations

import threading
from pathlib import Path

from weft.sync.control import AddRun, Flush, Start, decode_lines, encode_line
from weft.sync.status import LogStatus, Status, StatusPage


def test_page_is_none_until_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "p"
    writer = StatusPage(path, write=True)
    reader = StatusPage(path)
    assert reader.read() is None
    status = Status(pid=1, state="no_server", server="http://a", error="nothing listens")
    status.logs.append(LogStatus("run-x.w.weft", "x", size=9, acked=4))
    writer.write(status)
    assert reader.read() == status
    assert status.of_run("x") == status.logs
    assert status.of_run("y") == []
    writer.close()
    reader.close()


def test_a_reader_never_sees_half_a_page(tmp_path: Path) -> None:
    path = tmp_path / "p"
    writer = StatusPage(path, write=True)
    reader = StatusPage(path)
    writer.write(Status(pid=0, error=""))
    done = threading.Event()

    def write() -> None:
        for number in range(1, 3000):
            writer.write(Status(pid=number, error="x" * (number % 3000)))
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    last = 0
    while not done.is_set():
        status = reader.read()
        if status is not None:
            assert len(status.error or "") == status.pid % 3000
            assert status.pid >= last
            last = status.pid
    thread.join()
    writer.close()
    reader.close()


def test_a_page_of_thousands_of_logs_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "p"
    writer = StatusPage(path, write=True)
    logs = [LogStatus(f"run-ab12cd34.{number:012}.weft", "ab12cd34") for number in range(5000)]
    writer.write(Status(pid=1, logs=logs))
    reader = StatusPage(path)
    status = reader.read()
    assert status is not None
    assert status.logs == logs[:100]
    writer.close()
    reader.close()


def test_of_a_long_page_the_open_logs_stay_and_then_the_newest(tmp_path: Path) -> None:
    writer = StatusPage(tmp_path / "p", write=True)
    logs = [LogStatus(f"{number:040}.weft", "ab12cd34", state="done") for number in range(3000)]
    logs[1500].state = "open"
    writer.write(Status(pid=1, logs=logs))
    reader = StatusPage(tmp_path / "p")
    status = reader.read()
    assert status is not None
    assert status.logs == [logs[1500], *logs[:-100:-1]]
    writer.close()
    reader.close()


def test_control_lines_survive_the_pipe_and_nonsense() -> None:
    messages = [Start(1, 2, "/run", base_url="http://a"), AddRun("/x"), Flush(3)]
    lines = b"".join(encode_line(message) for message in messages)
    assert decode_lines(b"\n" + lines + b'{"type":"newer"}\n{\n\n') == messages


def test_a_page_longer_than_the_first_read_is_read_whole(tmp_path: Path) -> None:
    writer = StatusPage(tmp_path / "p", write=True)
    status = Status(pid=1, error="x" * 5000)
    writer.write(status)
    reader = StatusPage(tmp_path / "p")
    assert reader.read() == status
    writer.close()
    reader.close()
