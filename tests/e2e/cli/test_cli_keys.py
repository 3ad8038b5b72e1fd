"""`weft keys` and `weft server audit`, against a server and without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from server_process import start_server
from weft.server.services.access import LOCAL
from weft.server.services.opening import open_services
from weft_command import Done, run_weft


def test_keys_are_made_listed_and_revoked_and_the_audit_log_tells_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    services = open_services(data, jobs=False)
    whole = services.users.add(LOCAL, "ada").api_key
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
