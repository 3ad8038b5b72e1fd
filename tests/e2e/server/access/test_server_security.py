"""Local mode on a real server: who gets in, and whom the server does not even talk to.

Another user of the machine is a process that gave up root for `nobody`: run these as root.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server_process import ServerProcess, start_server, wait_until
from weft.records.frame_code import frame_code
from weft.runlog.platform import login_name
from weft_command import run_weft

NOBODY = 65534
API = "/api/v1/server"

ASK_AS_ANOTHER = """
import encodings.idna, http.client, json, os, sys
address, method, path, headers = json.loads(sys.argv[1])
os.setgroups([]), os.setgid({nobody}), os.setuid({nobody})
connection = http.client.HTTPConnection(address, timeout=30)
connection.request(method, path, headers=headers)
answer = connection.getresponse()
body = answer.read().decode()
print(json.dumps([answer.status, dict(answer.getheaders()), body]))
"""


def address_of(server: ServerProcess) -> str:
    return server.url.partition("//")[2]


def ask(
    server: ServerProcess, path: str = API, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], str]:
    """Ask as the server's own user; header names have `_` for `-`."""
    connection = http.client.HTTPConnection(address_of(server), timeout=30)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def ask_as_another(
    server: ServerProcess, path: str = API, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], str]:
    """Ask as another user of this machine."""
    assert os.getuid() == 0, "these tests need root, to become another user"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    question = json.dumps([address_of(server), method, path, named])
    script = ASK_AS_ANOTHER.replace("{nobody}", str(NOBODY))
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, question],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    status, answer_headers, body = json.loads(done.stdout)
    return status, answer_headers, body


def assert_refused(answer: tuple[int, dict[str, str], str], status: int) -> None:
    got, headers, body = answer
    assert got == status, body
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(body)["code"] == "forbidden"


# --- who --------------------------------------------------------------------------------------


def test_the_own_user_needs_nothing(patient_server: ServerProcess) -> None:
    assert ask(patient_server)[0] == 200


def test_a_key_that_is_sent_decides_even_for_the_own_user(patient_server: ServerProcess) -> None:
    assert_refused(ask(patient_server, Authorization="Bearer of-another-server"), 401)
    assert ask(patient_server, Authorization=f"Bearer {patient_server.token}")[0] == 200
    assert ask(patient_server, Authorization="Basic of-a-proxy")[0] == 200


@pytest.mark.parametrize(
    "path",
    [API, "/", "/local/p", "/api/v1/projects", "/api/v1/openapi.json", "/api/docs", "/nothing"],
)
def test_another_user_sees_nothing(patient_server: ServerProcess, path: str) -> None:
    assert_refused(ask_as_another(patient_server, path), 401)


def test_another_user_may_read_the_documents_and_send_nothing(
    patient_server: ServerProcess,
) -> None:
    for path in ("/docs", "/docs/server", "/docs/guide/server.md", "/favicon.svg"):
        assert ask_as_another(patient_server, path)[0] == 200, path
    for path in ("/docs/nothing.md", "/docs/../token", "/docs/%2e%2e/api/v1/projects"):
        assert ask_as_another(patient_server, path)[0] == 404, path
    assert_refused(ask_as_another(patient_server, "/docs/server", "POST"), 401)
    # and not from a page of another site
    assert_refused(ask_as_another(patient_server, "/docs", Origin="http://evil.example"), 403)


