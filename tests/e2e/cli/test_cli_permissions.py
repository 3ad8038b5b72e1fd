"""Each command that asks a server, as people who may not: refused with words that say why.

A command of `weft` without a line in `TABLE` or `NOT_TRIED` fails, and so does one of a group.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import click
import pytest

from at_length import case_at_length
from lab_server import ADMIN, RUN, Lab, rights_of, start_lab
from weft.cli.main import cli
from weft.sdk.reading.api import Api
from weft_command import Done, run_weft

VERSION: Final = "lab/runs/digits:v0"
TABLE: Final = f"""
read: agent lab/runs/absent
read: api list_runs lab runs
read: artifact diff {VERSION} :v0
read: artifact get {VERSION} --root out
read: artifact lineage {VERSION}
read: artifact ls lab/runs/digits
read: artifact verify {VERSION}
read: export lab/runs out.weft
read: logs lab/runs/{RUN}
read: pull lab/runs/{RUN}
read: restore lab/runs/{RUN}
read: runs lab/runs
read: sql lab/runs "select * from runs"
read: sweeps lab/runs
log: artifact link {VERSION} model/taken
write: artifact rm {VERSION} --with-aliases
write: lock lab/runs/{RUN}
write: unlock lab/runs/{RUN}
write: share lab/runs/{RUN}
write: sweep --stop lab/runs/absent
account: keys add stolen --of bot
account: keys list --of bot
server: registry protect model taken
server: registry role model admin dan
server: registry rm model
server: registry visibility model restricted
"""
NOT_TRIED: Final = {
    "artifact cache": "of this machine",
    "artifact put": "logs as a script does, to a run of its own",
    "artifact unlink": "of a registry: its members may",
    "clean": "asks no server",
    "completion": "asks no server",
    "disabled": "asks no server",
    "docs": "asks no server",
    "doctor": "asks who one is",
    "enabled": "asks no server",
    "import archive": "test_permission_matrix_contents.py",
    "import wandb": "writes run directories, which are sent as a script's are",
    "import wandb-server": "writes run directories, which are sent as a script's are",
    "init": "asks no server about others",
    "keys revoke": "lists the keys first: `keys list`",
    "login": "asks who one is",
    "logout": "asks no server",
    "offline": "asks no server",
    "online": "asks no server",
    "projects": "lists what one may see: test_permission_matrix.py",
    "registry create": "registries are for all",
    "registry ls": "registries are for all",
    "registry promote": "of a registry: its members may",
    "registry show": "registries are for all",
    "run": "a script",
    "server": "reads the data directory",
    "status": "asks who one is",
    "sync": "tests of uploads",
    "ui": "a server of one's own",
    "verify": "a run of one's own",
}
STRANGER: Final = (
    "user dan may not use lab/runs: it belongs to the team lab; ask an admin of lab for access"
)
REFUSAL: Final = r"may not |not a member|only administrators|key"
OF_SERVERS: Final = {"registry", "keys"}
"""Commands about registries and accounts, whose refusals name these."""


def names_of(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The commands below one, as in `artifact ls`."""
    if isinstance(command, click.Group) and path not in {("server",), ("artifact", "cache")}:
        for name, child in command.commands.items():
            yield from names_of(child, (*path, name))
    else:
        yield " ".join(path)


def rights() -> dict[str, set[str]]:
    """Who may run a command, by its arguments."""
    words = dict.fromkeys(line.partition(": ")[0] for line in TABLE.strip().splitlines())
    who = rights_of("\n".join(f"{word}: {word}" for word in words), account=ADMIN | {"bot"})
    return {
        arguments: who[word]
        for word, _, arguments in (line.partition(": ") for line in TABLE.strip().splitlines())
    }


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with start_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def run_as(lab: Lab, name: str, arguments: Sequence[str], folder: Path) -> Done:
    key = lab.keys.get(name, "weft-" + "0" * 40)
    return run_weft(
        *arguments, env={"WEFT_BASE_URL": lab.server.url, "WEFT_API_KEY": key}, cwd=folder
    )


def test_each_command_has_a_line() -> None:
    commands = set(names_of(cli))
    tried = {
        command
        for command in commands
        for line in rights()
        if f"{line} ".startswith(f"{command} ")
    }
    assert commands == tried | NOT_TRIED.keys()
    assert not tried & NOT_TRIED.keys()


