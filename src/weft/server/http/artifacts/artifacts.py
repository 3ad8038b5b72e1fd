"""Routes of artifacts: collections, versions, what runs logged and used, lineage."""

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.artifacts import ArtifactService, LineageService
from weft.wire.artifacts import artifacts as endpoints
from weft.wire.artifacts import lineage
from weft.wire.artifacts.registries import link_version

routes = Routes()

routes.bind(endpoints.list_artifacts, ArtifactService.list, threads=COSTLY)
routes.bind(endpoints.get_collection, ArtifactService.collection)
routes.bind(endpoints.edit_collection, ArtifactService.edit_collection)
routes.bind(endpoints.delete_collection, ArtifactService.delete_collection, threads=COSTLY)
routes.bind(endpoints.get_artifact_history, ArtifactService.history)
routes.bind(endpoints.list_versions, ArtifactService.versions)
routes.bind(endpoints.get_version, ArtifactService.get)
routes.bind(endpoints.edit_version, ArtifactService.edit)
routes.bind(endpoints.delete_version, ArtifactService.delete)
routes.bind(link_version, ArtifactService.link, status=201)
routes.bind(lineage.get_lineage, LineageService.of_version, threads=COSTLY)
routes.bind(lineage.get_run_lineage, LineageService.of_run, threads=COSTLY)
routes.bind(endpoints.get_run_artifacts, ArtifactService.of_run, threads=COSTLY)
