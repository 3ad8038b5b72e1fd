"""Makes the app of a server once as it is imported, and answers a run's requests, for what
libraries remember of that: the types of all requests and answers, the tables of a new database,
compiled statements. See `fork_parent`."""

from __future__ import annotations

import asyncio
import math
import tempfile
import threading
from pathlib import Path
from typing import Any

import httpx

import compiled_statements as compiled_statements
import new_databases as new_databases
from run_log_bytes import HandMadeLog
from weft.server.app import App, create_app
from weft.server.http.admission.credentials import Credentials
from weft.server.services.opening.services import open_services
from weft.server.services.opening.struct_types import prepare_structs
from weft.server.services.summaries.projection import project_summaries
from weft.server.settings.server_settings import ServerSettings

TOKEN = "token"


def make_app() -> None:
    with tempfile.TemporaryDirectory() as folder:
        services = open_services(Path(folder), jobs=False)
        # a slow request would start the thread of the log
        settings = ServerSettings(data=Path(folder), slow_secs=math.inf)
        app = create_app(settings, services, Credentials(TOKEN), version="0")
        prepare_structs()  # what services with jobs do
        asyncio.run(upload_run(app))
        services.background.resume()  # what its threads begin with
        project_summaries(services.stores, at_end=True)
        asyncio.run(read_run(app))
        app._close()
        services.close()
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(60)
    assert threading.active_count() == 1, "a fork would lack the threads"


LOG = HandMadeLog()


def requests_to(app: App) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        # uvicorn gives each request a state
        transport=httpx.ASGITransport(
            lambda scope, receive, send: app({**scope, "state": {}}, receive, send)
        ),
        base_url="http://127.0.0.1",
        headers={"Authorization": f"Bearer {TOKEN}"},
        trust_env=False,
    )


async def upload_run(app: App) -> None:
    """A run's log in two parts, as a script that goes on sends it."""
    LOG.config(lr=0.1)
    LOG.keys("loss", "acc")
    LOG.rows([[0.5, 1]])
    n_sent = len(LOG.data)
    LOG.rows([[0.25, 2]])
    LOG.finish()
    async with requests_to(app) as client:
        for start, end in ((0, n_sent), (n_sent, None)):
            answer: Any = LOG.upload(client, start, end)  # type: ignore[arg-type]
            (await answer).raise_for_status()


async def read_run(app: App) -> None:
    """Requests of pages and of `weft.Api`."""
    project = "/api/v1/projects/local/p"
    series = {"panels": [{"runs": [LOG.run], "keys": ["loss"]}]}
    async with requests_to(app) as client:
        for answer in (
            await client.get("/api/v1/projects"),
            await client.get(project),
            await client.post(f"{project}/runs/query", json={}),
            await client.get(f"{project}/columns"),
            await client.get(f"{project}/runs/{LOG.run}"),
            await client.post(f"{project}/series", json=series),
        ):
            answer.raise_for_status()


make_app()
