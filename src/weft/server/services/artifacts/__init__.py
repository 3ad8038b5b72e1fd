"""Artifacts: versions of data and models that scripts log, and the runs that use them.

`storing` turns the announcement of a run log into a version once all of its contents are there,
`assembling` with the files of its parts or of the version before it, and `used` notes the runs
that waited for it; `following` stores versions of a directory that the server follows;
`service` reads, edits and deletes versions, `expiring` deletes versions whose time is over,
`files` reads their files, `diffs` compares them, `lineage` reads the graph. `registries` makes
registries, `linking` puts versions into their collections, `roles` checks the rights of users.
"""

from weft.server.services.artifacts.diffs import DiffService
from weft.server.services.artifacts.files import ArtifactFileService
from weft.server.services.artifacts.following import store_followed
from weft.server.services.artifacts.lineage import LineageService
from weft.server.services.artifacts.registries import RegistryService
from weft.server.services.artifacts.service import ArtifactService
