"""The rows of a run as a server has them."""

from __future__ import annotations

from typing import Any

import httpx


def history_rows(url: str, run: str, keys: str = "") -> list[dict[str, Any]]:
    """All rows of a run of `local/p`, page by page; none while the run is not there.

    Args:
        keys: metrics, parted by commas; all if empty.
    """
    rows: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 10_000, **({"keys": keys} if keys else {})}
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        while True:
            answer = client.get(f"/api/v1/projects/local/p/runs/{run}/history", params=query)
            if answer.status_code == 404:
                return rows
            page = answer.raise_for_status().json()
            rows += page["rows"]
            if page["cursor"] is None:
                return rows
            query["cursor"] = page["cursor"]
