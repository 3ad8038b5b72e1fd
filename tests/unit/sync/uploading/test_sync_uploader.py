"""The uploader against a real server in this process, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from fault_server import DROP, HTML, Answer, FaultServer, Upload, problem
from made_logs import append_rows, finish_log, make_log, make_run_directory
from weft.records.record import Row, Run
from weft.runlog.format import encode_frame, encode_payload
from weft.runlog.header import make_header
from weft.runlog.layout import ensure_runtime_directory, upload_lock_path
from weft.runlog.lock import FileLock
from weft.runlog.writer import LogWriter
from weft.sync.addresses.server_address import ServerAddress
from weft.sync.uploading.marker import LOCAL_SERVER, Marker, read_marker
from weft.sync.uploading.sending import HELD_SECS
from weft.sync.uploading.server_connection import UNAUTHORIZED_SECS
from weft.sync.uploading.tail import TailedLog
from weft.sync.uploading.upload_state import BEAT_SECS
from weft.sync.uploading.uploader import Uploader


class Clock:
    def __init__(self) -> None:
        self.secs = 1000.0

    def __call__(self) -> float:
        return self.secs


class Bench:
    """An uploader, its server, its clock, and what it said."""

    def __init__(self, server: FaultServer) -> None:
        self.server = server
        self.clock = Clock()
        self.said: list[str] = []
        self.uploader = Uploader(
            ServerAddress(server.url), tell=self.said.append, clock=self.clock
        )

    @property
    def uploads(self) -> list[Upload]:
        """Requests that brought bytes, in order."""
        return [upload for upload in self.server.uploads if not upload.is_beat]

    def follow(self, log: LogWriter, **options: object) -> TailedLog:
        tailed = TailedLog(log.path, clock=self.clock, **options)  # type: ignore[arg-type]
        self.uploader.logs.append(tailed)
        return tailed

    def step_until(self, condition: Callable[[], bool], *, most: int = 400) -> None:
        for _ in range(most):
            if condition():
                return
            self.uploader.step()
            self.clock.secs += 0.1
        raise AssertionError(f"not so after {most} steps: {self.uploader.server.state}")


@pytest.fixture
def bench() -> Iterator[Bench]:
    with FaultServer() as server:
        bench = Bench(server)
        yield bench
        bench.uploader.close()


@pytest.fixture
def log(tmp_path: Path) -> LogWriter:
    return make_log(make_run_directory(tmp_path))


def test_a_log_arrives_byte_for_byte_and_is_done(bench: Bench, log: LogWriter) -> None:
    append_rows(log, 100)
    tailed = bench.follow(log)
    bench.uploader.step()
    assert bench.uploader.server.state == "uploading"
    append_rows(log, 100, first=100)
    data = finish_log(log)
    bench.step_until(lambda: bench.uploader.is_idle)
    assert bench.server.logs[log.header.writer_id] == data
    assert tailed.status().state == "done"
    assert read_marker(log.path) == Marker(len(data), bench.server.url, done=True)


def test_rows_wait_for_company_but_a_flush_sends_them(bench: Bench, log: LogWriter) -> None:
    bench.follow(log)
    bench.uploader.step()
    bench.uploader.step()
    append_rows(log, 1)
    assert 0 < bench.uploader.step() <= 0.25
    assert len(bench.uploads) == 1
    bench.uploader.step(flush=True)
    assert len(bench.uploads) == 2
    append_rows(log, 1, first=1)
    bench.clock.secs += 0.25
    bench.uploader.step()
    assert len(bench.uploads) == 3


def test_large_logs_go_in_batches_of_whole_frames(bench: Bench, log: LogWriter) -> None:
    append_rows(log, 100_000)
    data = finish_log(log)
    bench.follow(log)
    bench.step_until(lambda: bench.uploader.is_idle)
    assert bench.server.logs[log.header.writer_id] == data
    assert len(bench.uploads) == -(-len(data) // 2**20)


def test_a_silent_live_writer_beats_and_a_dead_one_does_not(
    bench: Bench, tmp_path: Path, log: LogWriter
) -> None:
    dead = make_log(make_run_directory(tmp_path, "deadbeef"), run_id="deadbeef", is_dead=True)
    bench.follow(log)
    tailed = bench.follow(dead)
    bench.step_until(lambda: len([u for u in bench.server.uploads if u.is_beat]) == 4)
    beats = [upload for upload in bench.server.uploads if upload.is_beat]
    assert {beat.writer for beat in beats} == {log.header.writer_id}
    assert beats[0].headers["x-weft-live"] == "1"
    assert bench.clock.secs >= 1000 + 3 * BEAT_SECS
    assert tailed.upload.state == "done"
    data = next(u for u in bench.uploads if u.writer == dead.header.writer_id)
    assert data.headers["x-weft-live"] == "0"


def test_a_wrong_guess_of_the_position_is_put_right(bench: Bench, log: LogWriter) -> None:
    append_rows(log, 50)
    there = log.path.read_bytes()
    data = finish_log(log)
    bench.server.logs[log.header.writer_id] = there
    bench.follow(log)
    bench.step_until(lambda: bench.uploader.is_idle)
    assert bench.server.logs[log.header.writer_id] == data


def test_asking_costs_only_the_head_of_the_log(bench: Bench, log: LogWriter) -> None:
    append_rows(log, 10_000)
    data = finish_log(log)
    bench.server.logs[log.header.writer_id] = data
    bench.follow(log, ask=True)
    bench.step_until(lambda: bench.uploader.is_idle)
    assert [len(upload.data) < 400 for upload in bench.server.uploads] == [True, True]


def test_a_server_that_lost_its_data_gets_all_of_it_again(bench: Bench, log: LogWriter) -> None:
    append_rows(log, 10)
    bench.follow(log)
    bench.uploader.step()
    bench.server.logs.clear()
    append_rows(log, 10, first=10)
    data = finish_log(log)
    bench.step_until(lambda: bench.uploader.is_idle)
    assert bench.server.logs[log.header.writer_id] == data


def test_a_beat_finds_that_the_server_is_an_older_self(bench: Bench, log: LogWriter) -> None:
    append_rows(log, 10)
    backup = log.path.read_bytes()
    append_rows(log, 10, first=10)
    bench.follow(log)
    bench.uploader.step()
    assert bench.server.logs[log.header.writer_id] == log.path.read_bytes()
    bench.server.logs[log.header.writer_id] = backup
    bench.step_until(lambda: bench.server.logs[log.header.writer_id] == log.path.read_bytes())
    last = bench.server.uploads[-1]
    assert last.position == len(backup)
    assert last.after is not None


def test_a_copy_that_went_on_apart_is_kept_and_said(bench: Bench, log: LogWriter) -> None:
    append_rows(log, 10)
    copy = log.path.parent / f"{log.path.stem}-copy.weft"
    copy.write_bytes(log.path.read_bytes())
    append_rows(log, 10, first=10)
    data = finish_log(log)
    bench.follow(log)
    bench.step_until(lambda: bench.uploader.is_idle)
    for steps in (range(20, 30), range(20, 40)):  # with a frame's end there, and beside it
        other = copy.read_bytes()
        for step in steps:
            other += encode_frame(encode_payload(Row(0, 1, step, [step * 0.5, "x" * 9])))
        copy.write_bytes(other)
        n_uploads = len(bench.server.uploads)
        tailed = TailedLog(copy, clock=bench.clock)
        tailed.seek(0)
        bench.uploader.logs.append(tailed)
        bench.step_until(lambda tailed=tailed: tailed.upload.state == "refused")
        assert "weft ui" in (tailed.upload.error or "")
        assert len(bench.server.uploads) <= n_uploads + 2
        assert bench.server.logs[log.header.writer_id] == data
        assert copy.read_bytes() == other
        bench.uploader.retire(tailed)
    assert any("went on differently" in line for line in bench.said)


def test_a_copy_of_equal_length_is_told_by_its_checksum(bench: Bench, log: LogWriter) -> None:
    append_rows(log, 10)
    copy = log.path.parent / f"{log.path.stem}-copy.weft"
    frame = encode_frame(encode_payload(Row(0, 1, 10, [0.25])))
    copy.write_bytes(log.path.read_bytes() + 2 * frame)
    with log.path.open("ab") as file:
        file.write(encode_frame(encode_payload(Row(0, 1, 10, [0.5]))))
    bench.server.logs[log.header.writer_id] = log.path.read_bytes()
    tailed = TailedLog(copy, clock=bench.clock)
    bench.uploader.logs.append(tailed)
    bench.step_until(lambda: tailed.upload.state == "refused")
    assert "went on differently" in (tailed.upload.error or "")
    assert bench.server.uploads[-1].after is not None
    assert copy.stat().st_size == log.size + len(frame)


def test_a_copy_with_nothing_to_send_is_told_too(bench: Bench, log: LogWriter) -> None:
    append_rows(log, 10)
    copy = log.path.parent / f"{log.path.stem}-copy.weft"
    ends = [encode_frame(encode_payload(Row(0, 1, 10, [value]))) for value in (0.25, 0.5)]
    copy.write_bytes(log.path.read_bytes() + ends[0])
    bench.server.logs[log.header.writer_id] = log.path.read_bytes() + ends[1]
    tailed = TailedLog(copy, ask=True, clock=bench.clock)
    bench.uploader.logs.append(tailed)
    bench.step_until(lambda: tailed.upload.state == "refused")
    assert "went on differently" in (tailed.upload.error or "")


def test_a_log_that_is_newer_than_the_server_is_held(bench: Bench, log: LogWriter) -> None:
    bench.server.fault = lambda _: problem(400, "newer_log")
    tailed = bench.follow(log)
    for _ in range(2000):
        bench.uploader.step()
        bench.clock.secs += 0.1
    assert tailed.upload.state == "refused"
    assert "newer_log" in (tailed.upload.error or "")
    assert len(bench.server.uploads) == 1
    bench.server.fault = lambda _: None
    data = finish_log(log)
    bench.clock.secs += HELD_SECS
    bench.step_until(lambda: bench.uploader.is_idle)
    assert bench.server.logs[log.header.writer_id] == data


def test_a_record_that_breaks_a_rule_holds_nothing_up(bench: Bench, log: LogWriter) -> None:
    log.write_frame(b"\x91\x0e")
    bench.follow(log)
    bench.uploader.step()
    bench.uploader.step()
    append_rows(log, 1)
    data = finish_log(log)
    bench.step_until(lambda: bench.uploader.is_idle)
    assert bench.server.logs[log.header.writer_id] == data


def test_uploads_bound_the_offset_of_the_logs_clock(bench: Bench, tmp_path: Path) -> None:
    header = make_header("ab12cd34")
    day = 86_400_000_000
    # The wall clock was a day behind when the log was made, and was set right since. Where a
    # system's boots can't be told apart, the log's own clock can't be read any more.
    own_boot = (header.boot_id, day if header.boot_id else 0)
    for number, (boot, behind) in enumerate((own_boot, ("another boot", 0))):
        header_of_boot = msgspec.structs.replace(
            header,
            writer_id=f"writer{number:06}",
            wall_micros=header.wall_micros - day,
            boot_id=boot,
        )
        log = LogWriter(tmp_path / f"run-ab12cd34.{number}.weft", header_of_boot)
        log.append(Run("ab12cd34", "demo"))
        bench.follow(log)
        bench.uploader.step()
        headers = bench.uploads[-1].headers
        least, most = (int(bound) for bound in headers["x-weft-offset"].split())
        assert abs(least - behind) < day // 24
        assert 0 <= most - least < day // 24
        assert ("x-weft-boot" in headers) is (boot == header.boot_id != "")
        log.close()


def test_a_server_with_more_than_the_file_is_told_apart(bench: Bench, log: LogWriter) -> None:
    bench.server.logs[log.header.writer_id] = bytes(10**6)
    tailed = bench.follow(log)
    bench.uploader.step()
    assert tailed.upload.state == "refused"
    assert "not the file" in (tailed.upload.error or "")


def test_a_server_that_contradicts_itself_is_not_asked_without_end(
    bench: Bench, log: LogWriter
) -> None:
    bench.server.fault = lambda upload: problem(409, "position", position=0)
    bench.follow(log)
    for _ in range(600):
        bench.uploader.step()
        bench.clock.secs += 0.1
    assert len(bench.server.uploads) < 20


def test_a_deleted_run_stops_its_upload_and_keeps_its_log(bench: Bench, log: LogWriter) -> None:
    bench.server.fault = lambda _: problem(410, "gone")
    tailed = bench.follow(log)
    bench.uploader.step()
    assert tailed.status().state == "gone"
    assert bench.uploader.is_idle
    finish_log(log)
    bench.step_until(lambda: tailed.closed)
    marker = read_marker(log.path)
    assert marker is not None
    assert marker.done
    assert log.path.exists()


def test_a_deleted_run_that_is_restored_gets_the_rows_of_its_script(
    bench: Bench, log: LogWriter
) -> None:
    tailed = bench.follow(log)
    append_rows(log, 10)
    bench.step_until(lambda: tailed.acked > 0)
    bench.server.fault = lambda _: problem(410, "gone")
    append_rows(log, 10)
    bench.step_until(lambda: tailed.status().state == "gone")
    marker = read_marker(log.path)
    assert marker is not None
    assert not marker.done
    n_uploads = len(bench.server.uploads)
    for _ in range(600):
        bench.uploader.step()
        bench.clock.secs += 1
    assert 10 <= len(bench.server.uploads) - n_uploads <= 20, "about one request in 30 s"
    assert all(not upload.data for upload in bench.server.uploads[n_uploads:])
    bench.server.fault = lambda _: None
    append_rows(log, 10)
    data = finish_log(log)
    bench.step_until(lambda: bench.server.logs[log.header.writer_id] == data)


def test_too_large_an_upload_is_cut_smaller(bench: Bench, log: LogWriter) -> None:
    append_rows(log, 3_000)
    data = finish_log(log)
    bench.server.fault = lambda u: problem(413, "limit") if len(u.data) > 20_000 else None
    bench.follow(log)
    bench.step_until(lambda: bench.uploader.is_idle)
    assert bench.server.logs[log.header.writer_id] == data


def test_a_frame_that_no_server_takes_is_refused_in_words(bench: Bench, log: LogWriter) -> None:
    bench.server.fault = lambda _: problem(413, "limit")
    tailed = bench.follow(log)
    bench.step_until(lambda: tailed.upload.state == "refused")
    assert "limit it is" in (tailed.upload.error or "")


def test_a_log_that_this_user_may_not_send_stops_no_other(bench: Bench, log: LogWriter) -> None:
    bench.server.fault = lambda _: problem(403, "forbidden")
    tailed = bench.follow(log)
    bench.step_until(lambda: tailed.upload.state == "refused")
    assert "(403)" in (tailed.upload.error or "")
    assert bench.uploader.server.state == "uploading"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (problem(401, "forbidden"), "unauthorized"),
        (HTML, "wrong_server"),
        (Answer(429), "unavailable"),
        (problem(500, "error"), "unavailable"),
        (problem(503, "unavailable"), "unavailable"),
        (DROP, "unavailable"),
    ],
)
def test_a_fault_shows_and_passes(
    bench: Bench, log: LogWriter, answer: Answer, state: str
) -> None:
    append_rows(log, 5)
    data = finish_log(log)
    bench.server.fault = lambda _: answer
    bench.follow(log)
    bench.uploader.hurry()
    bench.uploader.step(flush=True)
    assert bench.uploader.all_tried
    assert bench.uploader.server.state == state
    assert bench.uploader.server.error
    for _ in range(100):
        bench.uploader.step()
        bench.clock.secs += 0.1
    assert len(bench.server.uploads) < 20, "it backs off"
    bench.server.fault = lambda _: None
    bench.clock.secs += UNAUTHORIZED_SECS
    bench.step_until(lambda: bench.uploader.is_idle)
    assert bench.uploader.server.error is None
    assert bench.server.logs[log.header.writer_id] == data


def test_retry_after_is_obeyed_and_a_flush_overrides_it(bench: Bench, log: LogWriter) -> None:
    bench.server.fault = lambda _: Answer(503, headers={"Retry-After": "100"})
    bench.follow(log)
    for _ in range(90):
        bench.uploader.step()
        bench.clock.secs += 1
    assert len(bench.server.uploads) == 1
    bench.uploader.hurry()
    bench.uploader.step(flush=True)
    assert len(bench.server.uploads) == 2


@pytest.mark.parametrize("failure", [problem(503, "unavailable"), problem(507, "storage_full")])
def test_the_end_of_a_run_whose_rows_have_no_room_is_told_once_it_is_taken(
    bench: Bench, log: LogWriter, failure: Answer
) -> None:
    bench.follow(log)
    bench.step_until(lambda: bool(bench.server.logs))
    append_rows(log, 5)
    finish_log(log, exit_code=3)
    ends: list[str] = []
    answers = [failure]

    def fault(upload: Upload) -> Answer | None:
        if upload.ended is None:
            return problem(507, "storage_full")
        ends.append(upload.ended)
        return answers.pop() if answers else None

    bench.server.fault = fault
    bench.step_until(lambda: len(ends) == 2)
    assert ends[0] == ends[1]
    assert ends[0].split()[1] == "3"
    n_uploads = len(bench.server.uploads)
    bench.step_until(lambda: len(bench.server.uploads) > n_uploads + 3, most=4000)
    assert len(ends) == 2, "it was taken"


def test_the_server_sets_the_pace(bench: Bench, log: LogWriter) -> None:
    bench.server.pause_millis = 5000
    bench.follow(log)
    for number in range(100):
        append_rows(log, 1, first=number)
        bench.uploader.step()
        bench.clock.secs += 0.1
    assert len(bench.server.uploads) <= 3


def test_a_stop_request_comes_back(bench: Bench, log: LogWriter) -> None:
    tailed = bench.follow(log)
    bench.server.stop = "ada"
    bench.uploader.step()
    assert tailed.status().stop == "ada"


def test_a_log_held_by_another_uploader_is_left_to_it(bench: Bench, log: LogWriter) -> None:
    other = FileLock(upload_lock_path(ensure_runtime_directory(), log.path))
    assert other.acquire()
    tailed = bench.follow(log)
    bench.uploader.step()
    assert tailed.upload.state == "elsewhere"
    other.release()
    data = finish_log(log)
    bench.step_until(lambda: bench.uploader.is_idle)
    assert bench.server.logs[log.header.writer_id] == data


def test_a_torn_tail_is_waited_for_and_left_when_its_writer_is_dead(
    bench: Bench, tmp_path: Path
) -> None:
    log = make_log(make_run_directory(tmp_path), is_dead=True)
    append_rows(log, 3)
    log.close()
    whole = log.path.read_bytes()
    log.path.write_bytes(whole + b"\xc1\x77half")
    tailed = bench.follow(log)
    bench.step_until(lambda: bench.uploader.is_idle)
    assert bench.server.logs[log.header.writer_id] == whole
    assert (tailed.upload.state, tailed.n_torn_bytes) == ("done", 6)
    assert any("6 bytes at the end" in line for line in bench.said)


def test_damage_in_the_middle_is_passed_over_and_told(bench: Bench, log: LogWriter) -> None:
    append_rows(log, 3)
    start = log.size
    append_rows(log, 1, first=3)
    end = log.size
    append_rows(log, 3, first=4)
    data = bytearray(finish_log(log))
    data[start + 12 : end] = bytes(end - start - 12)
    log.path.write_bytes(data)
    bench.follow(log)
    bench.step_until(lambda: bench.uploader.is_idle)
    data[start:end] = bytes(end - start)
    assert bench.server.logs[log.header.writer_id] == bytes(data)
    assert any("damaged" in line for line in bench.said)


def test_an_upload_goes_on_where_the_marker_says(bench: Bench, log: LogWriter) -> None:
    append_rows(log, 100)
    bench.follow(log)
    bench.uploader.step()
    bench.uploader.retire(bench.uploader.logs[0])
    data = finish_log(log)
    bench.follow(log)
    bench.step_until(lambda: bench.uploader.is_idle)
    assert bench.server.uploads[-1].position > 1000
    assert bench.server.logs[log.header.writer_id] == data


def test_no_address_waits_for_a_local_server(bench: Bench, log: LogWriter) -> None:
    finish_log(log)
    addresses: list[ServerAddress] = []
    uploader = Uploader(
        None,
        find=lambda: addresses[0] if addresses else None,
        clock=bench.clock,
        tell=bench.said.append,
    )
    uploader.logs.append(TailedLog(log.path, clock=bench.clock))
    uploader.step()
    assert uploader.server.state == "no_address"
    assert uploader.all_tried
    addresses.append(ServerAddress(bench.server.url, local=True))
    bench.clock.secs += 5
    uploader.step()
    uploader.close()
    assert log.header.writer_id in bench.server.logs
    marker = read_marker(log.path)
    assert marker is not None
    assert marker.server == LOCAL_SERVER


def test_a_local_server_that_moved_to_another_port_is_found(
    bench: Bench, log: LogWriter, unused_url: str
) -> None:
    data = finish_log(log)
    uploader = Uploader(
        ServerAddress(unused_url, local=True),
        find=lambda: ServerAddress(bench.server.url, local=True),
        clock=bench.clock,
        tell=bench.said.append,
    )
    uploader.logs.append(TailedLog(log.path, clock=bench.clock))
    uploader.step()
    assert uploader.server.state == "no_server"
    uploader.step()
    bench.clock.secs += 10
    uploader.step()
    uploader.close()
    assert bench.server.logs[log.header.writer_id] == data


def test_a_log_that_was_removed_is_still_sent(bench: Bench, log: LogWriter) -> None:
    append_rows(log, 5)
    data = finish_log(log)
    bench.follow(log)
    log.path.unlink()
    log.path.parent.joinpath("logs").rmdir()
    log.path.parent.rmdir()
    bench.step_until(lambda: bench.server.logs.get(log.header.writer_id) == data)
    for _ in range(100):
        bench.uploader.step()
        bench.clock.secs += 1
    assert bench.uploader.is_idle


def test_a_servers_long_words_are_cut(bench: Bench, log: LogWriter) -> None:
    bench.server.fault = lambda _: problem(400, "x" * 30_000)
    tailed = bench.follow(log)
    bench.uploader.step()
    assert tailed.upload.state == "refused"
    assert 100 < len(tailed.upload.error or "") < 600


def test_what_a_writer_wrote_just_before_it_died_is_sent(bench: Bench, tmp_path: Path) -> None:
    log = make_log(make_run_directory(tmp_path), is_dead=True)
    last_words = iter([7])

    def may_live() -> bool:
        # Asked after the size was looked at: the writer writes, dies, and is then seen to be dead.
        for step in last_words:
            append_rows(log, 1, first=step)
        return False

    bench.uploader.step()
    tailed = bench.follow(log)
    tailed.seek(tailed.size)
    tailed._process.may_live = may_live  # only now, so that no earlier question uses it up
    bench.server.logs[log.header.writer_id] = log.path.read_bytes()
    bench.step_until(lambda: bench.uploader.is_idle)
    assert bench.server.logs[log.header.writer_id] == log.path.read_bytes()
    assert not list(last_words)


def test_a_pipe_that_closed_early_does_not_end_a_log_of_a_living_process(
    bench: Bench, log: LogWriter
) -> None:
    tailed = bench.follow(log, may_live=lambda: False)
    for _ in range(50):
        bench.uploader.step()
        bench.clock.secs += 1
    assert tailed.upload.state == "open"
    assert {upload.headers["x-weft-live"] for upload in bench.server.uploads} == {"0"}
    append_rows(log, 3)
    data = finish_log(log)
    bench.step_until(lambda: bench.uploader.is_idle)
    assert bench.server.logs[log.header.writer_id] == data
