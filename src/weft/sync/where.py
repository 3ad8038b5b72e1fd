"""Which server a run goes to. Reads the environment, settings files, the user's state directory.

In this order: `WEFT_BASE_URL`, `WANDB_BASE_URL` (unless it names W&B's own cloud), `base_url` in a
settings file, the local server that this user runs, nowhere.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from weft.client.policy import READ_TIMEOUT_SECS, Policy
from weft.errors import ConfigError
from weft.runlog.platform import is_running
from weft.sync.netrc_file import saved_key
from weft.sync.setting_files import list_setting_files

SERVER_FILE: Final = "server.json"
_PROGRAMS: Final = ("WEFT", "WANDB")


class Where(NamedTuple):
    """A server to talk to.

    Attributes:
        url: its base address.
        key: an API key, or a local server's token; None = it wants none of us.
        local: it is this user's own server, found by its file.
        policy: how it is talked to.
    """

    url: str
    key: str | None = None
    local: bool = False
    policy: Policy = Policy()


class ServerFile(msgspec.Struct, frozen=True):
    """What a local server writes about itself, readable by its user only."""

    address: str
    pid: int
    pid_start: int
    token: str | None = None


def state_directory(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The user's folder for state that outlives a session: `$XDG_STATE_HOME/weft`.

    None: the user has no home, as in a container that runs under any number.
    """
    named = environment.get("XDG_STATE_HOME")
    if named:
        return Path(named) / "weft"
    try:
        if sys.platform == "win32":
            return Path(environment.get("LOCALAPPDATA") or Path.home()) / "weft"
        return Path.home() / ".local" / "state" / "weft"
    except RuntimeError:
        return None


def find_local_server(environment: Mapping[str, str] = os.environ) -> Where | None:
    """The server that this user runs on this machine; a file left by a dead one is ignored."""
    directory = state_directory(environment)
    if directory is None:
        return None
    try:
        file = msgspec.json.decode((directory / SERVER_FILE).read_bytes(), type=ServerFile)
    except (OSError, msgspec.DecodeError):
        return None
    if not is_running(file.pid, file.pid_start):
        return None
    return Where(file.address.rstrip("/"), file.token, local=True)


def find_server(
    environment: Mapping[str, str] = os.environ, *, base_url: str | None = None
) -> Where | None:
    """The server that runs of this environment go to; None = nowhere, the run stays local.

    Args:
        base_url: a server that is named for this once, over what the environment names. Its key
            and how it is talked to are the environment's.

    Never an address of wandb.ai: a run made with weft is not sent to W&B's cloud by accident. For
    the same reason `WANDB_API_KEY` goes only where `WANDB_BASE_URL` points.

    >>> find_server({"WEFT_BASE_URL": "http://weft.example.org/", "NETRC": "/nowhere"}).url
    'http://weft.example.org'
    """
    key = environment.get("WEFT_API_KEY") or None
    token = environment.get("WEFT_IDENTITY_TOKEN_FILE") or None
    places = [(base_url or "", "WEFT")]
    places += [(environment.get(f"{program}_BASE_URL", ""), program) for program in _PROGRAMS]
    for file in list_setting_files(Path(), environment):
        place = file.values.get("base_url", ""), "WANDB" if file.of_wandb else "WEFT"
        places.append(place)
    for place, program in places:
        url = place.strip().rstrip("/")
        if not url or is_wandb_cloud(url):
            continue
        if program == "WANDB":
            key = key or environment.get("WANDB_API_KEY") or None
            token = token or environment.get("WANDB_IDENTITY_TOKEN_FILE") or None
        token_file = Path(token) if token else None
        return choose_server(url, key, token_file, read_policy(environment), environment)
    return choose_server(None, key, None, read_policy(environment), environment)


def choose_server(
    url: str | None,
    key: str | None = None,
    token_file: Path | None = None,
    policy: Policy = Policy(),  # noqa: B008  it never changes
    environment: Mapping[str, str] = os.environ,
) -> Where | None:
    """The server at an address that was settled already, with the key for it.

    Args:
        url: None = the local server of this user, if one runs.
        key: over all others: over the text of `token_file`, a local server's token, the netrc.
    """
    found = find_local_server(environment)
    if url is None or (found is not None and found.url == url):
        return found and found._replace(key=key or found.key, policy=policy)
    key = key or _token_in(token_file) or saved_key(url, environment)
    return Where(url, key, policy=policy)


def read_policy(environment: Mapping[str, str] = os.environ) -> Policy:
    """How servers are talked to, by `WEFT_HTTP_TIMEOUT` and `WEFT_INSECURE_DISABLE_SSL`.

    A variable that says neither is as if it were not there: `weft.sdk.setup.precedence` refuses
    it.

    >>> read_policy({"WANDB_HTTP_TIMEOUT": "5"})
    Policy(insecure=False, timeout_secs=5.0)
    """
    insecure, secs = (
        environment.get(f"WEFT_{name}") or environment.get(f"WANDB_{name}") or ""
        for name in ("INSECURE_DISABLE_SSL", "HTTP_TIMEOUT")
    )
    try:
        timeout_secs = float(secs)
    except ValueError:
        timeout_secs = 0.0
    is_insecure = insecure.strip().lower() in {"1", "true", "yes", "on"}
    return Policy(is_insecure, timeout_secs if timeout_secs > 0 else READ_TIMEOUT_SECS)


def _token_in(path: Path | None) -> str | None:
    try:
        return path.expanduser().read_text(encoding="utf-8").strip() if path else None
    except (OSError, UnicodeDecodeError, RuntimeError) as error:
        raise ConfigError(f"the identity token file can't be read: {error}") from None


def is_wandb_cloud(url: str) -> bool:
    """Whether an address is W&B's own cloud, which is no weft server.

    >>> is_wandb_cloud("https://api.wandb.ai"), is_wandb_cloud("http://weft.example.org")
    (True, False)
    """
    host = url.lower().partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]
    return host == "wandb.ai" or host.endswith(".wandb.ai")
