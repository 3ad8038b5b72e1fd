"""Many heavy questions at once: all are answered, in bounded memory, and short ones meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import pytest

from at_length import at_length
from server_process import ServerProcess, start_server, wait_until
from service_uploads import SECOND, START, WriterLog
from weft.records.record import Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.ingest.upload import Segment
from weft.server.services.opening.services import open_services
from weft.server.storage.contract import Column, RowBlock

pytestmark = pytest.mark.timeout(600)

N_ROWS = 400_000
N_METRICS = 8
N_QUESTIONS = 8
MOST_BYTES = 500 * 2**20
"""Eight exports of this run at once took 800 MB before they were admitted by memory."""

PROJECT = "/api/v1/projects/local/heavy"

PATIENT = """
from weft.server.http.admission import heavy
heavy.KINDS = tuple(kind._replace(wait_secs=600.0) for kind in heavy.KINDS)
heavy.EXPORT, heavy.CHART, heavy.HISTORY, heavy.SQL, heavy.UPLOAD = heavy.KINDS
"""
"""The last of many questions waits for all others, which take longer than usual on a busy machine.
"""


@pytest.fixture(scope="module")
def heavy_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder: Path = tmp_path_factory.mktemp("heavy")
    services = open_services(folder / "data")
    rng = np.random.default_rng(1)
    steps = np.arange(N_ROWS)
    columns = {
        f"m{nth}": [Column("float", None, rng.standard_normal(N_ROWS))] for nth in range(N_METRICS)
    }
    upload = WriterLog("w1").upload(Run("big", "heavy"))
    block = RowBlock(0, steps, START + steps * SECOND, None, columns)
    upload.segments = [Segment(block, False, upload.to_position)]
    services.ingest.apply_upload(LOCAL, RunPath("local", "heavy", "big"), upload)
    with services.stores.metrics.use(
        services.stores.find_project(ProjectPath("local", "heavy"))
    ) as store:
        store.compact(until_idle=True)
    services.close()
    with start_server(folder, before=PATIENT, is_forked=False) as process:
        yield process


def chart(key: str, **more: Any) -> dict[str, Any]:
    return {"panels": [{"runs": ["big"], "keys": [key], "n_buckets": 400, **more}]}


OTHERS: list[tuple[str, Any]] = [
    ("archive", None),
    ("archive", None),
    ("runs/big/history?samples=500", None),
    ("runs/big/history?limit=50000&keys=m0,m1", None),
    ("runs/big/history?limit=1001&keys=m0", None),
    ("runs/big/history?limit=1000&keys=m0", None),  # which never waits
    ("histograms", {"runs": ["big"], "keys": ["m0"]}),
    ("histograms", {"runs": ["big"], "keys": ["m1"]}),
]


def figures(server: ServerProcess, name: str) -> dict[str, float]:
    """The figures of `/metrics` for each kind of heavy work."""
    text = httpx.get(f"{server.url}/metrics", timeout=60, trust_env=False).raise_for_status().text
    figures = re.findall(rf'^weft_heavy_{name}{{kind="(.+)"}} (\d+)$', text, re.MULTILINE)
    return {kind: float(figure) for kind, figure in figures}


@at_length
def test_heavy_questions_are_answered_within_bounded_memory(heavy_server: ServerProcess) -> None:
    def ask(nth: int) -> int:
        method, path = "POST", "export"
        question: Any = {"runs": ["big"], "format": ("parquet", "arrow")[nth % 2]}
        if nth >= N_QUESTIONS:
            key, axis = f"m{nth % N_METRICS}", f"m{(nth + 1) % N_METRICS}"
            path, question = "series", chart(key, axis="metric", axis_metric=axis)
        if nth >= 2 * N_QUESTIONS:
            path, question = OTHERS[nth - 2 * N_QUESTIONS]
            method = "GET" if question is None else "POST"
        with httpx.stream(
            method,
            f"{heavy_server.url}{PROJECT}/{path}",
            json=question,
            timeout=None,
            trust_env=False,
        ) as answer:
            for _ in answer.iter_raw():
                pass
            return answer.status_code

    process = psutil.Process(heavy_server.pid)
    n_questions = 2 * N_QUESTIONS + len(OTHERS)
    with ThreadPoolExecutor(n_questions) as pool:
        answers = [pool.submit(ask, nth) for nth in range(n_questions)]
        highest = 0
        n_short = 0
        seen_waiting = False
        while not all(answer.done() for answer in answers):
            highest = max(highest, process.memory_info().rss)
            short = httpx.post(
                f"{heavy_server.url}{PROJECT}/series",
                json=chart("m0"),
                timeout=60,
                trust_env=False,
            )
            assert short.status_code == 200
            n_short += 1
            seen_waiting |= any(figures(heavy_server, "waiting").values())
        assert [answer.result() for answer in answers] == [200] * len(answers)
    assert n_short

    assert highest < MOST_BYTES
    assert seen_waiting
    admitted = {"export": 10.0, "chart": 10.0, "history": 3.0, "query in SQL": 0.0, "upload": 0.0}
    assert figures(heavy_server, "admitted_total") == admitted
    # Room is given back after the last byte of an answer, which its reader may have before that.
    wait_until(
        lambda: not any(figures(heavy_server, "running").values()), what="the end of all work"
    )
    for name in ("running", "waiting", "refused_total"):
        assert not any(figures(heavy_server, name).values()), name
