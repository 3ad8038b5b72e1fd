"""A server of a lab, with one person of each kind, for tests of permissions.

The team `lab` has the projects `runs` (private), `secret` (restricted to mia), `shared` (open) and
`paper` (public), each with a run, a file, a version and a view; the team `other` has one member.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Self

import httpx
from sqlalchemy import select

from made_artifacts import add_artifact, send_artifact
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server
from weft.server.services.access import LOCAL
from weft.server.services.opening import Services, open_services
from weft.server.services.users.keys import hash_key, new_key
from weft.server.storage.metadata.database.schema import (
    api_key,
    api_key_limit,
    entity,
    project,
    project_member,
    service_account,
    team,
    team_member,
    user,
)

PEOPLE: Final = {
    "dan": "a stranger",
    "vic": "a viewer of the team",
    "mia": "a member of the team",
    "ada": "an admin of the team",
    "root": "an administrator of the server",
    "bot": "a service account of the team, a member",
    "olga": "a member of another team",
    "rex": "a removed member of the team",
    "mia-read": "a key of mia with the scope read",
    "mia-log": "a key of mia with the scope log",
    "mia-shared": "a key of mia for the project lab/shared alone",
    "mia-ended": "a key of mia that has ended",
}
"""Who has a key, by name. Another user, eve, is there to be changed."""

READ: Final = {"vic", "mia", "ada", "root", "bot", "mia-read", "mia-log"}
LOG: Final = READ - {"vic", "mia-read"}
WRITE: Final = LOG - {"mia-log"}
ADMIN: Final = {"ada", "root"}
SERVER: Final = {"root"}
SIGNED_IN: Final = READ | {"dan", "olga", "rex", "mia-shared"}
WITH_WHOLE_KEY: Final = SIGNED_IN - {"mia-read", "mia-log", "mia-shared"}
UNKNOWN: Final = {"unknown", "mia-ended"}
"""They are refused everywhere, with 401."""

VISIBILITY: Final = {
    "runs": "private",
    "secret": "restricted",
    "shared": "open",
    "paper": "public",
}
MEMBERS: Final = {
    "lab": {"vic": "viewer", "mia": "member", "ada": "admin", "bot": "member"},
    "other": {"olga": "member"},
}
VIEW: Final = {"kind": "shared", "name": "Ablation", "document": {"groupBy": ["config.lr"]}}
RUN: Final = "ab12cd34"


def rights_of(table: str, **words: set[str]) -> dict[str, set[str]]:
    """Who may do what, by name of the operation.

    Args:
        table: lines of a word and operations, as `read: get_run list_runs`.
        words: who may, for words beyond the common ones.
    """
    who = {
        "read": READ,
        "log": LOG,
        "write": WRITE,
        "admin": ADMIN,
        "server": SERVER,
        "user": SIGNED_IN,
        "itself": WITH_WHOLE_KEY,
        **words,
    }
    return {
        name: who[line.partition(": ")[0]]
        for line in table.strip().splitlines()
        for name in line.partition(": ")[2].split()
    }


class Lab:
    """The running server, the keys of its people, and a client for each."""

    def __init__(self, server: ServerProcess, keys: dict[str, str]) -> None:
        self.server = server
        self.keys = keys
        self.clients = {name: self._client(key) for name, key in keys.items()}
        # The server's own user needs no key on this machine, so this client sends an unknown one.
        self.clients["unknown"] = self._client("weft-" + "0" * 40)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self.clients.values():
            client.close()
        self.server.__exit__()

    def _client(self, key: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=self.server.url, headers=headers, timeout=60, trust_env=False)


def start_lab(tmp_path: Path) -> Lab:
    """Make the lab's people, start the server, and send what the projects hold."""
    services = open_services(tmp_path / "data", jobs=False)
    keys = _add_people(services)
    services.close()
    lab = Lab(start_server(tmp_path), keys)
    ada = lab.clients["ada"]
    for name in VISIBILITY:
        log = HandMadeLog(entity="lab", project=name, run=RUN)
        log.config(lr=0.1)
        log.keys("loss")
        log.rows([[0.5], [0.25]])
        manifest = add_artifact(log, 1, {"a.txt": b"digits"}, name="digits")
        assert log.upload(ada).is_success
        send_artifact(ada, f"lab/{name}", log, manifest, [b"digits"])
        answer = ada.post(f"/api/v1/projects/lab/{name}/views", json=VIEW)
        assert answer.status_code == 201, answer.text
    assert lab.clients["root"].put("/api/v1/registries/model", json={}).is_success
    return lab


def _add_people(services: Services) -> dict[str, str]:
    users = services.users
    keys = {
        name: users.add_user(LOCAL, name, is_admin=name == "root").api_key
        for name in ("dan", "vic", "mia", "ada", "root", "bot", "olga", "rex")
    }
    users.add_user(LOCAL, "eve")
    now = services.stores.now()
    with services.stores.people.write() as tx:
        execute = tx.connection.execute
        ids = {row.name: row.id for row in execute(user.select())}
        projects: dict[str, int] = {}
        for name in ("lab", "other"):
            team_id = execute(
                team.insert().values(name=name, created_micros=now).returning(team.c.id)
            ).scalar_one()
            execute(entity.insert().values(name=name, team_id=team_id, created_micros=now))
            for member, role in MEMBERS[name].items():
                execute(
                    team_member.insert().values(team_id=team_id, user_id=ids[member], role=role)
                )
            if name == "lab":
                execute(service_account.insert().values(user_id=ids["bot"], team_id=team_id))
        for name, visibility in VISIBILITY.items():
            projects[name] = services.stores.metadata.projects.make(tx, "lab", name, now)
            execute(
                project.update()
                .where(project.c.id == projects[name])
                .values(visibility=visibility)
            )
        execute(
            project_member.insert().values(
                project_id=projects["secret"], user_id=ids["mia"], role="member"
            )
        )
        lab_id = execute(select(entity.c.id).where(entity.c.name == "lab")).scalar_one()
        for name, scope, ends, limit in (
            ("mia-read", "read", None, None),
            ("mia-log", "log", None, None),
            ("mia-shared", "admin", None, projects["shared"]),
            ("mia-ended", "admin", now - 1, None),
        ):
            keys[name] = new_key()
            key_id = execute(
                api_key.insert()
                .values(
                    user_id=ids["mia"],
                    key_hash=hash_key(keys[name]),
                    scope=scope,
                    created_micros=now,
                    expires_micros=ends,
                )
                .returning(api_key.c.id)
            ).scalar_one()
            if limit is not None:
                execute(
                    api_key_limit.insert().values(
                        key_id=key_id, entity_id=lab_id, project_id=limit
                    )
                )
    return keys
