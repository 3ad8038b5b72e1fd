"""`weft.login()` and `weft login`: ask for a server's key, check it, save it. Does I/O.

The user's own local server needs no key. `weft.sync.addresses.netrc_file` saves a key, and
`weft.sync.addresses.server_address` finds it again.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from weft.client.api_key import check_key
from weft.errors import ConfigError, Forbidden, Unavailable, UsageError
from weft.sdk.display.notebook import is_notebook
from weft.sdk.guard import Guard
from weft.sdk.session import session
from weft.sdk.setup.checks import NOT_GIVEN, check_secs, check_url
from weft.sdk.setup.known_server import known_server
from weft.sdk.setup.precedence import process_settings, read_settings
from weft.sdk.setup.settings import Settings
from weft.sync.addresses.accounts import remember_entity
from weft.sync.addresses.netrc_file import host_of, save_key
from weft.sync.addresses.server_address import ServerAddress
from weft.sync.addresses.setting_files import save_user_setting

_KEY_MEANING: Final = "the text of `token` in the server's data directory, or your own"


def login(
    key: str | None = None,
    relogin: bool | None = None,
    host: str | None = None,
    force: bool | None = None,
    timeout: float | None = None,
    verify: bool = True,
    referrer: str | None = None,  # noqa: ARG001  W&B's; ignored
    prompt: bool = True,
    anonymous: object = None,  # noqa: ARG001  W&B's; it has no effect there either
) -> bool:
    """Make sure that runs can be sent to the server. Your own local server needs no login.

    Args:
        key: the server's key, saved for its host in your netrc file once the server accepts it.
            If None, `login` uses `WEFT_API_KEY`, `WANDB_API_KEY`, a settings file or the netrc
            file, and otherwise asks you to type it.
        relogin: whether to ask even if a key is known.
        host: the server's address, saved in your settings file. If None, the address is found as
            for a run.
        force: whether to raise if no server is known or it does not answer.
        timeout: longest wait for you to type the key, in seconds.
        verify: whether to ask the server if it accepts the key.
        prompt: whether to ask you to type a key if none is known.

    Returns:
        True if runs can be sent or no server is needed. False in modes offline and disabled,
        while a run is active, and if no key is known and `prompt` is False.

    Raises:
        Forbidden: the server refuses the key.
        UsageError: a key is needed, and there is no terminal to ask in.
        ConfigError: `host` or `key` is invalid.
        Unavailable: `force` is set, and no server is known or it does not answer.

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
    checked_key = None if key is None else check_key("key", key)
    address = _server_for(settings, host, guard)
    if address is None:
        if force:
            raise Unavailable("no server is known: start one with `weft server`, or give host=")
        guard.say("No server is known, and none is needed: view your runs with `weft ui`")
        return True
    if address.local and checked_key is None:
        guard.say(f"Your local server at {address.url} needs no login")
        return True
    if checked_key is None and relogin:
        address = msgspec.structs.replace(address, key=None)
    if checked_key is None and address.key is None and not prompt:
        guard.warn("login", f"no key for {address.url} is known, and prompt=False asks for none")
        return False
    _log_in(
        address,
        checked_key,
        guard,
        timeout_secs=settings.init_timeout_secs,
        prompt_secs=timeout,
        verify=verify,
        must_answer=bool(force),
        save_host=host is not None,
    )
    return True


class Login(NamedTuple):
    """The result of a login.

    The address is saved in the user's settings file. There is no `key_file` if no key is needed or
    the saved one is valid.
    """

    url: str
    key_file: Path | None


def log_in_to(url: str, key: str | None, *, relogin: bool = False, verify: bool = True) -> Login:
    """Log in to the server at `url`.

    Args:
        key: the server's key. If None, the key in the settings (`WEFT_API_KEY`) or the saved key
            is used; otherwise the user is asked to type it.
        relogin: ask for the key even if one is known.
        verify: ask the server, which then has to answer, if it accepts the key.

    Raises:
        Forbidden: the server refuses the key.
        Unavailable: the server does not answer.
        UsageError: a key is needed, and there is no terminal to ask in.
        ConfigError: the address or the key is invalid.
    """
    settings = read_settings({})
    guard = Guard(silent=settings.silent)
    checked_key = None if key is None else check_key("key", key)
    checked = check_url("the address", url)
    address = None if checked is NOT_GIVEN else known_server(settings.replace(base_url=checked))
    if address is None:
        raise ConfigError(f"{url} is W&B's own cloud, where weft sends nothing")
    secs = settings.init_timeout_secs
    # A key from the environment is saved too if it is needed: the next shell may not have it.
    is_set = checked_key is None and settings.api_key is not None and not relogin
    keyless = msgspec.structs.replace(address, key=None)
    first = (
        settings.api_key if is_set and _needs_key(keyless, secs, may_ask=verify) else checked_key
    )
    if relogin:
        address = keyless
    try:
        key_file = _log_in(
            address, first, guard, timeout_secs=secs, must_answer=True, verify=verify
        )
    except Forbidden:
        if checked_key is not None or address.key is None:
            raise
        guard.say(f"{address.url} refuses the key that is saved for it")
        key_file = _log_in(keyless, None, guard, timeout_secs=secs, must_answer=True)
    return Login(address.url, key_file)


