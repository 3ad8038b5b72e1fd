"""Mutations of users, teams, service accounts and keys."""

from __future__ import annotations

import re
from typing import Any

from weft.errors import ConfigError, NotFound
from weft.records.ids import check_name
from weft.records.times import iso_time
from weft.wandb_gateway.graphql.request import Context
from weft.wandb_gateway.graphql.server_nodes import EntityNode, UserNode
from weft.wandb_gateway.ids import make_id, read_id, user_name
from weft.wire.server.accounts import InvitationAddition
from weft.wire.server.keys import KeyAddition, ServiceAccountAddition
from weft.wire.server.teams import Membership, TeamAddition

_Input = dict[str, Any]
_Payload = dict[str, Any]

_KEY_KIND = "ApiKey"
_INVITE_KIND = "Invite"


class UserMutations:
    """Mutations of users and teams."""

    def create_user(self, context: Context, input: _Input) -> _Payload:
        """Add a user whose name is the part of the address before the @."""
        address = input["email"]
        name = check_name("user", address.partition("@")[0])
        email = address if "@" in address else None
        context.services.users.add_user(
            context.actor, name, is_admin=bool(input.get("admin")), email=email
        )
        return {"user": UserNode(name, is_admin=bool(input.get("admin")), email=email)}

    def create_team(self, context: Context, input: _Input) -> _Payload:
        admin = input.get("team_admin_user_name")
        new = TeamAddition(name=input["team_name"], members={admin: "admin"} if admin else {})
        context.services.teams.add_team(context.actor, new)
        return {"entity": EntityNode(input["team_name"])}

    def create_invite(self, context: Context, input: _Input) -> _Payload:
        """Take a user into a team, or invite an address to it by mail."""
        team, name, email = input["entity_name"], input.get("username"), input.get("email")
        role = "admin" if input.get("admin") else "member"
        if name:
            context.services.teams.put_member(context.actor, team, name, Membership(role=role))
            to_user = {"name": name}
        elif email:
            context.services.links.invite(
                context.actor,
                InvitationAddition(email=email, team=team, role=role),
                base_url=context.base_url,
            )
            to_user = None
        else:
            raise ConfigError("an invitation needs a user's name or an address", field="username")
        return {
            "invite": {
                "id": make_id(_INVITE_KIND, team, name or email or ""),
                "name": name,
                "email": email,
                "created_at": iso_time(context.services.stores.now()),
                "to_user": to_user,
            }
        }

    def delete_invite(self, context: Context, input: _Input) -> _Payload:
        """Take a member out of a team; the client sends the member's id."""
        if not input.get("id") or not input.get("entity_name"):
            raise ConfigError("name the member by id, and the team", field="id")
        name = user_name(input["id"])
        context.services.teams.remove_member(context.actor, input["entity_name"], name)
        return {"success": True}

    def create_service_account(self, context: Context, input: _Input) -> _Payload:
        """Add a service account; its name follows from the team's and the description."""
        team = input["entity_name"]
        text = re.sub(r"[^A-Za-z0-9]+", "-", input["description"]).strip("-").lower()
        name = f"{team}-{text or 'service'}"[:64].rstrip("-")
        new = ServiceAccountAddition(name=name)
        context.services.service_accounts.add_service_account(context.actor, team, new)
        return {"user": UserNode(name)}

    def generate_api_key(self, context: Context, input: _Input) -> _Payload:
        """Make a key of the caller. Its name is the key, as with W&B, in this answer alone."""
        new = KeyAddition(name=(input.get("description") or "")[:64], scope="admin")
        key = context.services.keys.create(context.actor, new)
        return {
            "api_key": {
                "id": make_id(_KEY_KIND, str(key.id)),
                "name": key.api_key,
                "description": key.name,
            }
        }

    def delete_api_key(self, context: Context, input: _Input) -> _Payload:
        (text,) = read_id(_KEY_KIND, input["id"], 1)
        if not text.isdecimal():
            raise NotFound("no such key")
        context.services.keys.revoke(context.actor, int(text))
        return {"success": True}
