"""Gives forks the media of runs whose rows they show, before they are parted.

Used by `purging` and `moving`. Until then the media of inherited rows are found among the files of
the run that logged them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from weft.records.files.file_paths import MEDIA_FOLDER
from weft.server.services.reading.lineage import lineage_of
from weft.server.services.stores.stores import Stores

_FILES_AT_ONCE: Final = 1000

_YIELD_SECS: Final = 0.005


def pass_on_media(stores: Stores, project_id: int, are_parted: Callable[[int, int], bool]) -> None:
    """Copy to forks of a project the rows of their sources' media.

    All of them: which the fork's own rows refer to is not looked up. May be repeated. `are_parted`
    tells of a fork and a source, by row id, whether they will be parted.
    """
    lineage = lineage_of(stores, project_id)
    if not lineage:
        return
    names = {*lineage, *(source.run for sources in lineage.values() for source in sources)}
    with stores.metadata.read() as tx:
        refs = stores.metadata.runs.refs(tx, project_id, sorted(names), with_trash=True)
    for fork, sources in lineage.items():
        for source in sorted({inherited.run for inherited in sources} & refs.keys() - {fork}):
            if fork in refs and are_parted(refs[fork].row_id, refs[source].row_id):
                _copy_media(stores, refs[source].row_id, refs[fork].row_id)


def _copy_media(stores: Stores, from_row_id: int, to_row_id: int) -> None:
    metadata, after = stores.metadata, None
    while True:
        with metadata.write() as tx:
            metadata.runs.lock(tx, [to_row_id])
            rows = metadata.files.page(tx, from_row_id, MEDIA_FOLDER, after, _FILES_AT_ONCE)
            there = metadata.files.find_file(tx, {to_row_id: [row.path for row in rows]})
            existing = {row.path for _, row in there}
            metadata.files.put(tx, to_row_id, [row for row in rows if row.path not in existing])
        if len(rows) < _FILES_AT_ONCE:
            return
        after = rows[-1].path
        # Let a waiting thread get the database: releasing a lock does not hand it over.
        time.sleep(_YIELD_SECS)
