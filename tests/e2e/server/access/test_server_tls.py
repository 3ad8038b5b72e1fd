"""HTTPS from the server itself: certificates in files, and clients that misuse the handshake."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import trustme

from at_length import at_length
from sdk_script import run_script
from server_process import ServerProcess, start_server, wait_until
from weft.errors import ConfigError
from weft.server.http.admission.tls import Certificate
from weft_command import run_weft

SERVER = "/api/v1/server"


def _issue(folder: Path, authority: trustme.CA) -> None:
    certificate = authority.issue_cert("localhost")
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))


class Tls(NamedTuple):
    server: ServerProcess
    authority: trustme.CA
    folder: Path

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def port(self) -> int:
        return int(self.server.url.rpartition(":")[2])

    def context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context

    def client(self) -> httpx.Client:
        key = {"Authorization": f"Bearer {self.server.token}"}
        return httpx.Client(verify=self.context(), base_url=self.url, headers=key, timeout=30)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tls]:
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    _issue(folder, authority)
    (folder / "data").mkdir()
    (folder / "data" / "weft.toml").write_text(
        f'tls_certificate = "{folder}/cert.pem"\ntls_key = "{folder}/key.pem"\nhost = "0.0.0.0"\n'
    )
    with start_server(folder) as server:
        yield Tls(server, authority, folder)


def test_a_script_a_page_and_a_command_of_this_machine(tls: Tls, tmp_path: Path) -> None:
    code = """
        import os, weft
        with weft.init(project="tls", id="live") as run:
            with open("large.bin", "wb") as file:
                file.write(os.urandom(3_000_000))
            run.save("large.bin")
            run.log({"loss": 1})
    """
    environment = {
        "WEFT_MODE": "online", "WEFT_BASE_URL": tls.url, "WEFT_API_KEY": tls.server.token,
        "SSL_CERT_FILE": str(tls.folder / "ca.pem"),
    }  # fmt: skip
    with tls.client() as browser:
        with browser.stream("GET", "/api/v1/projects/local/tls/events") as events:
            lines = events.iter_lines()
            assert next(lines)
            script = run_script(tmp_path, code, environment)
            assert script.exit_code == 0, script.stderr
            assert any('"live"' in line for line in lines)
        file = browser.get("/api/v1/projects/local/tls/runs/live/files/large.bin")
        assert file.content == (tmp_path / "large.bin").read_bytes()
        assert browser.get(SERVER).json()["url"] == tls.url
    # It trusts no authority that could vouch for the server.
    added = run_weft("server", "user", "add", "ada", "--data", str(tls.server.data))
    assert added.exit_code == 0, added.stderr
    assert f"--base-url {tls.server.url}," in added.stderr


def test_a_cookie_is_secure_and_its_form_comes_by_https(tls: Tls) -> None:
    data = {"token": tls.server.token}
    with httpx.Client(verify=tls.context(), base_url=tls.url, timeout=30) as browser:
        plain = browser.post("/", data=data, headers={"Origin": tls.url.replace("https", "http")})
        assert plain.status_code == 403
        answer = browser.post("/", data=data, headers={"Origin": tls.url})
        assert "; Secure" in answer.headers["set-cookie"]
        assert browser.get(SERVER).status_code == 200


def test_an_answer_that_ends_the_connection_arrives(tls: Tls) -> None:
    with tls.client() as client:
        assert client.get("/healthz", headers={"X": "a" * 100_000}).status_code == 431
        assert client.get("/healthz").status_code == 200


def test_a_new_certificate_is_taken_and_a_broken_one_is_not(tls: Tls) -> None:
    original = {name: (tls.folder / name).read_bytes() for name in ("cert.pem", "key.pem")}
    old_authority = tls.context()
    other = tls._replace(authority=trustme.CA())
    _issue(tls.folder, other.authority)

    def answers() -> bool:
        try:
            with other.client() as client:
                return client.get("/healthz").status_code == 200
        except httpx.ConnectError:
            return False

    wait_until(answers, what="the new certificate")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{tls.url}/healthz", verify=old_authority)
    (tls.folder / "key.pem").write_bytes(original["key.pem"])

    def warns() -> bool:
        return answers() and "the old certificate stays in use" in tls.server.stderr

    wait_until(warns, what="the warning")
    assert "the key belongs to another certificate" in tls.server.stderr
    assert answers()
    (tls.folder / "cert.pem").write_bytes(original["cert.pem"])
    wait_until(lambda: not answers(), what="the first certificate")
    with tls.client() as client:
        assert client.get("/healthz").status_code == 200


def test_connections_without_a_handshake_are_bounded(tls: Tls) -> None:
    address = ("127.0.0.1", tls.port)
    silent = [socket.create_connection(address) for _ in range(200)]
    try:
        with tls.client() as client:
            assert client.get("/healthz").status_code == 200

        def are_closed() -> bool:
            return sum(_is_closed(connection) for connection in silent) >= 200 - 128

        wait_until(are_closed, what="the end of the oldest connections")
    finally:
        for connection in silent:
            connection.close()
    with socket.create_connection(address) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wait_until(lambda: _is_closed(plain), what="the end of a connection without TLS")
    with tls.client() as client:
        assert client.get("/healthz").status_code == 200
    assert "Traceback" not in tls.server.stderr


def _is_closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        while True:
            if not connection.recv(4096):
                return True
    except BlockingIOError:
        return False
    except OSError:
        return True


@at_length
def test_the_same_on_the_event_loop_of_python(tmp_path: Path) -> None:
    authority = trustme.CA()
    _issue(tmp_path, authority)
    options = ("--tls-certificate", f"{tmp_path}/cert.pem", "--tls-key", f"{tmp_path}/key.pem")
    before = "import sys; sys.modules['uvloop'] = None"
    with start_server(tmp_path, *options, before=before) as server:
        tls = Tls(server, authority, tmp_path)
        test_an_answer_that_ends_the_connection_arrives(tls)
        test_connections_without_a_handshake_are_bounded(tls)


def test_files_that_cannot_be_used_stop_the_start(tmp_path: Path) -> None:
    authority = trustme.CA()
    _issue(tmp_path, authority)
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    with pytest.raises(ConfigError, match="tls_key can't be read: no such file"):
        Certificate(cert, tmp_path / "gone.pem")
    with pytest.raises(ConfigError, match="no certificate, or no key, in PEM"):
        Certificate(cert, None)
    other = tmp_path / "other.pem"
    authority.issue_cert("localhost").private_key_pem.write_to_path(str(other))
    with pytest.raises(ConfigError, match="the key belongs to another certificate"):
        Certificate(cert, other)
    other.write_text("junk")
    with pytest.raises(ConfigError, match="no certificate, or no key, in PEM"):
        Certificate(other, key)
    done = run_weft("server", "--data", str(tmp_path / "d"), "--tls-certificate", str(other))
    assert done.exit_code == 2
    assert "tls_certificate and tls_key can't be used" in done.stderr
