"""Credentials of local mode. Whole requests: e2e/server/access/test_server_security.py."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from weft.server.http.admission.credentials import Credentials
from weft.server.http.sign_in.cookies import Cookies, SeeAsState
from weft.server.services.access import Actor


def test_cookies_are_read_among_those_of_other_programs() -> None:
    cookies = Cookies(Credentials("t" * 32), is_https=False)
    scope: dict[str, Any] = {"scheme": "http", "server": ("a", 80), "headers": [], "state": {}}
    answer = Response()
    cookies.set_session(answer, scope, "ada.l.Xk3")
    seen = SeeAsState("viewer", None, "lab", "p", 2**62)
    cookies.set_see_as(answer, scope, Actor("user", "ada"), seen)
    set_lines = [value for name, value in answer.raw_headers if name == b"set-cookie"]
    own = b"; ".join(line.partition(b";")[0] for line in set_lines)
    for header in (own, b'a[]={"b": 1}; ' + own, own + b"; c d; weft-8=x"):
        assert cookies.session(scope, header) == "ada.l.Xk3"
        assert cookies.see_as(scope, header, Actor("user", "ada")) == seen
        assert cookies.see_as(scope, header, Actor("user", "bob")) is None
    assert cookies.session(scope, b"weft-8080=x; __Host-weft-8=y") is None
