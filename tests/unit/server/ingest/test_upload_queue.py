"""Uploads that arrive together: few commits, an answer for each, and no failure for others."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import zstandard

from run_log_bytes import HandMadeLog
from weft.errors import CorruptLog, PositionConflict
from weft.server.http.admission.heavy import HeavyWork
from weft.server.http.ingest.uploads import GROUP_SIZE, UploadQueue
from weft.server.intake.uploads.log_uploads import LogUploads, UploadClaims, UploadRequest
from weft.server.services.access import LOCAL, RunPath
from weft.server.services.opening.services import Services
from weft.wire.ingest.uploads import Ack


class CountedUploads(LogUploads):
    """Notes the size of each group."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.ingest)
        self.groups: list[int] = []

    def apply_requests(self, requests: Any) -> list[Ack | Exception]:
        self.groups.append(len(requests))
        return super().apply_requests(requests)


async def never() -> Any:
    await asyncio.Event().wait()


def log_of(run: str, project: str = "p") -> HandMadeLog:
    log = HandMadeLog(run=run, project=project)
    log.keys("loss")
    log.rows([[0.5], [0.25]])
    return log


def claims_of(log: HandMadeLog, position: int = 0) -> UploadClaims:
    return UploadClaims(
        RunPath(log.entity, log.project, log.run), log.writer, position, 0, None, None, True
    )


def send(
    uploads: LogUploads, requests: list[tuple[UploadClaims, bytes]]
) -> list[Ack | BaseException]:
    """Send all at once; returns the outcome of each."""

    async def send_all() -> list[Ack | BaseException]:
        with ThreadPoolExecutor(8) as executor:
            queue = UploadQueue(uploads, executor, HeavyWork())
            takes = (queue.take_upload(LOCAL, claims, body, never) for claims, body in requests)
            return await asyncio.gather(*takes, return_exceptions=True)

    return asyncio.run(send_all())


def test_uploads_of_a_project_that_arrive_together_are_applied_together(
    services: Services,
) -> None:
    logs = [log_of(f"run{nth}") for nth in range(2 * GROUP_SIZE)]
    uploads = CountedUploads(services)
    acks = send(uploads, [(claims_of(log), zstandard.compress(log.data)) for log in logs])
    positions = [ack.position for ack in acks if isinstance(ack, Ack)]
    assert positions == [len(log.data) for log in logs]
    assert len(uploads.groups) <= 4
    assert sum(uploads.groups) == len(logs)
    for log in logs:
        run = services.runs.get(LOCAL, RunPath("local", "p", log.run))
        assert run.summary == {"loss": 0.25}


def test_a_refused_upload_is_refused_alone(services: Services) -> None:
    logs = [log_of(f"run{nth}") for nth in range(12)]
    requests = [(claims_of(log), zstandard.compress(log.data)) for log in logs]
    requests[3] = claims_of(logs[3], 7), requests[3][1]
    requests[5] = requests[5][0], zstandard.compress(logs[5].data[:-3] + b"abc")
    requests[7] = requests[7][0], b""
    outcomes = send(CountedUploads(services), requests)
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [{3: PositionConflict, 5: CorruptLog}.get(nth, Ack) for nth in range(12)]
    assert isinstance(outcomes[7], Ack)
    assert outcomes[7].position == 0, "a heartbeat of a run that is not there"


def test_two_uploads_of_a_stream_are_applied_one_after_the_other(services: Services) -> None:
    log, other = log_of("run"), log_of("other")
    begin, end = log.ends[-2], log.ends[-1]
    requests = [
        (claims_of(log), zstandard.compress(log.data[:begin])),
        (claims_of(log, begin), zstandard.compress(log.data[begin:])),
        (claims_of(log), zstandard.compress(log.data[:begin])),
        (claims_of(other), zstandard.compress(other.data)),
    ]
    outcomes = send(CountedUploads(services), requests)
    assert [type(outcome) for outcome in outcomes] == [Ack, Ack, PositionConflict, Ack]
    assert isinstance(outcomes[1], Ack)
    assert outcomes[1].position == end


def test_projects_do_not_wait_for_each_other(services: Services) -> None:
    uploads = CountedUploads(services)
    logs = [log_of("run", project) for project in ("p", "q", "r")]
    acks = send(uploads, [(claims_of(log), zstandard.compress(log.data)) for log in logs])
    assert all(isinstance(ack, Ack) for ack in acks)
    assert uploads.groups == [1, 1, 1]


def test_a_fault_of_the_server_reaches_each_sender(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(requests: list[UploadRequest]) -> list[Ack | Exception]:
        raise OSError("no disk")

    uploads = LogUploads(services.ingest)
    monkeypatch.setattr(uploads, "apply_requests", fail)
    log = log_of("run")
    outcomes = send(
        uploads, [(claims_of(log), zstandard.compress(log.data)), (claims_of(log), b"")]
    )
    assert [type(outcome) for outcome in outcomes] == [OSError, OSError]
