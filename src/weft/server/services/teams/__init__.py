"""Teams: groups of users that own projects together."""

from weft.server.services.teams.service import TeamService
