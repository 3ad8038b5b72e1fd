"""A server that serves pages, charts and uploads loads no library that only rare work needs."""

from __future__ import annotations

from pathlib import Path

import httpx

from at_length import at_length
from run_log_bytes import HandMadeLog
from server_process import start_server

RARE = ("duckdb", "obstore", "re2", "pandas", "polars", "pyarrow", "alembic", "jsonschema")
"""50 MB and half a second together."""

IDLE_MB = 150
"""The budget of an idle server."""


def loaded(pid: int) -> set[str]:
    """The rare libraries that a process has mapped; Python's own modules map nothing."""
    maps = Path(f"/proc/{pid}/maps").read_text()
    return {name for name in RARE if f"/{name}/" in maps or f"/_{name}" in maps}


@at_length
def test_serving_pages_charts_and_uploads_loads_no_rare_library(tmp_path: Path) -> None:
    with (
        start_server(tmp_path) as server,
        httpx.Client(base_url=server.url, timeout=30, trust_env=False) as client,
    ):
        log = HandMadeLog(project="p")
        log.config(lr=0.1)
        log.keys("loss")
        log.rows([[1.0 / (i + 1)] for i in range(1000)])
        assert log.upload(client).status_code == 200
        project = "/api/v1/projects/local/p"
        panel = {"runs": [log.run], "keys": ["loss"]}
        for method, path, body in (
            ("GET", "/", None),
            ("GET", "/api/docs", None),
            ("GET", "/api/v1/projects", None),
            ("GET", f"{project}/runs?search=a&state=running", None),
            (
                "POST",
                f"{project}/runs/query",
                {"filter": "config.lr > 0", "columns": ["name"]},
            ),
            ("GET", f"{project}/columns", None),
            ("GET", f"{project}/metrics", None),
            ("GET", f"{log.path}", None),
            ("GET", f"{log.path}/history", None),
            ("GET", f"{log.path}/files", None),
            ("POST", f"{project}/series", {"panels": [panel]}),
        ):
            answer = client.request(method, path, json=body)
            assert answer.status_code in {200, 503 if path == "/" else 200}, (
                path,
                answer.text,
            )
        assert loaded(server.pid) == set()
        status = Path(f"/proc/{server.pid}/status").read_text()
        kib = int(status.partition("VmRSS:")[2].split()[0])
        assert kib < IDLE_MB * 1024
        # The test can fail: a pattern to search with does need RE2.
        client.get(f"{project}/runs?search=a.c&regex=true").raise_for_status()
        assert loaded(server.pid) == {"re2"}