def test_a_browser_that_is_not_let_in_is_told_how_in_words(patient_server: ServerProcess) -> None:
    status, headers, body = ask_as_another(patient_server, "/", Accept="text/html,*/*")
    assert (status, headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert "weft status" in body
    assert 'name="token"' in body
    assert "default-src 'none'" in headers["content-security-policy"]


def test_another_user_with_the_token_gets_in(patient_server: ServerProcess) -> None:
    assert ask_as_another(patient_server, Authorization=f"Bearer {patient_server.token}")[0] == 200


@pytest.mark.parametrize(
    "authorization", ["Bearer wrong", "Bearer ", "Bearer", "Basic {token}", "{token}", "bearer"]
)
def test_another_user_with_less_than_the_token_does_not(
    patient_server: ServerProcess, authorization: str
) -> None:
    value = authorization.replace("{token}", patient_server.token)
    assert_refused(ask_as_another(patient_server, Authorization=value), 401)


def test_another_user_who_hangs_up_at_once_changes_nothing(patient_server: ServerProcess) -> None:
    # A socket that is closed already belongs to "user 0" in the kernel's table.
    script = f"""
import encodings.idna, os, socket
os.setgroups([]), os.setgid({NOBODY}), os.setuid({NOBODY})
for _ in range(50):
    one = socket.create_connection({tuple(_host_port(patient_server))!r})
    one.sendall(b"POST /api/v1/server/login-addresses HTTP/1.1\\r\\nHost: localhost\\r\\n"
                b"Content-Length: 0\\r\\n\\r\\n")
    one.close()
"""
    subprocess.run([sys.executable, "-I", "-c", script], check=True, timeout=180)
    assert ask(patient_server)[0] == 200
    assert_refused(ask_as_another(patient_server), 401)


def test_health_is_told_to_everybody_and_nothing_else(patient_server: ServerProcess) -> None:
    status, _, body = ask_as_another(patient_server, "/healthz")
    assert (status, json.loads(body)["status"]) == (200, "ok")
    assert ask_as_another(patient_server, "/readyz")[0] == 200


def test_a_one_time_address_lets_one_browser_in(patient_server: ServerProcess) -> None:
    _, _, body = ask(patient_server, "/api/v1/server/login-addresses", "POST")
    path = json.loads(body)["url"].removeprefix(patient_server.url)
    status, headers, _ = ask_as_another(patient_server, f"{path}&view=a%26b")
    assert (status, headers["location"]) == (303, "/?view=a%26b")
    cookie, *attributes = headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=lax"} <= set(attributes)
    assert patient_server.token not in cookie
    assert ask_as_another(patient_server, Cookie=cookie)[0] == 200
    assert_refused(ask_as_another(patient_server, Cookie=cookie[:-1] + "0x"), 401)
    assert_refused(ask_as_another(patient_server, path), 401)  # a second time
    assert_refused(ask_as_another(patient_server, f"/?token={patient_server.token}"), 401)


def test_a_login_leads_nowhere_else(patient_server: ServerProcess) -> None:
    _, _, body = ask(patient_server, "/api/v1/server/login-addresses", "POST")
    query = json.loads(body)["url"].partition("?")[2]
    status, headers, _ = ask_as_another(patient_server, f"//evil.example/?{query}")
    assert (status, headers["location"]) == (303, "/evil.example/")


# --- Host and Origin --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:9999", "127.0.0.1:1", "[::1]:80", "LOCALHOST", "127.0.0.1"]
)
def test_a_host_of_this_machine_is_served_with_any_port(
    patient_server: ServerProcess, host: str
) -> None:
    assert ask(patient_server, Host=host)[0] == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "10.0.0.1", "[::2]"],
)
def test_a_foreign_host_is_refused_even_with_the_token(
    patient_server: ServerProcess, host: str
) -> None:
    answer = ask(patient_server, Host=host, Authorization=f"Bearer {patient_server.token}")
    assert_refused(answer, 403)


@pytest.mark.parametrize("path", [API, "/", "/healthz"])
@pytest.mark.parametrize(
    "origin", ["null", "http://evil.example", "http://localhost:1", "file://", "http://127.0.0.1"]
)
def test_a_foreign_origin_is_refused(
    patient_server: ServerProcess, origin: str, path: str
) -> None:
    assert_refused(ask(patient_server, path, Origin=origin), 403)
    assert_refused(ask(patient_server, path, "POST", Origin=origin), 403)


def test_the_own_origin_is_served_also_through_a_tunnel(patient_server: ServerProcess) -> None:
    assert ask(patient_server, Origin=patient_server.url)[0] == 200
    assert ask(patient_server, Host="localhost:9999", Origin="http://localhost:9999")[0] == 200
    assert_refused(ask(patient_server, Host="localhost:9999", Origin=patient_server.url), 403)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_page_asks_for_is_refused_save_a_link_that_is_followed(
    patient_server: ServerProcess, site: str
) -> None:
    def fetch(mode: str, destination: str, method: str = "GET") -> int:
        headers = {"Sec_Fetch_Site": site, "Sec_Fetch_Mode": mode, "Sec_Fetch_Dest": destination}
        return ask(patient_server, "/api/v1/projects", method, **headers)[0]

    assert fetch("no-cors", "image") == 403
    assert fetch("no-cors", "script") == 403
    assert fetch("cors", "empty") == 403
    assert fetch("navigate", "iframe") == 403
    assert fetch("navigate", "document", "POST") == 403
    assert fetch("navigate", "document") == 200


