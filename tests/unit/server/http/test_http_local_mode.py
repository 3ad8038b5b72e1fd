"""Credentials of local mode. Whole requests: e2e/server/operation/test_server_security.py."""

from __future__ import annotations

from weft.server.http.admission.credentials import Credentials


def test_a_login_code_works_once() -> None:
    credentials = Credentials("t" * 32)
    code = credentials.new_login_code()
    assert not credentials.use_login_code("guess")
    assert credentials.use_login_code(code)
    assert not credentials.use_login_code(code)


def test_old_unused_codes_are_forgotten() -> None:
    credentials = Credentials("t" * 32)
    codes = [credentials.new_login_code() for _ in range(40)]
    assert not credentials.use_login_code(codes[0])
    assert credentials.use_login_code(codes[-1])


def test_neither_cookie_nor_code_tells_the_token() -> None:
    credentials = Credentials("t" * 32)
    assert credentials.token not in (credentials.cookie, credentials.new_login_code())
    assert not credentials.use_login_code(credentials.token)
