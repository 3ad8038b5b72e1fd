"""The route that hands out history as a file: Parquet, Arrow or CSV, streamed.

Asks `services.exporting`; a piece is made when the client has taken the one before, and none any
more when it has left. A fault after the first piece cuts the connection: half a file is none.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from weft.queries.filter_json import decode_filter
from weft.server.http.admission.heavy import EXPORT
from weft.server.http.admission.heavy_stream import HeavyStream
from weft.server.http.context import Asker, WithHeavyWork, WithServices
from weft.server.http.schemas.exporting import ExportRequest
from weft.server.http.threads import FewThreads
from weft.server.services.exporting.arrow_stream import ARROW_MEDIA_TYPE
from weft.server.services.exporting.export import ExportQuestion
from weft.server.services.exporting.parquet import PARQUET_MEDIA_TYPE

router = APIRouter(prefix="/api/v1/projects/{entity}/{project}", tags=["metrics"])

_FILE: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}

_plans: Final = FewThreads("export-plan", EXPORT.most)


@router.post(
    "/export",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "one table, as a file",
            "content": {PARQUET_MEDIA_TYPE: _FILE, ARROW_MEDIA_TYPE: _FILE, "text/csv": _FILE},
        }
    },
    operation_id="export_history",
)
async def export_history(
    entity: str,
    project: str,
    asked: ExportRequest,
    services: WithServices,
    actor: Asker,
    heavy: WithHeavyWork,
) -> Response:
    """Joined rows of runs as one table, nothing sampled, streamed as they are read."""
    fields = asked.model_dump(exclude={"filter"})
    tree = None if asked.filter is None else decode_filter(asked.filter)
    question = ExportQuestion(**fields, filter=tree)
    export = await _plans.run(
        partial(services.exports.history, actor, entity, project, question),
        abandon_on_cancel=True,
    )
    return HeavyStream(
        export.pieces, media_type=export.media_type, file_name=export.file_name, heavy=heavy
    )
