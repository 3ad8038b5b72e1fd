"""The tutorial and the guide to shares, done as they say: files saved, commands pasted."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import httpx

from at_length import at_length
from pasted_shell import Shell

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/guide/tutorial.md").read_text()
SHARING = (ROOT / "docs/guide/sharing.md").read_text()
LINK = re.compile(r"http://\S+/share/\S+")


def blocks(language: str, page: str = PAGE) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


@at_length
def test_the_tutorial_works_as_it_is_written(tmp_path: Path) -> None:
    train, best = blocks("python")
    (sweep,) = blocks("yaml")
    first, compare, listing, python, search, link, account, export = blocks("bash")
    for name, text in (("train.py", train), ("best.py", best), ("sweep.yaml", sweep)):
        assert f"`{name}`" in PAGE
        # two runs show what eight do, each of which is a process
        (tmp_path / name).write_text(text.replace("run_cap: 8", "run_cap: 2"))
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
        assert len(re.findall(r'"sweep": ?"\w+"', output)) == 2
        (shared,) = LINK.findall(shell.paste("true", link))
        assert answer_of(shared).json()["name"] == "The best"
        check_shares(shell)
        output = shell.paste("true", account, export)
        assert re.search(r"ada-[\w-]{30}|local-[\w-]{30}|weft-?\w*-[\w-]{30}", output), output
    assert (tmp_path / "tutorial.weft").stat().st_size > 10_000


def check_shares(shell: Shell) -> None:
    (shell.folder / "share.py").write_text("".join(blocks("python", SHARING)))
    output = shell.paste("true", "WEFT_RUN_ID=ab12cd34 python share.py")
    links = LINK.findall(output)
    of_run, of_paper, *listed = [link.rstrip(">") for link in links]
    assert {of_run, of_paper} < set(listed)
    assert len(listed) == 3
    assert {answer_of(link).status_code for link in listed} == {200}
    (commands,) = blocks("bash", SHARING)
    (share_id,) = re.findall(r"<share (\w+) [^>]*" + re.escape(of_run), output)
    output = shell.paste("true", commands.replace("3f9c07d1a2b4", share_id))
    assert len(set(LINK.findall(output))) == 6
    assert answer_of(of_run).status_code == 404


def answer_of(link: str) -> httpx.Response:
    """The answer to the first request of a share's page."""
    return httpx.get(link.replace("/share/", "/api/v1/shared/"))
