"""The number and the bytes of the reports of a project have bounds, on each database."""

from __future__ import annotations

from typing import Any

import pytest

from weft.errors import LimitExceeded
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services
from weft.server.services.reports import bounds
from weft.wire.projects.projects import ProjectEdit
from weft.wire.reports.reports import ReportCreate, ReportEdit, ReportPublish

P = ProjectPath("lab", "mnist")


@pytest.fixture(autouse=True)
def project(services: Services) -> None:
    services.projects.put(LOCAL, P, ProjectEdit())


def paragraph(id_: str, text: str) -> dict[str, Any]:
    return {"id": id_, "kind": "paragraph", "text": [{"text": text}]}


def new_report(services: Services, text: str) -> str:
    return services.reports.create(LOCAL, P, ReportCreate(blocks=[paragraph("a", text)])).id


def text_of(services: Services, report: str) -> str:
    document = services.reports.get(LOCAL, P, report, version="draft").document
    return "".join(piece["text"] for block in document.blocks for piece in block["text"])


def test_the_reports_of_a_project_have_bounds(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = new_report(services, "some text")
    services.reports.publish(LOCAL, P, first, ReportPublish())
    with services.stores.metadata.read() as tx:
        project_id = services.stores.find_project(P)
        n_stored = services.stores.metadata.reports.stored_bytes(tx, project_id)
        [head] = services.stores.metadata.reports.heads(tx, project_id)
    assert n_stored > head.n_bytes > 0
    # each 1,000 bytes of a draft its project is summed
    monkeypatch.setattr(bounds, "_SUMMED_BYTES", 1000)
    monkeypatch.setattr(bounds, "MAX_REPORTS_BYTES", n_stored + 2000)
    many = ReportEdit(blocks=[paragraph(f"b{i}", f"words {i}") for i in range(100)])
    with pytest.raises(LimitExceeded, match="delete some permanently, also in the trash"):
        services.reports.edit(LOCAL, P, first, many)
    assert text_of(services, first) == "some text"
    services.reports.edit(LOCAL, P, first, ReportEdit(blocks=[paragraph("a", "other")]))
    assert text_of(services, first) == "other"
    monkeypatch.setattr(bounds, "MAX_REPORTS_BYTES", n_stored)
    with pytest.raises(LimitExceeded, match="in drafts and versions"):
        services.reports.publish(LOCAL, P, first, ReportPublish())
    # one in the trash counts until it is deleted permanently
    services.reports.delete(LOCAL, P, first)
    with pytest.raises(LimitExceeded, match="in drafts and versions"):
        new_report(services, "more")
    services.reports.delete(LOCAL, P, first, permanently=True)
    monkeypatch.setattr(bounds, "MAX_REPORTS", 1)
    new_report(services, "more")
    with pytest.raises(LimitExceeded, match="has 1 reports already, with those in the trash"):
        new_report(services, "more")
