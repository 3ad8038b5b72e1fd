"""The commands of the guides on upkeep and moving do what the guides say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import httpx
import pytest

from at_length import at_length
from run_log_bytes import HandMadeLog
from server_process import start_server
from weft_command import run_weft

GUIDES = Path(__file__).parents[2] / "docs" / "guide"


def commands(guide: str, heading: str = "") -> list[list[str]]:
    text = (GUIDES / guide).read_text().partition(heading)[2] if heading else ""
    text = text or (GUIDES / guide).read_text()
    blocks = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("weft ")]


@at_length
def test_the_commands_of_the_guides_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with start_server(tmp_path) as server:
        log = HandMadeLog(project="mnist")
        log.keys("loss")
        log.rows([[0.5]])
        httpx_client = httpx.Client(base_url=server.url, trust_env=False)
        with httpx_client as client:
            log.upload(client).raise_for_status()
        env = {"WEFT_BASE_URL": server.url, "WEFT_SERVER_DATA": str(server.data)}
        values = {
            "/mnt/backups": str(tmp_path / "backups"),
            "/srv/restored": str(tmp_path / "restored"),
        }
        done: list[str] = []
        for command in commands("server.md", "## Upkeep"):
            words = [values.get(word, word) for word in command]
            if command[:2] == ["server", "--data"]:
                with start_server(tmp_path, "--data", words[2]) as restored:
                    assert httpx.get(restored.url + log.path).status_code == 200
            else:
                assert run_weft(*words, env=env).exit_code == 0, words
            done.append(command[1])
        assert {"backup", "restore", "check", "gc"} <= set(done)
        with start_server(tmp_path, "--data", str(tmp_path / "new")) as new:
            for command in commands("moving.md"):
                words = [new.url if word.startswith("http") else word for word in command]
                if words[0] != "server":
                    ended = run_weft(*words, env=env)
                    assert ended.exit_code == 0, (words, ended.stderr)
            assert httpx.get(new.url + log.path).status_code == 200
        assert httpx.get(server.url + log.path.replace("mnist", "mnist-copy")).status_code == 200
