"""The route that exports history as a file: Parquet, Arrow or CSV, streamed.

Calls `services.exporting`. Each piece is made once the client has taken the one before, and no
more are made once it has left. An error after the first piece cuts the connection, because half a
file is worthless.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from starlette.responses import Response

from weft.server.http.admission.heavy import EXPORT, HeavyWork
from weft.server.http.admission.heavy_stream import HeavyStream
from weft.server.http.admission.sharing import SharedThreads
from weft.server.http.routing.routes import BYTES, Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.server.services.table_formats import ARROW_MEDIA_TYPE, PARQUET_MEDIA_TYPE
from weft.wire.metrics import exports as endpoints
from weft.wire.metrics.exports import ExportNote, ExportQuery

routes = Routes()

_plans: Final = SharedThreads("export-plan", EXPORT.most)


@routes.answers(endpoints.note_export)
def note_export(path: ProjectPath, note: ExportNote, services: Services, actor: Actor) -> None:
    services.exports.note(actor, path, note)


@routes.answers(
    endpoints.export_history,
    answer_text="one table, as a file",
    media={PARQUET_MEDIA_TYPE: BYTES, ARROW_MEDIA_TYPE: BYTES, "text/csv": BYTES},
)
async def export_history(
    path: ProjectPath, query: ExportQuery, services: Services, actor: Actor, heavy: HeavyWork
) -> Response:
    export = await _plans.run(
        actor, partial(services.exports.history, actor, path, query), abandon_on_cancel=True
    )
    return HeavyStream(
        export.pieces,
        media_type=export.media_type,
        file_name=export.file_name,
        actor=actor,
        heavy=heavy,
    )
