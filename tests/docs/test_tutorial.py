"""The tutorial, done as it says: files saved, commands pasted, the agent's line run."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from pasted_shell import Shell

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/guide/tutorial.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_the_tutorial_works_as_it_is_written(tmp_path: Path) -> None:
    train, best = blocks("python")
    (sweep,) = blocks("yaml")
    first, compare, listing, python, search, share, export = blocks("bash")
    for name, text in (("train.py", train), ("best.py", best), ("sweep.yaml", sweep)):
        assert f"`{name}`" in PAGE
        # three runs show what eight do, each of which is a process
        (tmp_path / name).write_text(text.replace("run_cap: 8", "run_cap: 3"))
    with contextlib.closing(Shell(tmp_path, {"WEFT_SERVER_PORT": "0"})) as shell:
        server, script = first.splitlines()
        output = shell.paste(server.removesuffix(" &"), script)
        assert re.search(r"View run \S+ at http://", output)
        shell.paste("true", compare)
        output = shell.paste("true", listing)
        rates = re.findall(r"^\S+ +(\S+) +0\.\d+$", output, re.MULTILINE)
        assert rates == ["0.1", "1.0", "0.01"], output
        output = shell.paste("true", python)
        assert "best: 0.1 of [0.1, 1.0, 0.01]" in output
        assert re.search(r"at step 100 it had 0\.\d+", output)
        output = shell.paste("true", search)
        (agent,) = re.findall(r"weft agent local/tutorial/\w+", output)
        output = shell.paste("true", agent, "weft runs tutorial --json")
        assert len(re.findall(r'"sweep": ?"\w+"', output)) == 3
        output = shell.paste("true", share, export)
        assert re.search(r"ada-[\w-]{30}|local-[\w-]{30}|weft-?\w*-[\w-]{30}", output), output
    assert (tmp_path / "tutorial.weft").stat().st_size > 10_000
