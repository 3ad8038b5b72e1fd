"""The time that the expressions of a panel, and of a request, have together; and their number."""

from __future__ import annotations

import pytest

from service_uploads import START, WriterLog
from weft.errors import LimitExceeded
from weft.records.record import Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.charting import service
from weft.server.services.opening.services import Services
from weft.wire.metrics.charts import NamedExpression, PanelQuery

PATH = RunPath("local", "p", "ab12cd34")


@pytest.fixture(autouse=True)
def run(services: Services) -> None:
    log = WriterLog("w1")
    rows = [{"loss": step / 3} for step in range(200)]
    services.ingest.apply_upload(
        LOCAL, PATH, log.upload(Run(PATH.run, "p", start_micros=START), rows=rows)
    )


@pytest.mark.parametrize("limit_secs", [service.PANEL_SECS, 0.0])
def test_expressions_beyond_the_time_of_a_panel_have_it_as_their_reason(
    services: Services, monkeypatch: pytest.MonkeyPatch, limit_secs: float
) -> None:
    monkeypatch.setattr(service, "PANEL_SECS", limit_secs)
    question = PanelQuery(
        runs=[PATH.run],
        keys=["loss"],
        expressions=[NamedExpression("smooth", "rolling_median(loss, 9)")],
    )
    (panel,) = services.series.panels(LOCAL, ProjectPath("local", "p"), [question], reasons=True)
    panels = {curve.series.key: (curve.series.count.sum(), curve.reason) for curve in panel.drawn}
    assert panels["loss"] == (200, "")
    if limit_secs:
        assert limit_secs == 30
        assert panels["smooth"] == (200, "")
    else:
        assert panels["smooth"] == (0, "the answer takes more than 0 s to compute")


def expressions_of(n: int) -> PanelQuery:
    named = [NamedExpression(f"e{i}", f"rolling_median(loss, {i + 2})") for i in range(n)]
    return PanelQuery(runs=[PATH.run], expressions=named)


def test_the_panels_of_a_request_share_a_time_for_their_expressions(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "REQUEST_EXPRESSION_SECS", 1e-9)
    questions = [expressions_of(1), PanelQuery(runs=[PATH.run], keys=["loss"]), expressions_of(2)]
    project = ProjectPath("local", "p")
    first, stored, last = services.series.panels(LOCAL, project, questions, reasons=True)
    assert [curve.series.count.sum() for curve in stored.drawn] == [200]
    for panel in (first, last):
        assert panel.drawn
        assert all("s to compute" in curve.reason for curve in panel.drawn)


def test_a_request_has_a_bounded_number_of_expressions(services: Services) -> None:
    project = ProjectPath("local", "p")
    assert services.series.panels(LOCAL, project, [expressions_of(100)] * 25)
    with pytest.raises(LimitExceeded, match="2,500 expressions in all its panels, not 2,501"):
        services.series.panels(LOCAL, project, [expressions_of(100)] * 25 + [expressions_of(1)])
