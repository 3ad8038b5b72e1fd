"""`weft docs`: the documents that came with the installation, in a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from weft.cli.main import cli
from weft.errors import NotFound

ROOT = Path(__file__).parents[3]


def test_it_lists_the_documents_and_where_a_server_shows_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WEFT_BASE_URL", "http://127.0.0.1:9")
    result = CliRunner().invoke(cli, ["docs"])
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["tutorial", "client"]
    assert lines[-1] == "in a browser: http://127.0.0.1:9/docs"


def test_it_prints_a_document_as_it_is() -> None:
    result = CliRunner().invoke(cli, ["docs", "settings"])
    assert result.exit_code == 0
    assert result.output.strip() == (ROOT / "docs/reference/settings.md").read_text().strip()


def test_an_unknown_name_gets_the_nearest_one() -> None:
    result = CliRunner().invoke(cli, ["docs", "filter"])
    assert isinstance(result.exception, NotFound)
    assert str(result.exception) == "there is no document 'filter': did you mean 'filters'?"
