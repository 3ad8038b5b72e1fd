"""Routes of teams and their members."""

from __future__ import annotations

from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor
from weft.server.services.opening import Services
from weft.server.services.teams import TeamService
from weft.wire.server import teams as endpoints
from weft.wire.server.teams import TeamList

routes = Routes()


@routes.answers(endpoints.list_teams)
def list_teams(services: Services, actor: Actor, *, trashed: bool) -> TeamList:
    teams = services.teams
    return TeamList(teams=teams.list(actor, trashed=trashed), may_create=teams.may_create(actor))


routes.bind(endpoints.add_team, TeamService.add_team, status=201)
routes.bind(endpoints.get_team, TeamService.get)
routes.bind(endpoints.edit_team, TeamService.edit)
routes.bind(endpoints.delete_team, TeamService.delete)
routes.bind(endpoints.list_team_locks, TeamService.locks)
routes.bind(endpoints.undelete_team, TeamService.undelete)
routes.bind(endpoints.put_team_member, TeamService.put_member)
routes.bind(endpoints.remove_team_member, TeamService.remove_member)
