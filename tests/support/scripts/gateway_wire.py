"""Requests as the official client of W&B makes them, by hand.

wire = Wire(server.url)
wire.begin("project", "run")
wire.stream("project", "run", files=history(0, {"loss": 1, "_step": 0}))
"""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx

from wandb_client import KEY


class Wire:
    """Asks as the client does."""

    def __init__(self, url: str, key: str = KEY) -> None:
        self.url = url
        self.headers = {
            "Authorization": f"Basic {base64.b64encode(f'api:{key}'.encode()).decode()}"
        }

    def post(self, path: str, **more: Any) -> httpx.Response:
        headers = {**self.headers, **more.pop("headers", {})}
        return httpx.post(f"{self.url}{path}", headers=headers, **more)

    def ask(self, query: str, **variables: Any) -> httpx.Response:
        return self.post("/graphql", json={"query": query, "variables": variables})

    def data(self, query: str, **variables: Any) -> Any:
        answer = self.ask(query, **variables)
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json(), answer.text
        return answer.json()["data"]

    def begin(self, project: str, run: str, **more: Any) -> Any:
        query = """
            mutation UpsertBucket($name: String, $project: String, $config: JSONString,
                                  $host: String, $id: String) {
              upsertBucket(input: {name: $name, modelName: $project, config: $config, host: $host,
                                   id: $id}) {
                bucket { id name historyLineCount project { name entity { name } } } inserted
              }
            }"""
        variables = {"name": run, "project": project, "host": "box", "config": "{}", **more}
        return self.data(query, **variables)["upsertBucket"]

    def stream(self, project: str, run: str, entity: str = "local", **part: Any) -> httpx.Response:
        return self.post(f"/files/{entity}/{project}/{run}/file_stream", json=part)


def history(offset: int, *rows: Any) -> dict[str, Any]:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    return {"wandb-history.jsonl": {"offset": offset, "content": lines}}