def test_only_an_address_with_the_code_may_be_framed_and_only_on_this_machine(
    patient_server: ServerProcess,
) -> None:
    def framed(path: str, mode: str = "navigate", method: str = "GET") -> tuple[int, str]:
        headers = {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": mode}
        answer = ask(patient_server, path, method, Sec_Fetch_Dest="iframe", **headers)
        return answer[0], answer[1]["content-security-policy"]

    page, code = "/local/mnist/runs/ab12cd34", frame_code(patient_server.token)
    assert framed(page)[0] == 403
    assert framed(f"{page}?frame=")[0] == 403
    assert framed(f"{page}?frame={'0' * 32}")[0] == 403
    assert framed(f"{page}?frame={patient_server.token}")[0] == 403
    assert framed(f"{page}?frame={code}", mode="cors")[0] == 403
    assert framed(f"{page}?frame={code}", method="POST")[0] == 403
    status, policy = framed(f"{page}?frame={code}")
    assert status == 200
    assert "frame-ancestors http://localhost:* https://localhost:* http://127.0.0.1:*" in policy
    # The code lets nobody in, and opens nothing but the web app's page.
    assert_refused(ask_as_another(patient_server, f"{API}?frame={code}"), 401)
    assert "frame-ancestors 'none'" in framed(f"{API}?frame={code}")[1]


def test_answers_forbid_sniffing_framing_and_keeping(patient_server: ServerProcess) -> None:
    for path in (API, "/", "/api/v1/none", "/healthz"):
        _, headers, _ = ask(patient_server, path)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        # An answer with an ETag is kept by the browser that asked, and shown only when it is good.
        assert headers["cache-control"] == (
            "private, no-cache" if "etag" in headers else "no-store"
        )
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers


# --- beyond loopback --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with start_server(tmp_path_factory.mktemp("open"), "--host", "0.0.0.0") as process:
        yield process


def test_a_server_of_this_machine_alone_names_its_user(patient_server: ServerProcess) -> None:
    _, _, body = ask(patient_server)
    assert json.loads(body)["user"] == login_name() is not None


def test_a_server_beyond_loopback_asks_everybody_for_the_token(open_server: ServerProcess) -> None:
    port = open_server.url.rpartition(":")[2]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        assert client.get(API).status_code == 401
        assert client.get("/healthz").status_code == 200
        token = {"Authorization": f"Bearer {open_server.token}"}
        answer = client.get(API, headers=token)
        assert answer.status_code == 200
        assert answer.json()["user"] is None, "anyone may look"
        # Any name may lead to it; the token is what counts.
        named = {**token, "Host": "gpu-box.lan:8080"}
        assert client.get(API, headers=named).status_code == 200


def test_the_start_up_line_can_be_pasted(open_server: ServerProcess, tmp_path: Path) -> None:
    wait_until(lambda: "log to it with: " in open_server.stderr, what="command to log with")
    assert "sign-in link for one browser, works once: http://" in open_server.stderr
    line = next(line for line in open_server.lines if "log to it with: " in line)
    command = line.partition("with: ")[2].replace("python train.py", "env")
    shown = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert f"WEFT_BASE_URL={open_server.url}" in shown
    assert f"WEFT_API_KEY={open_server.token}" in shown


def test_status_prints_a_sign_in_link_wherever_the_key_is_good(open_server: ServerProcess) -> None:
    url = f"http://127.0.0.1:{open_server.url.rpartition(':')[2]}"
    done = run_weft("status", env={"WEFT_BASE_URL": url, "WEFT_API_KEY": open_server.token})
    assert (done.exit_code, done.stderr) == (0, "")
    link = done.stdout.rpartition(" ")[2].strip()
    assert link.startswith(f"{url}/?token=")
    with httpx.Client(trust_env=False, follow_redirects=True) as browser:
        assert browser.get(link).url == f"{url}/"
        assert browser.get(url + API).status_code == 200
    refused = run_weft("status", "--base-url", url, env={"WEFT_API_KEY": "wrong"})
    assert refused.exit_code == 1
    assert "does not know the key" in refused.stdout


def test_cookies_are_for_https_where_people_use_https(tmp_path: Path) -> None:
    with start_server(tmp_path, "--public-url", "https://weft.example.org") as server:
        sent = {"data": {"token": server.token}, "timeout": 30}
        answer = httpx.post(f"{server.url}/local", **sent)
        assert "; Secure" in answer.headers["set-cookie"]
        by_proxy = httpx.post(
            f"{server.url}/", headers={"Origin": server.url.replace("http", "https")}, **sent
        )
        assert "; Secure" in by_proxy.headers["set-cookie"]
        # The form was loaded without HTTPS: the browser would not store a secure cookie.
        plain = httpx.post(f"{server.url}/", headers={"Origin": server.url}, **sent)
        assert "; Secure" not in plain.headers["set-cookie"]
        # A proxy of the server's own user would make everyone who uses it this user.
        path = f"{server.url}/api/v1/server/login-addresses"
        assert httpx.post(path, timeout=30).status_code == 401
        key = {"Authorization": f"Bearer {server.token}"}
        url = httpx.post(path, headers=key, timeout=30).json()["url"]
        assert url.startswith("https://weft.example.org/?token=")
        link = url.replace("https://weft.example.org", server.url)
        assert "; Secure" in httpx.get(link, timeout=30).headers["set-cookie"]


# --- the sign-in page ---------------------------------------------------------------------------


def test_the_sign_in_page_lets_a_browser_with_the_token_in(open_server: ServerProcess) -> None:
    port = open_server.url.rpartition(":")[2]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as browser:
        page = browser.get("/local/p?view=a%26b", headers={"Accept": "text/html"})
        assert page.status_code == 401
        assert '<form method="post">' in page.text
        answer = browser.post("/local/p?view=a%26b", data={"token": f" {open_server.token}\n"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/local/p?view=a%26b")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie
        assert open_server.token not in cookie
        assert browser.get(API).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"token": "wrong"},
        {"token": ""},
        {"tokens": "a"},
        {"token": "x" * 10_000},
        {"token": ["{token}"] * 2},
    ],
    ids=["wrong", "empty", "none", "long", "two"],
)
def test_the_sign_in_page_tells_a_wrong_token(
    open_server: ServerProcess, fields: dict[str, Any]
) -> None:
    port = open_server.url.rpartition(":")[2]
    answer = httpx.post(f"http://127.0.0.1:{port}/", data=fields, trust_env=False)
    assert answer.status_code == 401
    assert "Wrong key or token" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_another_site_signs_nobody_in(open_server: ServerProcess, headers: dict[str, str]) -> None:
    port = open_server.url.rpartition(":")[2]
    answer = httpx.post(
        f"http://127.0.0.1:{port}/",
        data={"token": open_server.token},
        headers=headers,
        trust_env=False,
    )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_the_token_in_a_form_opens_no_route_of_the_api(open_server: ServerProcess) -> None:
    port = open_server.url.rpartition(":")[2]
    path = "/api/v1/server/login-addresses"
    form = {"token": open_server.token}
    answer = httpx.post(f"http://127.0.0.1:{port}{path}", data=form, trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (401, "forbidden")


# --- raw bytes --------------------------------------------------------------------------------


def _host_port(server: ServerProcess) -> tuple[str, int]:
    host, _, port = address_of(server).rpartition(":")
    return host, int(port)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /api/v1/server HTTP/1.1\r\n\r\n",
        b"GET /api/v1/server HTTP/1.0\r\n\r\n",
        b"GET /api/v1/server HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET http://evil.example/api/v1/server HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    ],
    ids=["no host", "no host, 1.0", "two hosts", "absolute address"],
)
def test_odd_requests_are_refused(patient_server: ServerProcess, request_bytes: bytes) -> None:
    with socket.create_connection(_host_port(patient_server), timeout=30) as connection:
        connection.sendall(request_bytes)
        status_line = connection.recv(65536).partition(b"\r\n")[0]
    assert status_line.split()[1] in {b"400", b"403"}


