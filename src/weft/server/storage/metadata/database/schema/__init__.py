"""The tables of the metadata database as of the newest migration, by subject. Pure.

Times are µs since 1970 UTC. A *stamp* is three columns `edit_micros, edit_writer, edit_position`
(`weft.records.merge.Stamp`); the later stamp wins.
"""

from __future__ import annotations

from typing import Final

from weft.server.storage.metadata.database.schema.artifacts import (
    artifact,
    artifact_alias,
    artifact_assembly,
    artifact_change,
    artifact_chunk,
    artifact_collection,
    artifact_file,
    artifact_link,
    artifact_link_request,
    artifact_use,
    awaited_use,
    registry,
    registry_protected,
)
from weft.server.storage.metadata.database.schema.base import MAX_STATE_CHARS, metadata
from weft.server.storage.metadata.database.schema.people import (
    api_key,
    api_key_limit,
    audit,
    failed_try,
    invitation,
    login_code,
    service_account,
    session,
    team,
    team_member,
    used_state,
    user,
    user_identity,
    user_picture,
)
from weft.server.storage.metadata.database.schema.projects import (
    activity,
    entity,
    lease,
    project,
    project_address,
    project_member,
    project_team,
    setting,
    share,
    view,
)
from weft.server.storage.metadata.database.schema.removed import (
    content_removal,
    draft_piece,
    metric_tombstone,
    quota_claim,
    quota_usage,
    run_move,
    tombstone,
)
from weft.server.storage.metadata.database.schema.reports import (
    report,
    report_comment,
    report_figure,
    report_image,
    report_notification,
    report_star,
    report_text,
    report_update,
    report_version,
)
from weft.server.storage.metadata.database.schema.runs import (
    column_save,
    definition,
    field,
    followed_log,
    kept_record,
    path,
    path_set,
    run,
    run_change,
    run_file,
    run_path_set,
    run_source,
    run_writer,
)
from weft.server.storage.metadata.database.schema.sweeps import sweep, sweep_agent, sweep_trial

HEAD: Final = "0017"
"""Revision of the newest migration. A database at this revision opens without loading Alembic."""

OLDEST: Final = "0016"
"""The oldest revision whose servers work with the tables of `HEAD`. A migration that only adds
tables, indexes, and columns that may be left out leaves it as it is, so that the servers of a
database are upgraded one after another. Any other one sets it to its own revision.
"""
