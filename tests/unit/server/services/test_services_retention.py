"""Rules of retention: what goes and what stays, tried first and then applied."""

from __future__ import annotations

import pytest

from service_uploads import Clock, WriterLog
from weft.errors import Forbidden
from weft.records.record import Exit, Run
from weft.server.services.access import LOCAL, Actor, ProjectPath
from weft.server.services.logs import StreamSelection
from weft.server.services.opening import Services
from weft.server.services.usage import apply_retention
from weft.server.storage.contract import ConsoleLine
from weft.wire.runs.runs import RunEdit
from weft.wire.server.usage import RetentionRules

DAY_SECS = 86_400
PROJECT = ProjectPath("ada", "p")


@pytest.fixture(autouse=True)
def ada(services: Services) -> None:
    services.users.add_user(LOCAL, "ada")


def add_run(services: Services, run: str, *, ends: bool = True) -> None:
    records = [Run(run, "p"), Exit(services.stores.now(), 0)] if ends else [Run(run, "p")]
    upload = WriterLog(run).upload(*records)
    upload.console = [ConsoleLine("stdout", 0, services.stores.now(), "hello")]
    services.ingest.apply_upload(LOCAL, PROJECT.run(run), upload)
    for path in ("media/images/a.png", "weights.bin", "requirements.txt"):
        file = services.files.upload(LOCAL, PROJECT.run(run), path)
        file.write(path.encode())
        file.commit()


def paths_of(services: Services, run: str) -> set[str]:
    return {file.path for file in services.files.list(LOCAL, PROJECT.run(run)).files}


def lines_of(services: Services, run: str) -> list[str]:
    page = services.logs.lines(LOCAL, PROJECT.run(run), StreamSelection(None, None))
    return [line.text for line in page.lines]


def test_old_parts_go_and_runs_with_tags_stay(services: Services, clock: Clock) -> None:
    for run in ("old", "tagged"):
        add_run(services, run)
    add_run(services, "running", ends=False)
    services.runs.edit(LOCAL, PROJECT.run("tagged"), RunEdit(add_tags=["paper"]))
    clock.forward(40 * DAY_SECS)
    add_run(services, "new")
    rules = RetentionRules(media_days=30, files_days=60)

    preview = services.retention.set(LOCAL, PROJECT, rules)
    assert [(part.run, part.kind, part.n_files) for part in preview.parts] == [("old", "media", 1)]
    assert preview.n_bytes == len("media/images/a.png")
    assert services.retention.get(LOCAL, PROJECT) == rules
    assert "media/images/a.png" in paths_of(services, "old"), "so far it was only tried"
    apply_retention(services.stores)
    assert paths_of(services, "old") == {"weights.bin", "requirements.txt"}
    for run in ("tagged", "running", "new"):
        assert "media/images/a.png" in paths_of(services, run)

    clock.forward(30 * DAY_SECS)
    apply_retention(services.stores)
    assert paths_of(services, "old") == {"requirements.txt"}
    with services.stores.metrics.use(services.stores.find_project(PROJECT)) as store:
        store.compact(until_idle=True)
    rules = RetentionRules(console_days=60)
    (part,) = services.retention.set(LOCAL, PROJECT, rules).parts
    assert (part.run, part.kind, part.n_bytes > 0) == ("old", "console", True)
    assert lines_of(services, "old") == ["hello"], "so far it was only tried"
    apply_retention(services.stores)
    assert lines_of(services, "old") == []
    assert lines_of(services, "tagged") == lines_of(services, "new") == ["hello"]
    assert not services.retention.preview(LOCAL, PROJECT, rules).parts
    services.retention.set(LOCAL, PROJECT, RetentionRules(runs_days=60))
    apply_retention(services.stores)
    (trashed,) = services.trash.list(LOCAL, PROJECT).runs
    assert trashed.id == "old"
    services.retention.set(LOCAL, PROJECT, RetentionRules())
    clock.forward(365 * DAY_SECS)
    apply_retention(services.stores)
    assert paths_of(services, "new"), "without rules nothing goes"


def test_who_may_set_rules(services: Services) -> None:
    add_run(services, "old")
    bob = Actor("user", "bob", people=services.stores.people)
    with pytest.raises(Forbidden):
        services.retention.set(bob, PROJECT, RetentionRules(runs_days=1))
