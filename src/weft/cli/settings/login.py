"""`weft login` and `weft logout`: a server's address and key, checked and saved, or forgotten."""

from __future__ import annotations

import os
import select
import stat
import sys
from pathlib import Path
from typing import Final

import click

from weft.cli.reports import print_json
from weft.errors import UsageError
from weft.sdk.login import log_in_to
from weft.sync.addresses.netrc_file import remove_key
from weft.sync.addresses.server_address import find_server
from weft.sync.addresses.setting_files import read_setting_file, user_setting_file, write_settings

_PIPE_SECS: Final = 0.2
"""The wait for a piped key if the settings may have another one."""

_KEY_SECS: Final = 30.0
"""The wait for a piped key if there is no other one."""


def log_in(
    base_url: str | None, key: str | None, *, relogin: bool, verify: bool, as_json: bool
) -> int:
    """Log in to a server; the exit code is 0.

    `key` is `-` for a line of standard input. It defaults to a line that is piped in, then to the
    key in the settings. Without one, the user is asked if the server needs a key.
    """
    url = base_url or _ask_address()
    if key == "-":
        key = sys.stdin.readline().strip()
        if not key:
            raise UsageError("no key came on standard input")
    elif key is None and _is_piped(_PIPE_SECS):
        key = sys.stdin.readline().strip() or None
    try:
        login = log_in_to(url, key, relogin=relogin, verify=verify)
    except UsageError:
        # There is no terminal, but a program may still write the key.
        key = sys.stdin.readline().strip() if key is None and _is_piped(_KEY_SECS) else None
        if not key:
            raise
        login = log_in_to(url, key, relogin=relogin, verify=verify)
    if as_json:
        key_file = None if login.key_file is None else str(login.key_file)
        print_json({"url": login.url, "key_file": key_file})
    return 0


def log_out(base_url: str | None, *, as_json: bool) -> int:
    """Forget the saved key of a server, and its address if runs go there; the exit code is 0."""
    server = find_server(base_url=base_url)
    if server is None:
        raise UsageError("no server is known, so there is nothing to forget")
    key_file = remove_key(server.url)
    settings = user_setting_file()
    is_saved = settings is not None and _saved_address(settings) == server.url
    if settings is not None and is_saved:
        write_settings(settings, {"base_url": None})
    if as_json:
        report = {"url": server.url, "key_file": None if key_file is None else str(key_file)}
        return print_json({**report, "address_forgotten": is_saved})
    forgotten = [f"its key in {key_file}"] if key_file else []
    forgotten += [f"its address in {settings}"] if is_saved else []
    removed = " and ".join(forgotten) or "nothing: neither a key nor the address was saved"
    click.echo(f"{server.url}: removed {removed}" if forgotten else f"{server.url}: {removed}")
    for name in ("WEFT_API_KEY", "WANDB_API_KEY", "WEFT_BASE_URL", "WANDB_BASE_URL"):
        if os.environ.get(name):
            click.echo(f"weft: {name} is still set in this shell, and comes first", err=True)
    return 0


def _is_piped(within_secs: float) -> bool:
    """Whether the standard input is a pipe or a file that can be read, or has ended, in time."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
        if not (stat.S_ISFIFO(mode) or stat.S_ISREG(mode)):
            return False
        return bool(select.select([sys.stdin], [], [], within_secs)[0])
    except (AttributeError, OSError, ValueError):
        return False  # there is no standard input, or the system can't wait for pipes


def _saved_address(path: Path) -> str:
    file = read_setting_file(path)
    return "" if file is None else file.values.get("base_url", "").rstrip("/")


def _ask_address() -> str:
    address = find_server()
    default = None if address is None else address.url
    if not sys.stdin.isatty():
        if default is None:
            raise UsageError("no server is named: weft login --base-url http://host:port")
        return default
    return str(click.prompt("weft: address of the server", default=default, err=True))
