"""`weft keys` and `weft server audit`, against a server and without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sdk_script import run_well
from server_process import start_server
from weft.server.services.access import LOCAL, ProjectPath
from weft.server.services.opening import open_services
from weft.server.services.selecting import RunSelection
from weft_command import Done, run_weft


def test_keys_are_made_listed_and_revoked_and_the_audit_log_tells_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    services = open_services(data, jobs=False)
    whole = services.users.add_user(LOCAL, "ada").api_key
    services.close()
    with start_server(tmp_path) as server:

        def run(*arguments: str | Path, key: str) -> Done:
            env = {"WEFT_BASE_URL": server.url, "WEFT_API_KEY": key}
            return run_weft(*arguments, env=env)

        def read(*arguments: str | Path, key: str = whole) -> Any:
            done = run(*arguments, "--json", key=key)
            assert done.exit_code == 0, done.stderr
            return json.loads(done.stdout)

        done = run("keys", "add", "nightly", "--scope", "log", "--for", "ada", key=whole)
        assert done.exit_code == 0, done.stderr
        log_key = done.stdout.strip()
        assert log_key.startswith("weft-")
        assert "not shown again" in done.stderr
        nightly, first = read("keys", "list", key=log_key)
        assert (nightly["name"], nightly["scope"], nightly["entity"]) == ("nightly", "log", "ada")
        assert (first["name"], first["scope"]) == ("", "admin")
        refused = run("keys", "add", "more", "--scope", "read", key=log_key)
        assert refused.exit_code == 2
        assert "its scope is log" in refused.stderr
        assert run("keys", "revoke", "absent", key=whole).exit_code == 2
        assert read("keys", "revoke", "nightly") == {"revoked": nightly["id"]}
        assert run("keys", "list", key=log_key).exit_code == 2

        audit = run_weft("server", "audit", "--since", "1h", "--data", data)
        assert audit.exit_code == 0, audit.stderr
        assert "key.revoke" in audit.stdout
    lines = run_weft("server", "audit", "--action", "key", "--data", data, "--json").stdout
    added, revoked = map(json.loads, lines.splitlines())
    assert (added["action"], added["actor"], added["role"]) == ("key.add", "ada", "admin")
    assert added["address"] == "127.0.0.1"
    assert added["key_prefix"] == whole[:10]
    assert revoked["before"]["scope"] == "log"
    assert log_key not in lines
    assert whole not in lines


def test_two_users_of_one_machine_log_with_their_own_keys(tmp_path: Path) -> None:
    """By netrc and settings files of their own; the environment's key counts before them."""
    services = open_services(tmp_path / "data", jobs=False)
    keys = {name: services.users.add_user(LOCAL, name).api_key for name in ("ada", "bob")}
    services.close()
    script = """
import weft
with weft.init(project="p", name="NAME", mode="online") as run:
    run.log({"loss": 1})
"""
    with start_server(tmp_path, "--host", "0.0.0.0") as server:
        url = f"http://127.0.0.1:{server.url.rpartition(':')[2]}"
        homes: dict[str, dict[str, str]] = {}
        for name, key in keys.items():
            home = tmp_path / f"home-{name}"
            home.mkdir()
            homes[name] = {
                "HOME": str(home),
                "NETRC": str(home / ".netrc"),
                "XDG_CONFIG_HOME": str(home / "config"),
                "XDG_STATE_HOME": str(home / "state"),
            }
            done = run_weft("login", key, "--host", url, env=homes[name], cwd=home)
            assert done.exit_code == 0, done.stderr
        variables = {"WEFT_API_KEY": keys["bob"]}
        of_wandb = {"WANDB_API_KEY": keys["bob"], "WANDB_BASE_URL": url}
        for run, home, extra in (
            ("by ada", "ada", {}),
            ("by bob", "bob", {}),
            ("by a variable", "ada", variables),
            ("by a variable of W&B", "ada", of_wandb),
        ):
            run_well(tmp_path / f"home-{home}", script.replace("NAME", run), homes[home] | extra)
        server.stop()
    services = open_services(tmp_path / "data", jobs=False)
    listed = {
        name: {
            (run.name, run.user)
            for run in services.runs.list(LOCAL, ProjectPath(name, "p"), RunSelection()).runs
        }
        for name in keys
    }
    services.close()
    of_bob = {"by bob", "by a variable", "by a variable of W&B"}
    assert listed == {"ada": {("by ada", "ada")}, "bob": {(run, "bob") for run in of_bob}}
