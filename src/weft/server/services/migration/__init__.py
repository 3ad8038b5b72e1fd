"""Moves all data of a server to other databases, a bucket or a data directory, while it runs.

`http.server.upkeep` and `weft server migrate` call `service`. Below it: `passes` (what is copied
when), `points`, `contents`, `digests`, `progress_record`, and `target` (settings, refusals, and
the marks that keep two servers from using one state). `docs/decisions/0051` has the reasons.
"""

from weft.server.services.migration.service import MigrationService
from weft.server.services.migration.target import refuse_migrated
