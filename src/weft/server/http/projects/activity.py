"""Routes of activity feeds."""

from weft.server.http.routing.routes import Routes
from weft.server.services.projects import ActivityService
from weft.wire.projects import activity as endpoints

routes = Routes()

routes.bind(endpoints.list_project_activity, ActivityService.of_project)
routes.bind(endpoints.list_team_activity, ActivityService.of_team)
