"""Options, variables and the settings file of `weft server`: which one decides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from weft.cli.server.settings_source import read_server_settings, server_options
from weft.cli.server.user_commands import resolve_data
from weft.errors import ConfigError
from weft.server.settings import ServerSettings


def _settings(*arguments: str, env: dict[str, str] | None = None) -> tuple[ServerSettings, bool]:
    @server_options
    def command(**options: Any) -> None:
        results.append(read_server_settings(options))

    results: list[tuple[ServerSettings, bool]] = []
    result = CliRunner().invoke(click.command()(command), arguments, env=env)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return results[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "weft.toml"
    path.parent.mkdir()
    path.write_text('port = 1\nhost = "10.0.0.1"\ntrash_days = 3\naccess_log = true\n')
    return path


def test_an_option_wins_over_a_variable_and_a_variable_over_the_file(file: Path) -> None:
    settings, is_default = _settings(
        "--data", str(file.parent), "--port", "3", "--no-access-log",
        env={"WEFT_SERVER_PORT": "2", "WEFT_SERVER_TRASH_DAYS": "2", "WEFT_SERVER_HOST": ""},
    )  # fmt: skip
    assert (settings.port, settings.trash_days, settings.host) == (3, 2.0, "10.0.0.1")
    assert settings.access_log is False
    assert settings.slow_secs == 1.0
    assert not is_default


def test_a_named_file_may_name_the_data_directory_which_has_none(file: Path) -> None:
    other = file.parent.parent / "etc.toml"
    other.write_text('data = "elsewhere"\nport = 5\n')
    for settings, is_default in (
        _settings("--config", str(other)),
        _settings(env={"WEFT_SERVER_CONFIG": str(other)}),
    ):
        assert (settings.data, settings.port) == (file.parent.parent / "elsewhere", 5)
        assert not is_default
    settings, _ = _settings("--config", str(other), "--data", str(file.parent))
    assert (settings.data, settings.host) == (file.parent, "127.0.0.1")
    file.write_text('data = "elsewhere"')
    with pytest.raises(ConfigError, match="name the file with --config"):
        _settings("--data", str(file.parent))
    with pytest.raises(ConfigError, match="can't be read: no such file"):
        _settings("--config", str(file.parent / "gone.toml"))


def test_the_default_directory_without_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    settings, is_default = _settings()
    assert (settings, is_default) == (ServerSettings(data=tmp_path / "weft"), True)
    (tmp_path / "weft").mkdir()
    (tmp_path / "weft" / "weft.toml").write_text("port = 9\n")
    settings, is_default = _settings()
    assert (settings.port, is_default) == (9, True)


def test_upkeep_finds_the_database_that_the_file_names(file: Path) -> None:
    file.write_text('metadata_url = "postgresql://db/weft"')
    group = click.Group("server", callback=server_options(lambda **_: None))
    group.params = server_options(click.Command("server", callback=lambda **_: None)).params
    results: list[object] = []
    group.add_command(
        click.Command("gc", callback=lambda: results.append(resolve_data(None, None)))
    )
    CliRunner().invoke(group, ["--data", str(file.parent), "gc"], catch_exceptions=False)
    assert results == [(file.parent, "postgresql://db/weft")]
