"""Each command that asks a server, as a stranger: refused with words that say why.

A command of `weft` without a line in `TRIED` or `NOT_TRIED` fails.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from lab_server import RUN, start_lab
from weft.cli.main import cli
from weft_command import run_weft

TRIED: Final = {
    "api": ("api", "list_runs", "lab", "runs"),
    "artifact": ("artifact", "ls", "lab/runs/digits"),
    "export": ("export", "lab/runs", "out.weft"),
    "logs": ("logs", f"lab/runs/{RUN}"),
    "pull": ("pull", f"lab/runs/{RUN}"),
    "restore": ("restore", f"lab/runs/{RUN}"),
    "runs": ("runs", "lab/runs"),
    "share": ("share", "--list", "lab/runs"),
    "sql": ("sql", "lab/runs", "select * from runs"),
    "sweep": ("sweep", "--stop", "lab/runs/absent"),
    "sweeps": ("sweeps", "lab/runs"),
    "agent": ("agent", "lab/runs/absent"),
}
NOT_TRIED: Final = {
    "clean": "asks no server",
    "completion": "asks no server",
    "disabled": "asks no server",
    "docs": "asks no server",
    "doctor": "asks who one is",
    "enabled": "asks no server",
    "import": "writes to one's own entity by default",
    "init": "asks no server about others",
    "keys": "of one's own",
    "login": "asks who one is",
    "logout": "asks no server",
    "offline": "asks no server",
    "online": "asks no server",
    "projects": "lists what one may see: test_permission_matrix.py",
    "registry": "registries are for all",
    "run": "a script",
    "server": "reads the data directory",
    "status": "asks who one is",
    "sync": "tests of uploads",
    "ui": "a server of one's own",
    "verify": "a run of one's own",
}


def test_each_command_refuses_a_stranger_in_words(tmp_path: Path) -> None:
    assert cli.commands.keys() == TRIED.keys() | NOT_TRIED.keys()
    faults: list[str] = []
    with start_lab(tmp_path / "lab") as lab:
        for name, arguments in TRIED.items():
            env = {"WEFT_BASE_URL": lab.server.url, "WEFT_API_KEY": lab.keys["dan"]}
            done = run_weft(*arguments, env=env, cwd=tmp_path)
            says = (
                "user dan may not use lab/runs: it belongs to the team lab; ask an admin of lab "
                "for access"
            ) in done.stderr
            if done.exit_code != 2 or not says or done.stdout:
                faults.append(f"{name}: {done}")
    assert not faults, "\n".join(faults)
    assert not (tmp_path / "out.weft").exists()
