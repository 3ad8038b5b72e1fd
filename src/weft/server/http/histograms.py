"""The route of histograms over an axis, for heat maps. Asks `services.series`."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Response

from weft.server.http.context import Asker, WithServices, json_answer
from weft.server.http.schemas.series import HistogramList, HistogramQuery
from weft.server.services.charting.questions import HistogramQuestion

router = APIRouter(prefix="/api/v1/projects/{entity}/{project}", tags=["metrics"])


@router.post("/histograms", response_model=HistogramList, operation_id="query_histograms")
def query_histograms(
    entity: str, project: str, asked: HistogramQuery, services: WithServices, actor: Asker
) -> Response:
    """At most `n_columns` histograms of each metric, each the last one of its bucket."""
    question = msgspec.convert(asked.model_dump(), HistogramQuestion)
    series = services.series.histograms(actor, entity, project, question)
    return json_answer({"series": series})
