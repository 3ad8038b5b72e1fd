"""Views on SQLite and on a real PostgreSQL: one default each, whose links go first, races."""

from __future__ import annotations

import threading

import pytest

from weft.errors import Conflict, Gone, NotFound, Outdated
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services
from weft.server.services.projects import views
from weft.server.services.removal.trash import expire
from weft.server.services.users import AuditQuery
from weft.wire.projects.projects import ProjectEdit
from weft.wire.projects.views import ViewEdit

pytestmark = pytest.mark.usefixtures("ticking")

P = ProjectPath("local", "p")


@pytest.fixture(autouse=True)
def project(services: Services) -> None:
    services.projects.put(LOCAL, P, ProjectEdit())


def together(*calls: object) -> list[BaseException | None]:
    """The exceptions of calls at the same moment."""
    raised: list[BaseException | None] = []
    barrier = threading.Barrier(len(calls))

    def call(call: object) -> None:
        barrier.wait()
        try:
            assert callable(call)
            call()
        except Exception as error:
            raised.append(error)
        else:
            raised.append(None)

    threads = [threading.Thread(target=call, args=(function,)) for function in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_of_changes_at_once_one_holds(services: Services) -> None:
    begun = together(
        *(lambda n=n: services.views.put_default(LOCAL, P, {"n": n}, 0) for n in range(8))
    )
    assert sum(outcome is None for outcome in begun) == 1
    assert all(outcome is None or isinstance(outcome, Outdated) for outcome in begun)

    view = services.views.create(LOCAL, P, kind="shared", name="v", document={})
    edited = together(
        *(
            lambda n=n: services.views.edit(
                LOCAL, P, view.id, ViewEdit(document={"n": n}), version=1
            )
            for n in range(8)
        )
    )
    assert sum(outcome is None for outcome in edited) == 1
    assert all(outcome is None or isinstance(outcome, Outdated) for outcome in edited)
    assert services.views.get(LOCAL, P, view.id).version == 2


def test_links_that_nobody_opens_go_first(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MAX_LINK_BYTES", 3500)
    view = services.views.create(LOCAL, P, kind="personal", name="v", document={"x": "x" * 9999})
    first, second, third = (link(services, n) for n in range(3))
    services.views.get(LOCAL, P, first)
    fourth = link(services, 3)
    for there in (first, third, fourth, view.id):
        services.views.get(LOCAL, P, there)
    with pytest.raises(NotFound):
        services.views.get(LOCAL, P, second)


def test_a_deleted_view_is_restored_from_the_trash(services: Services) -> None:
    services.users.add_user(LOCAL, "ada")
    bob = services.users.account(LOCAL, services.users.add_user(LOCAL, "bob", is_admin=True).name)
    assert bob is not None
    document = {"panels": [1]}
    shared = services.views.create(LOCAL, P, kind="shared", name="paper", document=document)
    personal = services.views.create(bob, P, kind="personal", name="mine", document={})
    columns = services.views.create(LOCAL, P, kind="columns", name="few", document={})
    for actor, view in ((LOCAL, shared), (bob, personal), (LOCAL, columns)):
        services.views.delete(actor, P, view.id)
    with pytest.raises(Gone, match="out of the trash"):
        services.views.get(LOCAL, P, shared.id)
    assert not services.views.list(LOCAL, P)
    assert [view.name for view in services.trash.list(LOCAL, P).views] == ["few", "paper"]
    assert [view.name for view in services.trash.list(bob, P).views] == ["few", "mine", "paper"]
    services.views.create(LOCAL, P, kind="shared", name="paper", document={})
    with pytest.raises(Conflict, match="'paper' already"):
        services.views.undelete(LOCAL, P, shared.id)
    with pytest.raises(NotFound):
        services.views.undelete(LOCAL, P, personal.id)
    back = services.views.undelete(bob, P, shared.id, name="first paper")
    assert (back.name, back.document, back.id) == ("first paper", document, shared.id)
    services.views.delete(bob, P, personal.id, permanently=True)
    assert services.trash.empty(LOCAL, P) == 0
    assert not services.trash.list(bob, P).views
    services.views.delete(LOCAL, P, shared.id)
    services.stores.trash_micros = 0
    expire(services.stores)
    with pytest.raises(NotFound):
        services.views.get(LOCAL, P, shared.id)
    entries = services.audit.page(LOCAL, AuditQuery(action="view")).entries
    assert [entry.action.partition(".")[2] for entry in entries] == [
        *("remove", "purge", "purge", "restore", "remove", "remove", "remove"),
    ]
    assert entries[0].before == {"name": "first paper", "kind": "shared", "owner": ""}


def link(services: Services, n: int) -> str:
    document = {"n": n, "text": "x" * 1000}
    return services.views.create(LOCAL, P, kind="link", name="", document=document).id
