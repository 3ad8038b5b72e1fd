"""Permissions of a company: 2,000 users, 100 teams, 5,000 projects.

Measures `require`, the list of projects that one user sees, and the load of the directory, all in
CPU time. The peer is the same rule as one SQL query over the same tables; both must decide alike.
Users and projects are drawn by chance for each decision. First the decisions follow each other,
then each follows a query of the peer, which takes half a millisecond and empties the processor's
caches, as the rest of a request does.
"""

from __future__ import annotations

import gc
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from measure import Figure, arguments, finish, median, percentile
from weft.errors import WeftError
from weft.server.services.access import LOCAL, SYSTEM, Action, Actor, ProjectPath, require
from weft.server.services.opening import Services, open_services
from weft.server.storage.metadata.database.schema import project, project_member, user

N_USERS: Final = 2000
N_TEAMS: Final = 100
N_PROJECTS: Final = 5000
N_DECISIONS: Final = 20_000
N_LISTS: Final = 20

QUERY: Final = """
select u.is_admin or e.user_id = u.id or coalesce(tm.role = 'admin', 0) or coalesce(
    case when pm.role is not null then 1 end,
    (tm.role is not null and p.visibility <> 'restricted') or p.visibility in ('open', 'public'))
from project p join entity e on e.id = p.entity_id
join "user" u on u.name = ?
left join team_member tm on tm.team_id = e.team_id and tm.user_id = u.id
left join project_member pm on pm.project_id = p.id and pm.user_id = u.id
where e.name = ? and p.name = ?
"""


def fill(services: Services) -> list[ProjectPath]:
    """Add the people and projects; return the paths of the projects."""
    random.seed(7)
    metadata, now = services.stores.metadata, services.stores.now()
    names = [f"user{n:04}x" for n in range(N_USERS)]
    paths: list[ProjectPath] = []
    with services.stores.people.write() as tx:
        execute = tx.connection.execute
        for name in names:
            execute(user.insert().values(name=name, is_admin=False, created_micros=now, seal="s"))
        ids = {row.name: row.id for row in execute(user.select())}
        for n in range(N_TEAMS):
            team = f"team{n:03}x"
            metadata.teams.add_team(tx, team, now)
            for member in random.sample(names, 40):
                role = random.choice(("viewer", "member", "member", "admin"))
                metadata.accounts.join_team(tx, member, team, role, now)
            for number in range(N_PROJECTS // N_TEAMS):
                path = ProjectPath(team, f"project{number}")
                project_id = metadata.projects.make(tx, *path, now)
                paths.append(path)
                visibility = random.choice(("private", "private", "restricted", "open"))
                execute(
                    project.update()
                    .where(project.c.id == project_id)
                    .values(visibility=visibility)
                )
                for member in random.sample(names, 2):
                    values = {"project_id": project_id, "user_id": ids[member], "role": "viewer"}
                    execute(project_member.insert().values(values))
    return paths


def may_read(actor: Actor, path: ProjectPath) -> bool:
    try:
        require(actor, Action.READ, path)
    except WeftError:
        return False
    return True


def measure(folder: Path) -> list[Figure]:
    services = open_services(folder, jobs=False)
    paths = fill(services)
    people = services.stores.people
    accounts = [services.users.account(SYSTEM, name) for name in people.current.users]
    actors = [actor for actor in accounts if actor is not None]
    database = sqlite3.connect(folder / "metadata.db")
    gc.collect()
    gc.freeze()  # as the server does
    pairs = [(random.choice(actors), random.choice(paths)) for _ in range(N_DECISIONS)]

    def query(actor: Actor, path: ProjectPath) -> bool:
        return bool(database.execute(QUERY, (actor.user, *path)).fetchone()[0])

    alone = [_decide(may_read, *pair) for pair in pairs]
    peer_alone = [_decide(query, *pair) for pair in pairs]
    in_turn = [(_decide(may_read, *pair), _decide(query, *pair)) for pair in pairs]
    own, peer = zip(*in_turn, strict=True)
    for pair, decisions in zip(pairs, zip(alone, peer_alone, own, peer, strict=True), strict=True):
        assert len({decision for decision, _ in decisions}) == 1, pair
    figures = [
        Figure(
            f"require{order}, p{percent}", percentile(_micros(decisions), percent), "µs", budget,
            peer="one SQL query", peer_figure=percentile(_micros(queries), percent),
        )
        for order, decisions, queries in (
            ("", alone, peer_alone),
            (" after a query each", own, peer),
        )
        for percent, budget in ((50, None), (99, 50.0))
    ]  # fmt: skip
    for who, actor in (("a user", actors[5]), ("an administrator", LOCAL)):
        n_projects = len(services.projects.list(actor))
        millis = _millis(lambda actor=actor: services.projects.list(actor))
        figures.append(Figure(f"list of {who}, {n_projects} projects", millis, "ms", 50.0))
    figures.append(Figure("load of the directory", _millis(people.reload), "ms"))
    database.close()
    services.close()
    return figures


def _decide(
    decide: Callable[[Actor, ProjectPath], bool], actor: Actor, path: ProjectPath
) -> tuple[bool, float]:
    """The decision and its CPU time in seconds."""
    began = time.thread_time()
    decision = decide(actor, path)
    return decision, time.thread_time() - began


def _micros(decisions: Sequence[tuple[bool, float]]) -> list[float]:
    return [secs * 1e6 for _, secs in decisions]


def _millis(work: Callable[[], object]) -> float:
    secs: list[float] = []
    for _ in range(N_LISTS):
        began = time.thread_time()
        work()
        secs.append(time.thread_time() - began)
    return median(secs) * 1e3


def main(argv: Sequence[str]) -> int:
    """Run all measurements; returns 0."""
    options = arguments(__doc__.splitlines()[0] if __doc__ else None).parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as folder:
        finish(measure(Path(folder)), options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
