"""The route of histograms over an axis, for heat maps. Asks `services.series`."""

from __future__ import annotations

from typing import Final

import msgspec
from fastapi import APIRouter, Request, Response

from weft.server.http.admission.heavy import CHART, CHART_BYTES
from weft.server.http.context import Asker, WithHeavyWork, WithServices, json_answer
from weft.server.http.schemas.series import HistogramList, HistogramQuery
from weft.server.http.threads import FewThreads
from weft.server.services.charting.questions import HistogramQuestion

router = APIRouter(prefix="/api/v1/projects/{entity}/{project}", tags=["metrics"])

_threads: Final = FewThreads("histogram", CHART.most)


@router.post("/histograms", response_model=HistogramList, operation_id="query_histograms")
async def query_histograms(
    entity: str,
    project: str,
    asked: HistogramQuery,
    request: Request,
    services: WithServices,
    actor: Asker,
    heavy: WithHeavyWork,
) -> Response:
    """At most `n_columns` histograms of each metric, each the last one of its bucket."""
    question = msgspec.convert(asked.model_dump(), HistogramQuestion)

    def answer() -> Response:
        series = services.series.histograms(actor, entity, project, question)
        return json_answer({"series": series})

    async with heavy.room_for(CHART, CHART_BYTES, request.receive):
        return await _threads.run(answer)
