"""The x axis of `define_metric` reaches the metric store, before or after the rows came."""

from __future__ import annotations

import pytest

from service_uploads import START, WriterLog
from weft.records.record import MetricDefinition, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import RunPath
from weft.server.services.opening.services import Services
from weft.server.services.summaries.projection import project_summaries
from weft.server.storage.metrics import SqliteMetricStore

PATH = RunPath("local", "p", "ab12cd34")
RUN = Run("ab12cd34", "p", start_micros=START)


def prepared(services: Services) -> list[str]:
    """Metrics that have cells over another one, once all rows are in chunks."""
    stores = services.stores
    with stores.metrics.use(stores.find_run(PATH).project_id) as store:
        assert isinstance(store, SqliteMetricStore)
        store.compact(until_idle=True)
        with store._database.snapshot() as view:  # the file's own books
            rows = view.db.execute("SELECT name FROM col JOIN key USING (key) WHERE n_axis > 0")
            return sorted(name for (name,) in rows)


EPOCHS = MetricDefinition("*", step_metric="epoch", step_sync=True)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_definition_prepares_charts(services: Services, is_first: bool) -> None:
    log = WriterLog("w1")
    rows = [{"epoch": step // 50, "loss": step / 3} for step in range(200)]
    before, after = ((RUN, EPOCHS), ()) if is_first else ((RUN,), (EPOCHS,))
    services.ingest.apply_upload(LOCAL, PATH, log.upload(*before, rows=rows))
    if after:
        services.ingest.apply_upload(LOCAL, PATH, log.upload(*after))
        while not project_summaries(services.stores, at_end=True):
            pass
    assert prepared(services) == ["epoch", "loss"]
