"""Settings files: what a line is, which files count, and how one is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from weft.sync.addresses.server_address import ServerAddress, find_server
from weft.sync.addresses.setting_files import (
    config_directory,
    list_setting_files,
    read_setting_file,
    save_user_setting,
)


def test_lines_are_names_with_values(tmp_path: Path) -> None:
    path = tmp_path / "settings"
    path.write_text("# remark\n; another\n[default]\n a = 1 \nb=x = y\nempty =\nno value\n")
    file = read_setting_file(path)
    assert file is not None
    assert file.values == {"a": "1", "b": "x = y"}
    assert read_setting_file(tmp_path / "missing") is None
    assert read_setting_file(path / "below") is None


def test_a_folder_in_its_place_is_a_trouble(tmp_path: Path) -> None:
    file = read_setting_file(tmp_path)
    assert file is not None
    assert "can't be read" in file.trouble


def test_ours_come_before_those_of_wandb_and_the_near_before_the_far(tmp_path: Path) -> None:
    folders = [
        tmp_path / "weft", tmp_path / "config" / "weft",
        tmp_path / "wandb", tmp_path / "config" / "wandb",
    ]  # fmt: skip
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "settings").write_text("a = 1\n")
    files = list_setting_files(tmp_path, {"XDG_CONFIG_HOME": str(tmp_path / "config")})
    assert [file.path.parent for file in files] == folders
    assert [file.of_wandb for file in files] == [False, False, True, True]


def test_where_the_users_folder_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config_directory({}) == tmp_path / ".config" / "weft"
    assert config_directory({}, "wandb") == tmp_path / ".config" / "wandb"
    assert config_directory({"XDG_CONFIG_HOME": "/x"}) == Path("/x/weft")
    assert config_directory({"WEFT_CONFIG_DIR": "~/mine"}) == tmp_path / "mine"
    assert config_directory({"WANDB_CONFIG_DIR": "/w"}, "wandb") == Path("/w")


def test_one_setting_is_written_and_the_other_lines_stay(tmp_path: Path) -> None:
    environment = {"WEFT_CONFIG_DIR": str(tmp_path / "weft")}
    path = save_user_setting("base_url", "http://a", environment)
    path.write_text("# mine\nbase_url = http://a\nproject = p\n")
    save_user_setting("base_url", "http://b", environment)
    assert path.read_text() == "# mine\nproject = p\nbase_url = http://b\n"
    assert [file.name for file in path.parent.iterdir()] == ["settings"]


def test_the_command_line_finds_the_server_that_a_file_names(tmp_path: Path) -> None:
    environment = {"WEFT_CONFIG_DIR": str(tmp_path), "NETRC": str(tmp_path / "netrc")}
    assert find_server(environment) is None
    save_user_setting("base_url", "http://filed/", environment)
    assert find_server(environment) == ServerAddress("http://filed")
    assert find_server({**environment, "WEFT_BASE_URL": "http://a"}) == ServerAddress("http://a")
    # What the file names is ours: W&B's key does not belong there.
    assert find_server({**environment, "WANDB_API_KEY": "k"}) == ServerAddress("http://filed")
