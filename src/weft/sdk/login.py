"""`weft.login()`: makes sure that there is a key for the server, and that it takes it. Does I/O.

A local server wants no key, so mostly this says just that. A key is kept by `weft.sync.netrc_file`
and found again by `weft.sync.where`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from weft.errors import ConfigError, Forbidden, Unavailable, UsageError
from weft.sdk.display.notebook import is_notebook
from weft.sdk.guard import Guard
from weft.sdk.session import session
from weft.sdk.setup.checks import NOT_GIVEN, check_key, check_secs, check_url
from weft.sdk.setup.known_server import known_server
from weft.sdk.setup.precedence import process_settings, read_settings
from weft.sdk.setup.settings import Settings
from weft.sync.netrc_file import host_of, save_key
from weft.sync.setting_files import save_user_setting
from weft.sync.where import Where


def login(
    key: str | None = None,
    relogin: bool | None = None,
    host: str | None = None,
    force: bool | None = None,
    timeout: float | None = None,
    verify: bool = True,
    referrer: str | None = None,  # noqa: ARG001  W&B's; nothing is told to anybody
    anonymous: object = None,  # noqa: ARG001  W&B's; it has no effect there either
) -> bool:
    """Make sure that runs can be sent to the server. A local server wants no login.

    Args:
        key: an API key; kept for the host in the user's netrc file once the server took it.
            None = `WEFT_API_KEY`, `WANDB_API_KEY`, a settings file, the netrc file, or what is
            typed when asked.
        relogin: ask, whatever key is known.
        host: the server's address, kept in the user's settings file; None = as for a run.
        force: raise where no server is known.
        timeout: longest wait for an answer to the question, in seconds.
        verify: ask the server whether it takes the key.

    Returns:
        whether runs can be sent, or need not be: False in modes offline and disabled, and when a
        run is active.

    Raises:
        Forbidden: the server does not take the key.
        UsageError: a key is needed, and nobody can be asked.
        ConfigError: `host` is no address, or the key no key.

    >>> import weft
    >>> weft.login(key="local-", host="http://127.0.0.1:9", verify=False)  # doctest: +SKIP
    True
    """
    settings = read_settings({})
    guard = Guard(silent=settings.silent)
    if session.run is not None:
        guard.warn("login", "login() has no effect on the run that is active: finish it first")
        return False
    if settings.mode != "online":
        guard.warn("login", f"login() has nothing to do in mode {settings.mode}")
        return False
    given = None if key is None else check_key("key", key)
    where = _server_for(settings, host, guard)
    if where is None:
        if force:
            raise Unavailable("no server is known: start one with `weft server`, or give host=")
        guard.say("No server is known, and none is needed: look at your runs with `weft ui`")
        return True
    if where.local and given is None:
        guard.say(f"Your local server at {where.url} needs no login")
        return True
    known = given or (None if relogin else where.key)
    if known is None and not _is_loopback(where.url):
        known = given = check_key("key", _asked(where.url, timeout))
    is_taken = not verify or _verify(where._replace(key=known), settings.init_timeout_secs, guard)
    if host is not None:
        _keep_host(where.url, guard)
    if given is not None:
        _keep_key(where.url, given, guard)
    if not is_taken:
        guard.say(f"Runs go to {where.url} once it answers")
    else:
        guard.say(f"Logged in to {where.url}" if known else f"{where.url} needs no login")
    return True


def _server_for(settings: Settings, host: str | None, guard: Guard) -> Where | None:
    if host is not None:
        url = check_url("host", host)
        if url is NOT_GIVEN:
            guard.warn("login", f"{host} is W&B's own cloud, where weft sends nothing")
            url = None
        settings = settings.replace(base_url=url)
    return known_server(settings)


def _is_loopback(url: str) -> bool:
    from weft.client.address import parse_address

    return parse_address(url).is_loopback


def _asked(url: str, timeout: float | None) -> str:
    """The key that somebody types."""
    remedy = f"set WEFT_API_KEY, or call weft.login(key=...) with the key of {url}/authorize"
    if not is_notebook() and not (_is_terminal(sys.stdin) and _is_terminal(sys.stderr)):
        raise UsageError(f"no key is known for {url}, and there is no terminal to ask: {remedy}")
    from getpass import getpass

    secs = None if timeout is None else check_secs("timeout", timeout)
    try:
        with _alarm(secs):
            key = getpass(f"weft: Paste the key from {url}/authorize: ").strip()
    except (TimeoutError, EOFError, NotImplementedError):
        key = ""
    if not key:
        raise UsageError(f"no key was given for {url}: {remedy}")
    return key


def _is_terminal(stream: object) -> bool:
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]
    except (AttributeError, ValueError):
        return False


@contextmanager
def _alarm(secs: float | None) -> Generator[None]:
    """End a wait for the keyboard; only the main thread of a Unix process can."""
    is_main = threading.current_thread() is threading.main_thread()
    if secs is None or not is_main or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(secs, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _verify(where: Where, timeout_secs: float, guard: Guard) -> bool:
    """Whether the server takes the key, or a user without one; False = it can't be asked now."""
    from weft.client.transport import Transport

    transport = Transport(where.url, where.key, where.policy)
    try:
        transport.request("GET", "/api/v1/server", timeout_secs=timeout_secs)
    except Forbidden:
        raise Forbidden(
            f"{where.url} does not take {'this key' if where.key else 'a user without a key'}: "
            f"copy yours from {where.url}/authorize"
        ) from None
    except Unavailable as error:
        # Whoever trains goes on: the run is recorded here, and sent once the server is back.
        what = (
            "the key could not be checked" if where.key else "whether a key is needed is not known"
        )
        guard.warn("server", f"{what}: {error}")
        return False
    finally:
        transport.close()
    return True


def _keep_host(url: str, guard: Guard) -> None:
    process_settings.base_url = url
    try:
        save_user_setting("base_url", url)
    except OSError as error:
        guard.warn("settings", f"the address is not kept for later: {error}; set WEFT_BASE_URL")


def _keep_key(url: str, key: str, guard: Guard) -> None:
    process_settings.api_key = key
    process_settings.base_url = url
    try:
        path = save_key(url, key)
    except ConfigError as error:
        guard.warn("netrc", str(error))
        return
    guard.say(f"The key for {host_of(url)} is kept in {_short(path)}")


def _short(path: Path) -> str:
    home = os.path.expanduser("~")  # noqa: PTH111
    text = os.fspath(path)
    return f"~{text[len(home) :]}" if text.startswith(home + os.sep) else text
