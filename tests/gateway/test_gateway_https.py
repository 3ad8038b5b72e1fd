"""The official client's own check of a server, behind a real proxy that speaks HTTPS."""

from __future__ import annotations

from pathlib import Path

from at_length import at_length
from caddy import caddy
from free_port import free_port
from live_runs import LiveServer
from wandb_client import WandbClient


@at_length
def test_verify_is_content(tmp_path: Path) -> None:
    port = free_port()
    url = f"https://localhost:{port}"
    options = ("--public-url", url, "--trusted-proxies", "127.0.0.1")
    with (
        LiveServer(tmp_path / "server", *options) as live,
        caddy(tmp_path / "caddy", port, live.port) as proxy,
    ):
        (tmp_path / "client").mkdir()
        trusted = str(proxy.authority)
        done = WandbClient(url, live.process.token, tmp_path / "client").command(
            "verify", SSL_CERT_FILE=trusted, REQUESTS_CA_BUNDLE=trusted
        )
    assert done.exit_code == 0, done.stdout + done.stderr
    checks = [line for line in (done.stdout + done.stderr).splitlines() if "....." in line]
    assert len(checks) == 10, done.stdout + done.stderr
    assert [line for line in checks if "✅" not in line] == []