def _log_in(
    address: ServerAddress,
    new_key: str | None,
    guard: Guard,
    *,
    timeout_secs: float,
    prompt_secs: float | None = None,
    verify: bool = True,
    must_answer: bool = False,
    save_host: bool = True,
) -> Path | None:
    """Check a key, save it, report it, and return the file that it was saved in."""
    key = new_key or address.key
    if key is None and _needs_key(address, timeout_secs, may_ask=verify):
        key = new_key = check_key("key", _prompted_key(address.url, prompt_secs, guard))
    has_answered = False
    account: str | None = None
    if verify:
        try:
            account = _verify(msgspec.structs.replace(address, key=key), timeout_secs)
            has_answered = True
        except Unavailable as error:
            if must_answer:
                raise
            # The script continues: its run is recorded here and sent once the server is back.
            subject = "the key" if key else "whether a key is needed"
            guard.warn("server", f"could not check {subject}: {error}")
    if save_host:
        _save_host(address.url, guard)
    key_file = None if new_key is None else _save_key(address.url, new_key, guard)
    if verify and not has_answered:
        guard.say(f"Runs go to {address.url} once it answers")
    else:
        who = f" as {account}" if account else ""
        guard.say(f"Logged in to {address.url}{who}" if key else f"{address.url} needs no login")
    return key_file


def _server_for(settings: Settings, host: str | None, guard: Guard) -> ServerAddress | None:
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


def _needs_key(address: ServerAddress, timeout_secs: float, *, may_ask: bool) -> bool:
    """Whether the server refuses users without a key; only a server on this machine may not."""
    if not _is_loopback(address.url):
        return True
    if may_ask:
        try:
            _verify(address, timeout_secs)
        except Forbidden:
            return True
        except Unavailable:
            pass  # the caller asks again and reports the failure
    return False


def _prompted_key(url: str, timeout: float | None, guard: Guard) -> str:
    """Ask the user to type the key."""
    remedy = (
        f"set WEFT_API_KEY, or give key= (weft login --key KEY), to {_KEY_MEANING}; "
        f"{url}/authorize shows it"
    )
    if not is_notebook() and not (_is_terminal(sys.stdin) and _is_terminal(sys.stderr)):
        raise UsageError(f"no key is known for {url}, and there is no terminal to ask: {remedy}")
    from getpass import getpass

    secs = None if timeout is None else check_secs("timeout", timeout)
    guard.say(f"You can see it at {url}/authorize in a browser that is signed in there")
    try:
        with _alarm(secs):
            key = getpass(f"weft: Paste the key of {url} ({_KEY_MEANING}): ").strip()
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
    """Limit a wait for the keyboard; works only in the main thread of a Unix process."""
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


def _verify(address: ServerAddress, timeout_secs: float) -> str | None:
    """Ask the server whether it accepts the key, or a user without one.

    Returns the name of the user, None if it is the server's own.
    """
    from weft.client.transport import Transport
    from weft.wire.server.server import ServerInfo

    transport = Transport(address.url, address.key, address.policy)
    try:
        reply = transport.request("GET", "/api/v1/server", timeout_secs=timeout_secs)
        info = transport.decode(reply, ServerInfo)
        remember_entity(address, info.entity)
        return info.account
    except Forbidden:
        answer = "refuses this key" if address.key else "needs a key"
        raise Forbidden(f"{address.url} {answer}: its key is {_KEY_MEANING}") from None
    finally:
        transport.close()


def _save_host(url: str, guard: Guard) -> None:
    process_settings.base_url = url
    try:
        save_user_setting("base_url", url)
    except OSError as error:
        guard.warn("settings", f"the address could not be saved: {error}; set WEFT_BASE_URL")


def _save_key(url: str, key: str, guard: Guard) -> Path | None:
    process_settings.api_key = key
    process_settings.base_url = url
    try:
        path = save_key(url, key)
    except ConfigError as error:
        guard.warn("netrc", str(error))
        return None
    guard.say(f"The key for {host_of(url)} is saved in {_short(path)}")
    return path


def _short(path: Path) -> str:
    home = os.path.expanduser("~")  # noqa: PTH111
    text = os.fspath(path)
    return f"~{text[len(home) :]}" if text.startswith(home + os.sep) else text
