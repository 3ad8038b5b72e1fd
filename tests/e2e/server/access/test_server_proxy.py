"""A server behind a real proxy with TLS, which runs as the server's own user on its machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from caddy import Caddy, caddy
from free_port import free_port
from sdk_script import run_script
from server_process import ServerProcess, start_server, wait_until

SERVER = "/api/v1/server"


class Public(NamedTuple):
    server: ServerProcess
    proxy: Caddy

    def browser(self, address: str = "127.0.0.2", **options: object) -> httpx.Client:
        """A client of the proxy, at another address than the proxy's."""
        transport = httpx.HTTPTransport(verify=self.proxy.context(), local_address=address)
        return httpx.Client(base_url=self.proxy.url, transport=transport, timeout=30, **options)


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Public]:
    folder = tmp_path_factory.mktemp("proxy")
    (folder / "data").mkdir()
    (folder / "data" / "weft.toml").write_text(
        'trusted_proxies = ["127.0.0.1/32"]\naccess_log = true\n'
    )
    with start_server(folder) as server:
        target = int(server.url.rpartition(":")[2])
        with caddy(folder / "caddy", free_port(), target) as proxy:
            yield Public(server, proxy)


def _logged(public: Public, request_id: str) -> dict[str, object]:
    def line() -> dict[str, object] | None:
        for text in public.server.lines:
            if request_id in text and text.startswith("{"):
                return dict(json.loads(text))
        return None

    return dict(wait_until(line, what="the line of the request"))  # type: ignore[call-overload]


def test_no_client_of_the_proxy_is_the_server_s_own_user(public: Public) -> None:
    with public.browser() as browser:
        assert browser.get(SERVER).status_code == 401
        assert browser.get(SERVER, headers={"Host": "localhost"}).status_code == 401
        assert browser.get("/", headers={"Accept": "text/html"}).status_code == 401
    assert httpx.get(public.server.url + SERVER).status_code == 401


def test_a_local_server_refuses_requests_through_a_proxy(tmp_path: Path) -> None:
    with start_server(tmp_path) as server:
        assert httpx.get(server.url + SERVER).status_code == 200
        for header in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
            answer = httpx.get(server.url + SERVER, headers={header: "1.1 proxy"})
            assert answer.status_code == 401, header
        named = httpx.get(server.url + SERVER, headers={"Host": "weft.example.org"})
        assert named.status_code == 403
        assert "--public-url" in named.json()["detail"]


def test_the_log_has_the_client_s_own_address(public: Public) -> None:
    spoofed = {"X-Forwarded-For": "6.6.6.6", "X-Real-IP": "6.6.6.6"}
    with public.browser() as browser:
        through = browser.get("/healthz", headers={**spoofed, "X-Request-Id": "through"})
        assert through.status_code == 200
    assert _logged(public, "through")["client"] == "127.0.0.2"
    # A client that reaches the server itself is not believed.
    transport = httpx.HTTPTransport(local_address="127.0.0.3")
    with httpx.Client(transport=transport, base_url=public.server.url) as direct:
        direct.get("/healthz", headers={**spoofed, "X-Request-Id": "direct"})
    assert _logged(public, "direct")["client"] == "127.0.0.3"


def test_headers_that_contradict_each_other_are_refused(public: Public) -> None:
    with public.browser() as browser:
        answer = browser.get("/healthz", headers={"Forwarded": "for=6.6.6.6"})
        assert answer.status_code == 400
        assert "let the proxy remove" in answer.json()["detail"]


def test_signing_in_and_the_addresses_of_answers(public: Public) -> None:
    token = {"token": public.server.token}
    with public.browser() as browser:
        url = public.proxy.url
        for origin in (url.replace("https", "http"), "https://localhost", "https://evil.example"):
            refused = browser.post("/", data=token, headers={"Origin": origin})
            assert refused.status_code == 403, origin
        answer = browser.post("/local", data=token, headers={"Origin": url})
        assert (answer.status_code, answer.headers["location"]) == (303, "/local")
        assert "; Secure" in answer.headers["set-cookie"]
        assert browser.get(SERVER).json()["url"] == url
        login = browser.post(
            "/api/v1/server/login-addresses",
            headers={"Origin": url, "Sec-Fetch-Site": "same-origin"},
        )
        assert login.json()["url"].startswith(f"{url}/?token=")
        schema = browser.post("/graphql", json={"query": "{viewer {username}}"})
        assert schema.status_code == 200
    with public.browser("127.0.0.4") as second:
        assert second.get(login.json()["url"]).status_code == 303
        assert second.get(SERVER).status_code == 200


def test_a_script_uploads_and_a_page_sees_it_live(public: Public, tmp_path: Path) -> None:
    key = {"Authorization": f"Bearer {public.server.token}"}
    code = """
        import os, weft
        with weft.init(project="proxied", id="live") as run:
            with open("large.bin", "wb") as file:
                file.write(os.urandom(3_000_000))
            run.save("large.bin")
            for step in range(100):
                run.log({"loss": step})
    """
    environment = {
        "WEFT_MODE": "online",
        "WEFT_BASE_URL": public.proxy.url,
        "WEFT_API_KEY": public.server.token,
        "SSL_CERT_FILE": str(public.proxy.authority),
    }
    with (
        public.browser(headers=key) as browser,
        browser.stream("GET", "/api/v1/projects/local/proxied/events") as events,
    ):
        lines = events.iter_lines()
        assert next(lines)  # the stream has begun before the run
        script = run_script(tmp_path, code, environment)
        assert script.exit_code == 0, script.stderr
        assert any('"live"' in line for line in lines)
        runs = "/api/v1/projects/local/proxied/runs/live"
        assert browser.get(runs).json()["state"] == "finished"
        file = browser.get(f"{runs}/files/large.bin")
        assert file.content == (tmp_path / "large.bin").read_bytes()
