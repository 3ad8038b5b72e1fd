"""Finds a run's server in the environment, settings files and the user's state directory.

The first of these: `WEFT_BASE_URL`, `WANDB_BASE_URL` (unless it names W&B's own cloud), `base_url`
in a settings file, the local server that this user runs. Otherwise there is no server.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from weft.client.api_key import check_key
from weft.client.policy import READ_TIMEOUT_SECS, Policy
from weft.errors import ConfigError, NoServer
from weft.sync.addresses.local_server import await_server_file
from weft.sync.addresses.netrc_file import host_of, netrc_path, saved_key
from weft.sync.addresses.setting_files import list_setting_files

START_WAIT_SECS: Final = 2.0
"""The longest wait for the address of a local server that is starting: it takes 0.1 s."""

_PROGRAMS: Final = ("WEFT", "WANDB")


class ServerAddress(msgspec.Struct, frozen=True):
    """A server to send to.

    `key` is an API key or a local server's token, or None. It is `local` if it is this user's own,
    found by its file.
    """

    url: str
    key: str | None = None
    local: bool = False
    policy: Policy = Policy()


def find_local_server(
    environment: Mapping[str, str] = os.environ, *, wait_secs: float = START_WAIT_SECS
) -> ServerAddress | None:
    """The server that this user runs on this machine, also while it starts and has no
    address yet.
    """
    file = await_server_file(environment, wait_secs=wait_secs)
    if file is None:
        return None
    return ServerAddress(file.address.rstrip("/"), file.token, local=True)


def find_server(
    environment: Mapping[str, str] = os.environ, *, base_url: str | None = None
) -> ServerAddress | None:
    """The server that runs in this environment go to, or `base_url` with the key and connection
    settings of the environment; None if runs stay local.

    Addresses of wandb.ai are ignored, so that no run made with weft is sent to W&B's cloud by
    accident. For the same reason `WANDB_API_KEY` is sent only to the server of `WANDB_BASE_URL`.
    The key is the first of these: `WEFT_API_KEY`, `WANDB_API_KEY`, the identity token file, a
    local server's own, the netrc file, `api_key` in a settings file.

    >>> find_server({"WEFT_BASE_URL": "http://weft.example.org/", "NETRC": "/nowhere"}).url
    'http://weft.example.org'
    """
    key = _key_of("WEFT", environment)
    token = environment.get("WEFT_IDENTITY_TOKEN_FILE") or None
    saved_keys: dict[str, str | None] = dict.fromkeys(_PROGRAMS)
    candidates = [(base_url or "", "WEFT")]
    candidates += [(environment.get(f"{program}_BASE_URL", ""), program) for program in _PROGRAMS]
    for file in list_setting_files(Path(), environment):
        program = "WANDB" if file.of_wandb else "WEFT"
        candidates.append((file.values.get("base_url", ""), program))
        saved_keys[program] = saved_keys[program] or file.values.get("api_key") or None
    for base, program in candidates:
        url = base.strip().rstrip("/")
        if not url or is_wandb_cloud(url):
            continue
        if program == "WANDB":
            key = key or _key_of("WANDB", environment)
            token = token or environment.get("WANDB_IDENTITY_TOKEN_FILE") or None
        token_file = Path(token) if token else None
        server = choose_server(url, key, token_file, read_policy(environment), environment)
        if server is None or server.key is not None:
            return server
        file_key = saved_keys["WEFT"] or (saved_keys["WANDB"] if program == "WANDB" else None)
        return msgspec.structs.replace(server, key=file_key)
    return choose_server(None, key, None, read_policy(environment), environment)


def require_server(base_url: str | None) -> ServerAddress:
    """The server that a run would go to, or the one that the user of a command named; NoServer
    without one.
    """
    server = find_server(base_url=base_url)
    if server is None:
        raise NoServer(
            "no server is known: start one with `weft server`, "
            "or name one, such as a running `weft ui`, with --base-url or WEFT_BASE_URL"
        )
    return server


def choose_server(
    url: str | None,
    key: str | None = None,
    token_file: Path | None = None,
    policy: Policy = Policy(),  # noqa: B008  it is immutable
    environment: Mapping[str, str] = os.environ,
) -> ServerAddress | None:
    """The server at a known address, or if None this user's local one if it runs, with the key for
    it.

    `key` overrides the contents of `token_file`, a local server's token and the netrc's key. It is
    unused without `url`: a server that is found by its file gets its own token.
    """
    local = find_local_server(environment)
    if url is None:
        return local and msgspec.structs.replace(local, policy=policy)
    if local is not None and local.url == url:
        return msgspec.structs.replace(local, key=key or local.key, policy=policy)
    key = key or _token_in(token_file) or saved_key(url, environment)
    return ServerAddress(url, key, policy=policy)


def key_source(address: ServerAddress, environment: Mapping[str, str] = os.environ) -> str:
    """The origin of an address's key, to follow "the key" in a message.

    >>> key_source(ServerAddress("http://weft.example.org", "k"), {"WANDB_API_KEY": "k"})
    'in WANDB_API_KEY'
    """
    variable = key_variable(address, environment)
    if variable:
        return f"in {variable}"
    if saved_key(address.url, environment) == address.key:
        return f"for {host_of(address.url)} in {netrc_path(environment)}"
    return "of your own server" if address.local else "in the settings"


def key_variable(
    address: ServerAddress, environment: Mapping[str, str] = os.environ
) -> str | None:
    """The environment variable that has the key of an address; None if it is from elsewhere."""
    if not address.key:
        return None
    names = (f"{program}_API_KEY" for program in _PROGRAMS)
    return next((name for name in names if environment.get(name, "").strip() == address.key), None)


def address_variable() -> str | None:
    """The environment variable that names the server; None if it is named elsewhere."""
    for program in _PROGRAMS:
        url = os.environ.get(f"{program}_BASE_URL", "").strip()
        if url and not is_wandb_cloud(url):
            return f"{program}_BASE_URL"
    return None


def _key_of(program: str, environment: Mapping[str, str]) -> str | None:
    name = f"{program}_API_KEY"
    return check_key(name, environment.get(name, "")) or None


def read_policy(environment: Mapping[str, str] = os.environ) -> Policy:
    """Connection settings from `WEFT_HTTP_TIMEOUT` and `WEFT_INSECURE_DISABLE_SSL`.

    An invalid value is ignored here, because `weft.sdk.setup.precedence` refuses it.

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
    """Whether an address is W&B's own cloud rather than a weft server.

    >>> is_wandb_cloud("https://api.wandb.ai"), is_wandb_cloud("http://weft.example.org")
    (True, False)
    """
    host = url.lower().partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]
    return host == "wandb.ai" or host.endswith(".wandb.ai")