@pytest.mark.parametrize(
    "people",
    [
        ("dan",),
        case_at_length(("vic", "mia", "bot", "olga", "rex", "unknown", "mia-ended")),
        case_at_length(("mia-read", "mia-log", "mia-shared")),
    ],
    ids=["stranger", "others", "keys"],
)
def test_each_command_refuses_in_words(lab: Lab, people: Sequence[str], tmp_path: Path) -> None:
    tries = [(line, name) for line, may in rights().items() for name in people if name not in may]

    def run(case: tuple[str, str]) -> Done:
        return run_as(lab, case[1], shlex.split(case[0]), tmp_path)

    with ThreadPoolExecutor(2) as threads:
        results = list(threads.map(run, tries))
    faults: list[str] = []
    for (line, name), done in zip(tries, results, strict=True):
        says = re.search(REFUSAL, done.stderr) is not None
        if name == "dan" and line.split()[0] not in OF_SERVERS:
            says = STRANGER in done.stderr
        if done.exit_code != 2 or not says or done.stdout:
            faults.append(f"{line} as {name}: {done}")
    assert not faults, "\n".join(faults)
    assert not list(tmp_path.glob("[!.]*")), "nothing was written"


def test_shares_by_python_and_by_command(lab: Lab, tmp_path: Path) -> None:
    """Made by a member, opened by anyone, listed and revoked by the command."""
    api = Api({"base_url": lab.server.url}, api_key=lab.keys["mia"])
    link = api.share("lab/runs", filter="config.lr > 0", name="For the paper", live=True, days=7)
    assert [share.id for share in api.shares("lab/runs")] == [link.id]
    words = ("share", f"lab/runs/{RUN}", "--never", "--files", "--json")
    of_run = run_as(lab, "mia", words, tmp_path).report
    stranger = lab.clients["unknown"]
    paths = [url.removeprefix(lab.server.url) for url in (link.url, of_run["link"])]
    opened: list[Any] = [
        stranger.get(path.replace("/share/", "/api/v1/shared/")) for path in paths
    ]
    assert [answer.json()["n_runs"] for answer in opened] == [1, 1]
    described = opened[1].json()
    assert (described["shows_files"], described["shows_console"]) == (True, False)
    refused = run_as(
        lab, "mia", ("share", "lab/runs", "--filter", "config.lr > 0", "--console"), tmp_path
    )
    assert "a share of one run" in refused.stderr
    of_python = api.run(f"lab/runs/{RUN}").share(console=True)
    shown = stranger.get(
        of_python.url.removeprefix(lab.server.url).replace("/share", "/api/v1/shared")
    )
    assert (shown.json()["shows_files"], shown.json()["shows_console"]) == (False, True)
    of_python.revoke()
    listed = run_as(lab, "mia", ("share", "lab/runs", "--list"), tmp_path).stdout
    assert all(share_id in listed for share_id in (link.id, of_run["id"], "For the paper"))
    for name in ("vic", "dan", "mia-read"):
        done = run_as(lab, name, ("share", "lab/runs", "--revoke", link.id), tmp_path)
        assert done.exit_code == 2, name
    assert run_as(lab, "mia", ("share", "lab/runs", "--revoke", link.id), tmp_path).exit_code == 0
    (other,) = api.shares("lab/runs")
    other.revoke()
    for path in paths:
        assert stranger.get(path.replace("/share/", "/api/v1/shared/")).status_code == 404
    again = run_as(lab, "mia", ("share", "lab/runs", "--revoke", link.id), tmp_path)
    assert f"no share {link.id}" in again.stderr


def test_a_report_is_shared_with_the_pages_of_its_runs(lab: Lab, tmp_path: Path) -> None:
    api = Api({"base_url": lab.server.url}, api_key=lab.keys["mia"])
    member, stranger = lab.clients["mia"], lab.clients["unknown"]
    reports = "/api/v1/projects/lab/runs/reports"
    grid = {
        "id": "g",
        "kind": "grid",
        "runSets": {"all": {"selection": {"base": "all", "on": [], "off": []}}},
        "panels": {"l": {"kind": "line", "keys": ["loss"]}},
    }
    report = member.post(reports, json={"title": "T", "blocks": [grid]}).json()["id"]
    member.post(f"{reports}/{report}/publish").raise_for_status()
    words = ("share", "lab/runs", "--report", report, "--pages", "--console", "--json")
    link = run_as(lab, "mia", words, tmp_path).report
    path = link["link"].removeprefix(lab.server.url).replace("/share/", "/api/v1/shared/")
    page: dict[str, Any] = stranger.get(f"{path}.g.1.{RUN}").raise_for_status().json()
    assert (page["kind"], page["shows_files"], page["shows_console"]) == ("run", False, True)
    without = api.share("lab/runs", report=report, with_runs=True)
    plain = without.url.removeprefix(lab.server.url).replace("/share/", "/api/v1/shared/")
    assert stranger.get(f"{plain}.g.1.{RUN}").status_code == 404
    for refused, reason in (
        (("--pages",), "--pages goes with --report ID"),
        (("--report", report, "--console"), "or with --pages"),
    ):
        done = run_as(lab, "mia", ("share", "lab/runs", *refused), tmp_path)
        assert reason in done.stderr, done
    for share in api.shares("lab/runs"):
        share.revoke()
    assert stranger.get(f"{path}.g.1.{RUN}").status_code == 404
    member.delete(f"{reports}/{report}").raise_for_status()
