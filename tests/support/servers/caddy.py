"""A real reverse proxy, Caddy: with TLS before a server of weft, or before several in turn."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import trustme

from server_process import wait_until

_CADDYFILE = """{{
	admin off
	auto_https off
}}
https://localhost:{port} {{
	tls {folder}/cert.pem {folder}/key.pem
	reverse_proxy 127.0.0.1:{target}
}}
"""

_BALANCED = """{{
	admin off
	grace_period 1s
	auto_https off
}}
http://127.0.0.1:{port} {{
	reverse_proxy {targets} {{
		lb_policy round_robin
		lb_try_duration 10s
		lb_try_interval 100ms
		flush_interval -1
		{health}
	}}
}}
"""


class Caddy:
    """A running proxy.

    Attributes:
        url: its address, `https://localhost:PORT`.
        authority: the certificate of the authority that vouches for it.
    """

    def __init__(self, url: str, authority: Path) -> None:
        self.url = url
        self.authority = authority

    def context(self) -> ssl.SSLContext:
        """TLS for a client that trusts it."""
        return ssl.create_default_context(cafile=str(self.authority))


@contextmanager
def caddy(folder: Path, port: int, target: int) -> Iterator[Caddy]:
    """Serve the port of a server of weft by HTTPS at `port`."""
    folder.mkdir()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    certificate = authority.issue_cert("localhost")
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(str(folder / "cert.pem"), append=True)
    config = _CADDYFILE.format(port=port, folder=folder, target=target)
    with _serving(folder, config, port):
        yield Caddy(f"https://localhost:{port}", folder / "ca.pem")


@contextmanager
def balanced(
    folder: Path, port: int, targets: Sequence[int], *, health: str | None = None
) -> Iterator[str]:
    """Serve several ports of servers in turn at `port`, by HTTP, and yield its address.

    A request that a server did not take goes to the next one; others of a killed server fail. With
    `health`, a path, servers that do not answer it with 200 get no requests.
    """
    folder.mkdir()
    addresses = " ".join(f"127.0.0.1:{target}" for target in targets)
    check = f"health_uri {health}\n\t\thealth_interval 300ms" if health else ""
    config = _BALANCED.format(port=port, targets=addresses, health=check)
    with _serving(folder, config, port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _serving(folder: Path, config: str, port: int) -> Iterator[None]:
    path = folder / "Caddyfile"
    path.write_text(config)
    environment = {
        **os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder),
    }  # fmt: skip
    program = Path(sysconfig.get_path("scripts"), "caddy")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "run", "--config", path, "--adapter", "caddyfile"],
            env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    try:

        def listens() -> bool:
            assert process.poll() is None, (folder / "log").read_text()
            with socket.socket() as client:
                return client.connect_ex(("127.0.0.1", port)) == 0

        wait_until(listens, what="Caddy listens")
        yield
    finally:
        process.terminate()
        process.wait()
