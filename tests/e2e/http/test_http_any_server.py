"""Two servers of one PostgreSQL: a browser may begin a thing at one and go on at the other."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest

from at_length import at_length
from oidc_provider import CLIENT_ID, CLIENT_SECRET, OidcServer
from postgres_cluster import PostgresCluster, share_disk
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server
from weft.server.services.access import LOCAL
from weft.server.services.opening import open_services
from weft.server.services.stores.people import BEHIND_SECS
from weft.wire.server.accounts import FirstAdmin
from weft.wire.server.teams import TeamAddition

pytestmark = pytest.mark.timeout(300)

PASSWORD: Final = "correct horse battery"
RUNS: Final = "/api/v1/projects/lab/runs"
UPLOAD: Final = """
mutation Begin { createRunFiles(input: {entityName: "lab", projectName: "runs",
  runName: "run1", files: ["note.txt"]}) { files { uploadUrl } } }"""


class Site(NamedTuple):
    """Two servers behind one address, their provider, and the key of ada, who has no password."""

    first: ServerProcess
    other: ServerProcess
    provider: OidcServer
    key: str

    def browser(self) -> httpx.Client:
        """A browser of another machine; one of its cookies is for both servers."""
        headers = {"Accept": "text/html", "Via": "test", "User-Agent": "Firefox/150"}
        return httpx.Client(headers=headers, timeout=60, trust_env=False)

    def ada(self, server: ServerProcess) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=server.url, headers=headers, timeout=60, trust_env=False)


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, postgres_cluster: PostgresCluster
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    url = postgres_cluster.new_shared()
    share_disk(folder / "first" / "data", folder / "other" / "data")
    services = open_services(folder / "first" / "data", url, jobs=False)
    services.first_admin.make(LOCAL, FirstAdmin(name="root", password=PASSWORD))
    key = services.users.add_user(LOCAL, "ada").api_key
    services.teams.add_team(
        LOCAL, TeamAddition(name="lab", members={"root": "admin", "ada": "admin"})
    )
    services.close()
    with socket.create_server(("127.0.0.1", 0)) as free:
        public_url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with ExitStack() as stack:
        provider = stack.enter_context(OidcServer())
        provider.change(
            redirect_uris=[f"{public_url}/sign-in/with/lab/back"],
            accounts={"noa": {"preferred_username": "noa", "name": "Noa"}},
        )
        servers: list[ServerProcess] = []
        for name in ("first", "other"):
            write_settings(folder / name / "data", public_url, provider)
            server = start_server(folder / name, "--metadata-url", url)
            servers.append(stack.enter_context(server))
        yield Site(*servers, provider, key)


def write_settings(data: Path, public_url: str, provider: OidcServer) -> None:
    data.mkdir(parents=True, exist_ok=True)
    (data / "weft.toml").write_text(
        f"""
