from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from weft.errors import ConfigError
from weft.runlog.platform import process_start_time
from weft.sdk.setup.known_server import known_server
from weft.sdk.setup.precedence import read_settings
from weft.sync.addresses.netrc_file import save_key
from weft.sync.addresses.server_address import (
    ServerAddress,
    find_local_server,
    find_server,
    key_source,
)
from weft.sync.addresses.state_directory import state_directory


@pytest.fixture(autouse=True)
def home_of_the_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # An environment given as a dict names no folder of settings: the home directory is read.
    monkeypatch.setenv("HOME", str(tmp_path))


def write_server_file(pid: int, pid_start: int) -> None:
    folder = state_directory()
    assert folder is not None
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "server.json").write_text(
        json.dumps(
            {
                "address": "http://127.0.0.1:8080/",
                "pid": pid,
                "pid_start": pid_start,
                "token": "t",
            }
        )
    )


def test_weft_base_url_comes_first() -> None:
    environment = {"WEFT_BASE_URL": "http://a/", "WANDB_BASE_URL": "http://b", "WEFT_API_KEY": "k"}
    assert find_server(environment) == ServerAddress("http://a", "k")


def test_wandb_base_url_is_next_with_its_key() -> None:
    environment = {"WANDB_BASE_URL": "http://b", "WANDB_API_KEY": "k"}
    assert find_server(environment) == ServerAddress("http://b", "k")


def test_a_server_found_by_its_file_gets_its_token_only() -> None:
    write_server_file(os.getpid(), process_start_time(os.getpid()))
    for variables in ({"WEFT_API_KEY": "k"}, {"WANDB_API_KEY": "k"}):
        server = find_server({**os.environ, **variables})
        assert server is not None
        assert (server.key, server.local) == ("t", True)
        # Whoever names the server means the key for it.
        named = find_server({**os.environ, **variables}, base_url="http://127.0.0.1:8080")
        assert named is not None
        assert named.key == ("k" if "WEFT_API_KEY" in variables else "t")


def test_a_wandb_key_is_not_given_to_another_server() -> None:
    assert find_server({"WEFT_BASE_URL": "http://a", "WANDB_API_KEY": "k"}) == ServerAddress(
        "http://a"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://api.wandb.ai",
        "https://wandb.ai/",
        "https://me@api.wandb.ai:443",
        "HTTPS://API.WANDB.AI",
    ],
)
def test_the_wandb_cloud_is_never_used(url: str) -> None:
    assert find_server({"WANDB_BASE_URL": url, "XDG_STATE_HOME": "/nowhere"}) is None


def test_a_host_that_only_looks_like_wandb_is_used() -> None:
    assert find_server({"WANDB_BASE_URL": "http://notwandb.ai"}) == ServerAddress(
        "http://notwandb.ai"
    )


def test_a_server_that_is_named_for_once_stands_over_the_environment() -> None:
    environment = {"WEFT_BASE_URL": "http://a", "WEFT_API_KEY": "k", "WEFT_HTTP_TIMEOUT": "7"}
    server = find_server(environment, base_url="http://b/")
    assert server is not None
    assert (server.url, server.key, server.policy.timeout_secs) == ("http://b", "k", 7.0)


def test_a_running_local_server_is_found() -> None:
    pid = os.getpid()
    write_server_file(pid, process_start_time(pid) or 0)
    address = ServerAddress("http://127.0.0.1:8080", "t", local=True)
    assert find_local_server() == address
    assert find_server() == address
    assert find_server({**os.environ, "WEFT_BASE_URL": "http://127.0.0.1:8080"}) == address


def test_a_local_server_is_talked_to_as_the_environment_says() -> None:
    pid = os.getpid()
    write_server_file(pid, process_start_time(pid) or 0)
    for address in ({}, {"WEFT_BASE_URL": "http://127.0.0.1:8080"}):
        server = find_server({**os.environ, **address, "WEFT_HTTP_TIMEOUT": "7"})
        assert server is not None
        assert server.policy.timeout_secs == 7.0


def test_what_a_dead_server_left_is_ignored() -> None:
    pid = os.getpid()
    write_server_file(pid, (process_start_time(pid) or 0) + 1)
    assert find_local_server() is None


def test_a_file_that_is_no_server_file_is_ignored() -> None:
    folder = state_directory()
    assert folder is not None
    folder.mkdir(parents=True)
    (folder / "server.json").write_text("{")
    assert find_local_server() is None
    assert find_server() is None


def test_a_key_in_the_settings_comes_after_the_netrc_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "http://weft.example.org:9000"
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "settings").write_text(f"base_url = {url}\napi_key = of-settings\n")
    netrc = tmp_path / "netrc"
    environment = {"WEFT_CONFIG_DIR": str(folder), "NETRC": str(netrc)}
    monkeypatch.setenv("NETRC", str(netrc))

    def keys(**more: str) -> tuple[str | None, str | None]:
        server = find_server({**environment, **more})
        run = known_server(read_settings({}, {**environment, **more}))
        assert server is not None
        assert run is not None
        return server.key, run.key

    assert keys() == ("of-settings", "of-settings")
    save_key(url, "of-netrc", environment)
    assert keys() == ("of-netrc", "of-netrc")
    assert keys(WEFT_API_KEY="of-shell") == ("of-shell", "of-shell")


def test_a_key_may_end_with_a_line_as_files_of_secrets_do(tmp_path: Path) -> None:
    environment = {"WEFT_BASE_URL": "http://weft.example.org", "NETRC": str(tmp_path / "none")}
    server = find_server({**environment, "WEFT_API_KEY": "weft-0123\r\n"})
    assert server is not None
    assert server.key == "weft-0123"
    assert key_source(server, {"WEFT_API_KEY": "weft-0123\n"}) == "in WEFT_API_KEY"
    with pytest.raises(ConfigError, match="WEFT_API_KEY must be") as refused:
        find_server({**environment, "WEFT_API_KEY": "weft-01\n23"})
    assert "weft-01" not in str(refused.value)
