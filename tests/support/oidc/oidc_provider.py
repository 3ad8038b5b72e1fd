"""A certified provider of OpenID Connect in a process of its own: npm's `oidc-provider`."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

_FOLDER: Final = Path(__file__).parent

CLIENT_ID: Final = "weft"
CLIENT_SECRET: Final = "a secret of the tests"


class OidcServer:
    """A provider. People sign in with any password.

    Attributes:
        issuer: its address.
    """

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port: int = free.getsockname()[1]
        self.issuer = f"http://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        """Start it, or start it again at the same address."""
        self._process = subprocess.Popen(
            ["node", "provider.mjs", str(self._port)],
            cwd=_FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._wait()

    def change(self, **state: Any) -> None:
        """Change its accounts (claims by login), redirect_uris, or keys (the id of a new key)."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(state) + "\n")
        self._process.stdin.flush()
        self._wait()

    def stop(self) -> None:
        """End it: nothing listens at its address any more."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def sign_in(self, url: str, login: str) -> str:
        """Sign a person in at the address that a browser was sent to; return where it leads."""
        with httpx.Client(trust_env=False, timeout=30) as browser:
            answer = browser.get(url)
            while answer.is_redirect or answer.status_code == 200:
                if answer.is_redirect:
                    target = str(answer.next_request.url) if answer.next_request else ""
                    if urlsplit(target).port != self._port:
                        return target
                    answer = browser.get(target)
                else:
                    form = {"prompt": "login", "login": login, "password": "any"}
                    answer = browser.post(answer.url, data=form)
        raise AssertionError(f"the provider answers {answer.status_code}: {answer.text}")

    def _wait(self) -> None:
        assert self._process.stdout is not None
        # Warnings about a provider for production are printed, too.
        for line in self._process.stdout:
            if line.strip() == "ready":
                return
        raise AssertionError("the provider ended: has `make setup` installed its packages?")

    def __enter__(self) -> OidcServer:
        return self

    def __exit__(
        self,
        _: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self.stop()