public_url = "{public_url}"
[oidc.lab]
title = "Lab account"
issuer = "{provider.issuer}"
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
sign_up = true
"""
    )


def account(browser: httpx.Client, server: ServerProcess) -> str | None:
    answer = browser.get(f"{server.url}/api/v1/account")
    return answer.json()["name"] if answer.status_code == 200 else None


def sign_in(
    browser: httpx.Client, server: ServerProcess, name: str, password: str = PASSWORD
) -> httpx.Response:
    return browser.post(f"{server.url}/sign-in", data={"user": name, "password": password})


def at(server: ServerProcess, link: str) -> str:
    """A link to the address of both servers, as the proxy sends it to one."""
    parts = urlsplit(link)
    return f"{server.url}{parts.path}?{parts.query}"


def test_a_sign_in_by_a_provider_ends_at_the_other_server_and_once(site: Site) -> None:
    with site.browser() as browser:
        begun = browser.get(f"{site.first.url}/sign-in/with/lab", params={"path": "/lab"})
        assert begun.status_code == 303, begun.text
        cookies = dict(browser.cookies)
        back = site.provider.sign_in(begun.headers["location"], "noa")
        answer = browser.get(at(site.other, back))
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"] == "/lab"
        assert [account(browser, server) for server in (site.other, site.first)] == ["noa", "noa"]
    with site.browser() as browser:
        browser.cookies.update(cookies)
        again = browser.get(at(site.first, back))
        assert again.status_code == 403
        assert "finished before" in again.text


def test_wrong_passwords_at_two_servers_slow_the_next_as_at_one(site: Site) -> None:
    # A server that counted alone would refuse the eleventh at the earliest. The time to wait grows
    # with each try, so one of them comes too early also where checks of passwords are slow.
    codes: list[int] = []
    with site.browser() as browser:
        for server in [site.first, site.other] * 5:
            answer = sign_in(browser, server, "slow", "wrong")
            codes.append(answer.status_code)
            if answer.status_code != 401:
                assert int(answer.headers["retry-after"]) >= 1
                break
    assert codes[:5] == [401] * 5
    assert codes[-1] == 429


def test_a_link_for_one_browser_works_at_the_other_server_and_once(site: Site) -> None:
    with site.ada(site.first) as ada, site.browser() as browser:
        answer = ada.post("/api/v1/server/login-addresses")
        assert answer.status_code == 201, answer.text
        link = answer.json()["url"]
        assert browser.get(at(site.other, link)).status_code == 303
        assert account(browser, site.first) == "ada"
    with site.browser() as browser:
        assert browser.get(at(site.first, link)).status_code == 401
        assert account(browser, site.first) is None


def test_the_view_of_another_role_and_signed_addresses_hold_at_both_servers(site: Site) -> None:
    log = HandMadeLog(entity="lab", project="runs")
    with site.ada(site.first) as ada, site.browser() as browser:
        assert log.upload(ada).is_success
        assert sign_in(browser, site.first, "root").status_code == 303
        seen = browser.post(f"{site.first.url}{RUNS}/see-as", json={"role": "viewer"})
        assert seen.status_code == 204, seen.text
        for server in (site.other, site.first):
            info = browser.get(f"{server.url}/api/v1/server").json()
            assert info["seen_as"]["role"] == "viewer"
            refused = browser.patch(f"{server.url}{log.path}", json={"notes": "changed"})
            assert refused.status_code == 403
        assert browser.delete(f"{site.other.url}/api/v1/see-as").status_code == 204
        changed = browser.patch(f"{site.first.url}{log.path}", json={"notes": "changed"})
        assert changed.is_success, changed.text

        begun = ada.post("/graphql", json={"query": UPLOAD})
        address = begun.json()["data"]["createRunFiles"]["files"][0]["uploadUrl"]
        before, _, code = address.partition("/wandb/files/")
        letter = "A" if code[10] != "A" else "B"
        forged = f"{before}/wandb/files/{code[:10]}{letter}{code[11:]}"
        assert browser.put(at(site.other, forged), content=b"note").status_code == 403
        assert browser.put(at(site.other, address), content=b"note").is_success


def test_the_token_of_one_server_is_that_of_the_other(site: Site) -> None:
    assert site.other.token == site.first.token
    headers = {"Authorization": f"Bearer {site.other.token}", "Via": "test"}
    for server in (site.first, site.other):
        answer = httpx.get(f"{server.url}/api/v1/server/key", headers=headers, trust_env=False)
        assert answer.json() == {"api_key": site.first.token}


def test_a_server_that_was_paused_refuses_a_key_that_was_replaced_meanwhile(site: Site) -> None:
    headers = {"Authorization": f"Bearer {site.first.token}"}
    address = urlsplit(site.other.url)
    with httpx.Client(
        base_url=f"{site.first.url}/api/v1", headers=headers, trust_env=False
    ) as http:
        key = http.post("/users", json={"name": "eve"}).json()["api_key"]
        with site.ada(site.other) as eve:
            eve.headers["Authorization"] = f"Bearer {key}"
            answer = eve.get("/api/v1/account")
            assert answer.is_success, answer.text
        os.kill(site.other.pid, signal.SIGSTOP)
        try:
            assert http.put("/users/eve/key", json={}).is_success
            time.sleep(BEHIND_SECS)
            with socket.create_connection((str(address.hostname), address.port or 80)) as asking:
                asking.sendall(
                    f"GET /api/v1/account HTTP/1.1\r\nHost: {address.netloc}\r\n"
                    f"Authorization: Bearer {key}\r\nConnection: close\r\n\r\n".encode()
                )
                os.kill(site.other.pid, signal.SIGCONT)
                assert asking.makefile("rb").readline().split()[1] == b"401"
        finally:
            os.kill(site.other.pid, signal.SIGCONT)


@at_length
def test_a_browser_that_signed_in_before_is_not_slowed_at_the_other_server(site: Site) -> None:
    with site.browser() as owner, site.browser() as attacker:
        assert sign_in(owner, site.first, "root").status_code == 303
        for server in [site.first, site.other] * 4:
            sign_in(attacker, server, "root", "wrong")
        assert sign_in(attacker, site.other, "root").status_code == 429
        devices = {name: code for name, code in owner.cookies.items() if name.endswith("-device")}
        owner.cookies = httpx.Cookies(devices)
        assert sign_in(owner, site.other, "root").status_code == 303