def test_rubbish_does_not_hurt(patient_server: ServerProcess) -> None:
    for rubbish in (b"\x00" * 1000, b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n"):
        with socket.create_connection(_host_port(patient_server), timeout=30) as connection:
            connection.sendall(rubbish)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
    assert ask(patient_server)[0] == 200


def test_unexpected_errors_show_no_trace(patient_server: ServerProcess) -> None:
    bodies: list[Any] = [b"\xff\xfe", b"[" * 100_000, b'{"panels": null}']
    with httpx.Client(base_url=patient_server.url, trust_env=False) as client:
        for body in bodies:
            answer = client.post("/api/v1/projects/local/none/series", content=body)
            assert 400 <= answer.status_code < 500
            assert "Traceback" not in answer.text


@pytest.mark.parametrize("name", ["Host", "Origin"])
@pytest.mark.parametrize("second", ["localhost", "evil.example"])
def test_a_second_host_or_origin_is_refused(
    patient_server: ServerProcess, name: str, second: str
) -> None:
    value = second if name == "Host" else f"http://{second}"
    own = address_of(patient_server) if name == "Host" else patient_server.url
    for first, last in ((own, value), (value, own), (own, own)):
        lines = [f"{name}: {first}", f"{name}: {last}"]
        if name == "Origin":
            lines.append(f"Host: {address_of(patient_server)}")
        head = "\r\n".join(["GET /healthz HTTP/1.1", *lines, "Connection: close"])
        with socket.create_connection(tuple(_host_port(patient_server)), timeout=30) as connection:
            connection.sendall(f"{head}\r\n\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 400 "), answer
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "invalid"
