"""The time that a panel's expressions have together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service_uploads import START, Clock, WriterLog
from weft.records.record import Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.charting import drawing
from weft.server.services.opening.services import Services, open_services
from weft.wire.metrics.charts import NamedExpression, PanelQuery

PATH = RunPath("local", "p", "ab12cd34")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = open_services(tmp_path, now=Clock())
    services.background.stop()
    log = WriterLog("w1")
    rows = [{"loss": step / 3} for step in range(200)]
    services.ingest.apply(
        LOCAL, PATH, log.upload(Run(PATH.run, "p", start_micros=START), rows=rows)
    )
    yield services
    services.close()


@pytest.mark.parametrize("limit_secs", [drawing.PANEL_SECS, 0.0])
def test_expressions_beyond_the_time_of_a_panel_have_it_as_their_reason(
    services: Services, monkeypatch: pytest.MonkeyPatch, limit_secs: float
) -> None:
    monkeypatch.setattr(drawing, "PANEL_SECS", limit_secs)
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
