"""API keys by server in the user's netrc file, as with W&B and curl. Reads and writes the file.

`server_address` reads it, `weft.login()` writes it. The file is `$NETRC`, or `.netrc` (`_netrc`)
in the user's home. Lines of other servers stay unchanged, including comments and order.

An entry's name has the port of a server whose address names one: several servers on one machine
are common, and each has keys of its own. An entry without a port, as W&B and curl write it, holds
for all servers of its host that have no entry of their own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from weft.client.address import parse_address
from weft.errors import ConfigError

LOGIN = "user"
"""The login name that W&B writes next to a key."""


def netrc_path(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Path of the file, which may not exist; None if the user has no home."""
    named = environment.get("NETRC")
    try:
        if named:
            return Path(named).expanduser()
        home = Path.home()
    except RuntimeError:
        return None
    underscored = home / "_netrc"
    return underscored if underscored.exists() else home / ".netrc"


def host_of(url: str) -> str:
    """A server's name in the file: its host, and its port unless it is the usual one.

    >>> host_of("https://weft.example.org:8080/lab"), host_of("https://weft.example.org/lab")
    ('weft.example.org:8080', 'weft.example.org')
    """
    return _names_of(url)[0]


def _names_of(url: str) -> tuple[str, ...]:
    """The names under which a server's key is looked up, the server's own first."""
    address = parse_address(url)
    if address.is_default_port:
        return (address.host,)
    return f"{address.host}:{address.port}", address.host


def saved_key(url: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """The saved key for a server; None if there is no key or the file can't be read."""
    path = netrc_path(environment)
    if path is None or not path.exists():
        return None
    import netrc

    try:
        names = _names_of(url)
    except ConfigError:
        return None
    try:
        hosts = netrc.netrc(path).hosts
        keys = [hosts[name][2] for name in names if name in hosts]
    except netrc.NetrcParseError:
        # Another entry has what Python does not know, such as `port`; curl reads such a file, too.
        keys = _simple_keys(path, names)
    except (OSError, UnicodeDecodeError):
        return None
    return keys[0] if keys else None


def _simple_keys(path: Path, names: Sequence[str]) -> list[str]:
    """The keys in entries that are written as `save_key` writes them."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    entries = [entry[0] for name in names if (entry := _entry_of(name).search(text))]
    words = [entry.split() for entry in entries]
    return [
        entry_words[entry_words.index("password") + 1]
        for entry_words in words
        if "password" in entry_words
    ]


def save_key(url: str, key: str, environment: Mapping[str, str] = os.environ) -> Path:
    """Save the key for a server, replacing an earlier one.

    Only the user can read the file. ConfigError if it can't be written.
    """
    path = netrc_path(environment)
    if path is None:
        raise ConfigError("a key can't be kept for a user without a home: set WEFT_API_KEY")
    host = host_of(url)
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} can't be read: {error}; set WEFT_API_KEY instead") from None
    others = without_host(text, host)
    if others and not others.endswith("\n"):
        others += "\n"
    _replace_file(path, f"{others}machine {host}\n  login {LOGIN}\n  password {key}\n")
    return path


def remove_key(url: str, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Remove the key for a server; return the file, or None if it had no key.

    That is the key that `saved_key` finds: a host's, if the server has none of its own.
    ConfigError if the file can't be written.
    """
    path = netrc_path(environment)
    if path is None or not path.exists():
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} can't be read: {error}") from None
    for name in _names_of(url):
        others = without_host(text, name)
        if others != text:
            _replace_file(path, others)
            return path
    return None


def without_host(text: str, host: str) -> str:
    r"""The file's text without one host's entry.

    >>> without_host("machine a login u password p\nmachine b login u password q\n", "a")
    'machine b login u password q\n'
    """
    return _entry_of(host).sub("", text)


def _entry_of(host: str) -> re.Pattern[str]:
    return re.compile(
        rf"^[ \t]*machine\s+{re.escape(host)}(?=\s)"
        r"(?:\s+(?:login|user|account|password)\s+\S+)*[ \t]*\n?",
        re.MULTILINE,
    )


def _replace_file(path: Path, text: str) -> None:
    import tempfile  # imported late: it takes 2 ms and only saving a key needs it

    # Readers see either the old or the new file, and other users can't read the new one.
    try:
        target = path.resolve()
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".netrc-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, target)  # noqa: PTH105
    except OSError as error:
        raise ConfigError(f"{path} can't be written: {error}; set WEFT_API_KEY instead") from None
