"""The official client's own check of a server, behind a proxy that speaks HTTPS."""

from __future__ import annotations

import asyncio
import queue
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import trustme

from at_length import at_length
from live_runs import LiveServer
from wandb_client import KEY, WandbClient

START_SECS = 60.0


@contextmanager
def https_proxy(authority: trustme.CA) -> Iterator[tuple[int, list[int]]]:
    """A proxy on this machine: its port, and a list that takes the port of the server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    leads_to: list[int] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", leads_to[0])
        await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))

    listening: queue.SimpleQueue[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]]
    listening = queue.SimpleQueue()

    async def listen() -> None:
        ended = asyncio.Event()
        server = await asyncio.start_server(serve, "localhost", 0, ssl=context, family=2)
        async with server:
            port = server.sockets[0].getsockname()[1]
            listening.put((asyncio.get_running_loop(), ended, port))
            await ended.wait()

    thread = threading.Thread(target=asyncio.run, args=(listen(),), daemon=True)
    thread.start()
    loop, ended, port = listening.get(timeout=START_SECS)
    try:
        yield port, leads_to
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()


@at_length
def test_verify_is_content(tmp_path: Path) -> None:
    authority = trustme.CA()
    trusted = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(trusted))
    with https_proxy(authority) as (port, leads_to):
        url = f"https://localhost:{port}"
        with LiveServer(tmp_path / "server", "--public-url", url) as live:
            leads_to.append(live.port)
            (tmp_path / "client").mkdir()
            done = WandbClient(url, KEY, tmp_path / "client").command(
                "verify", SSL_CERT_FILE=str(trusted), REQUESTS_CA_BUNDLE=str(trusted)
            )
    assert done.exit_code == 0, done.stdout + done.stderr
    checks = [line for line in (done.stdout + done.stderr).splitlines() if "....." in line]
    assert len(checks) == 10, done.stdout + done.stderr
    assert [line for line in checks if "✅" not in line] == []
