"""The flow with a real provider of OpenID Connect: forged, late and repeated answers, its keys."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest

from at_length import at_length
from oidc_provider import CLIENT_ID, CLIENT_SECRET, OidcServer
from weft.errors import Forbidden, Unavailable
from weft.server.services.users.oidc.person import Person
from weft.server.services.users.oidc.provider import BEGUN_SECS, Begun, Provider
from weft.server.settings import OidcProvider

BACK = "http://127.0.0.1:9/sign-in/lab/back"


@pytest.fixture(scope="module")
def oidc_server() -> Iterator[OidcServer]:
    with OidcServer() as server:
        server.change(
            redirect_uris=[BACK],
            accounts={
                "ada": {
                    "name": "Ada Lovelace",
                    "preferred_username": "ada",
                    "email": "ada@lab.example",
                    "email_verified": True,
                    "groups": ["ml"],
                }
            },
        )
        yield server


class Clock:
    def __init__(self) -> None:
        self.ahead_secs = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_secs


def make_provider(
    server: OidcServer, *, secret: str | None = CLIENT_SECRET, clock: Clock | None = None
) -> Provider:
    settings = OidcProvider(
        name="lab",
        title="Lab account",
        issuer=server.issuer,
        client_id=CLIENT_ID,
        client_secret=secret,
    )
    return Provider(settings, clock or Clock())


def query_of(url: str) -> dict[str, str]:
    assert url.startswith(BACK)
    return dict(parse_qsl(urlsplit(url).query))


def begin(
    server: OidcServer, provider: Provider, login: str = "ada"
) -> tuple[Begun, dict[str, str]]:
    url, begun = provider.begin(BACK)
    return begun, query_of(server.sign_in(url, login))


def test_a_person_signs_in_with_claims_of_the_token_and_of_the_endpoint(
    oidc_server: OidcServer,
) -> None:
    provider = make_provider(oidc_server)
    url, begun = provider.begin(BACK, path="/lab/mnist?view=1")
    sent = dict(parse_qsl(urlsplit(url).query))
    assert sent["code_challenge_method"] == "S256"
    assert begun.verifier not in url
    assert begun.path == "/lab/mnist?view=1"
    person = provider.finish(begun, BACK, query_of(oidc_server.sign_in(url, "ada")))
    assert person == Person(
        oidc_server.issuer,
        "ada",
        "ada",
        "Ada Lovelace",
        "ada@lab.example",
        True,
        frozenset({"ml"}),
    )


def test_a_code_works_once(oidc_server: OidcServer) -> None:
    provider = make_provider(oidc_server)
    begun, query = begin(oidc_server, provider)
    provider.finish(begun, BACK, query)
    with pytest.raises(Forbidden, match="start again"):
        provider.finish(begun, BACK, query)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"state": "forged"}, "another browser"),
        ({"state": ""}, "another browser"),
        ({"code": "forged"}, "invalid_grant"),
        ({"code": ""}, "not one of Lab account"),
        ({"iss": "https://evil.example"}, "not one of Lab account"),
        ({"error": "access_denied", "error_description": "ada aborted"}, "ada aborted"),
    ],
)
def test_a_forged_answer_is_refused_with_the_next_step(
    oidc_server: OidcServer, change: dict[str, str], reason: str
) -> None:
    provider = make_provider(oidc_server)
    begun, query = begin(oidc_server, provider)
    with pytest.raises(Forbidden, match=reason):
        provider.finish(begun, BACK, query | change)


def test_an_answer_to_another_sign_in_is_refused(oidc_server: OidcServer) -> None:
    provider = make_provider(oidc_server)
    ours, _ = begin(oidc_server, provider)
    theirs, their_query = begin(oidc_server, provider)
    # Their code with our verifier, and their code and verifier with our nonce.
    with pytest.raises(Forbidden, match="start again"):
        provider.finish(ours, BACK, their_query | {"state": ours.state})
    mixed, query = begin(oidc_server, provider)
    with pytest.raises(Forbidden, match="nonce"):
        provider.finish(msgspec.structs.replace(mixed, nonce=theirs.nonce), BACK, query)


def test_a_late_answer_is_refused(oidc_server: OidcServer) -> None:
    clock = Clock()
    provider = make_provider(oidc_server, clock=clock)
    begun, query = begin(oidc_server, provider)
    clock.ahead_secs = BEGUN_SECS + 1
    with pytest.raises(Forbidden, match="more than 10 minutes"):
        provider.finish(begun, BACK, query)


def test_a_token_of_another_time_is_refused(oidc_server: OidcServer) -> None:
    provider = make_provider(oidc_server, clock=Clock())
    begun, query = begin(oidc_server, provider)
    late = Clock()
    late.ahead_secs = 86_400
    slow = make_provider(oidc_server, clock=late)
    begun = msgspec.structs.replace(begun, expires_secs=late() + 60)
    with pytest.raises(Forbidden, match="expired"):
        slow.finish(begun, BACK, query)


@pytest.mark.parametrize("keys", ["second", "second again"])
def test_new_keys_of_the_provider_are_fetched(oidc_server: OidcServer, keys: str) -> None:
    provider = make_provider(oidc_server)
    provider.finish(*begin_and_back(oidc_server, provider))
    # With another id, then with the same id.
    oidc_server.change(keys=keys)
    assert provider.finish(*begin_and_back(oidc_server, provider)).subject == "ada"


def begin_and_back(server: OidcServer, provider: Provider) -> tuple[Begun, str, dict[str, str]]:
    begun, query = begin(server, provider)
    return begun, BACK, query


@pytest.mark.parametrize("secret", ["wrong", None])
def test_a_wrong_secret_of_the_client_is_told_to_the_administrator(
    oidc_server: OidcServer, secret: str | None
) -> None:
    provider = make_provider(oidc_server, secret=secret)
    begun, query = begin(oidc_server, provider)
    with pytest.raises(Unavailable, match="client_id and client_secret"):
        provider.finish(begun, BACK, query)


@at_length
def test_a_provider_that_is_down_is_named_and_found_again(oidc_server: OidcServer) -> None:
    provider = make_provider(oidc_server)
    provider.check()
    oidc_server.stop()
    try:
        # Its addresses are known: the browser itself tells that it is down.
        assert provider.begin(BACK)[0].startswith(oidc_server.issuer)
        with pytest.raises(Unavailable, match=r"Lab account can't be reached: .*refused"):
            provider.check()
        with pytest.raises(Unavailable, match="Lab account can't be reached"):
            make_provider(oidc_server).begin(BACK)
    finally:
        oidc_server.start()
        oidc_server.change(redirect_uris=[BACK])
    provider.check()


class _Answer(BaseHTTPRequestHandler):
    body = b""
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, b"<html>a page</html>", "does not answer with a JSON object"),
        (200, b"[1]", "does not answer with a JSON object"),
        (200, b"{}", "set its issuer"),
        (200, b'{"issuer": "https://evil.example"}', "calls itself 'https://evil.example'"),
        (200, b'{"issuer": "ISSUER"}', "no valid authorization_endpoint"),
        (
            200,
            b'{"issuer": "ISSUER", "authorization_endpoint": "javascript:alert(1)"}',
            "no valid authorization_endpoint",
        ),
        (200, b'"' + b"x" * 2_000_000 + b'"', "does not answer with a JSON object"),
        (302, b"", "status 302"),
        (500, b'{"error": "x"}', "status 500"),
        (404, b"", "status 404"),
    ],
)
def test_what_is_no_provider_is_named(status: int, body: bytes, reason: str) -> None:
    with HTTPServer(("127.0.0.1", 0), _Answer) as answers:
        issuer = f"http://127.0.0.1:{answers.server_port}"
        answers.RequestHandlerClass = type(
            "Answer",
            (_Answer,),
            {"status": status, "body": body.replace(b"ISSUER", issuer.encode())},
        )
        thread = threading.Thread(target=answers.handle_request)
        thread.start()
        settings = OidcProvider(name="lab", issuer=issuer, client_id=CLIENT_ID)
        with pytest.raises(Unavailable, match=reason):
            Provider(settings).begin(BACK)
        thread.join()


def test_something_that_is_no_http_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"SSH-2.0-OpenSSH\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = OidcProvider(name="lab", issuer=issuer, client_id=CLIENT_ID)
        with pytest.raises(Unavailable, match="the provider lab can't be reached"):
            Provider(settings).begin(BACK)
        thread.join()
