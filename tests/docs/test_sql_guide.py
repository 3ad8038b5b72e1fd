"""The questions in docs/guide/sql.md are answered, each of them with rows."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from server_process import wait_until
from service_uploads import Clock, WriterLog
from weft.records.record import Config, Exit, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.opening.services import Services, open_services

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "sql.md"
QUERIES = re.findall(r"```sql\n(.*?)```", GUIDE.read_text(), re.DOTALL) + re.findall(
    r'weft sql mnist "(.*?)"', GUIDE.read_text()
) + re.findall(r'\.sql\("(.*?)"', GUIDE.read_text())  # fmt: skip

_COLUMNS = {"id": ["a", "b"], "score": [0.5, 0.25], "guess": [1, 2], "truth": [1, 1]}
_FILE = io.BytesIO()
parquet.write_table(pyarrow.table(_COLUMNS), _FILE)
TABLE = _FILE.getvalue()


def ask(services: Services, query: str) -> list[list[Any]]:
    answer = services.sql.prepare(LOCAL, ProjectPath("local", "mnist"), query).run()
    rows: list[list[Any]] = json.loads(answer.body)["rows"]
    return rows


@pytest.fixture(scope="module")
def sql_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    opened = open_services(tmp_path_factory.mktemp("sql"), now=Clock())
    for nth in range(3):
        log = WriterLog(f"w{nth}")
        rows = [
            *({"loss": 1.0 / (step + 1) + (step == 7)} for step in range(200)),
            {"val/predictions": {"_type": "table-file", "path": "val.table.parquet"}},
        ]
        upload = log.upload(
            Run(f"run{nth}", "mnist"),
            Config(0, [(["lr"], 0.02 * (nth + 1))]),
            Exit(0, 0),
            rows=rows,
        )
        run = RunPath("local", "mnist", f"run{nth}")
        opened.ingest.apply_upload(LOCAL, run, upload)
        sent = opened.files.upload(LOCAL, run, "val.table.parquet")
        sent.write(TABLE)
        sent.commit()
    wait_until(lambda: ask(opened, "SELECT 1 FROM summaries"), what="summaries")
    yield opened
    opened.close()


def test_the_guide_has_questions() -> None:
    assert len(QUERIES) >= 8


@pytest.mark.parametrize("query", QUERIES)
def test_a_question_of_the_guide_is_answered(query: str, sql_services: Services) -> None:
    assert ask(sql_services, query)
