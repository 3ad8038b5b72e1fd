"""Opens shares: what a link is of, as long as it may be read."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from weft.errors import NotFound
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath, SharedLink
from weft.server.services.access.permissions import NO_SHARE, Action, may
from weft.server.services.sharing.content import ShareContent
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import ShareRow


class OpenedShare(NamedTuple):
    row: ShareRow
    content: ShareContent
    path: ProjectPath


class ShareHeading(NamedTuple):
    """The words for a share where its link is shown."""

    title: str
    description: str = ""
    has_picture: bool = False
    may_embed: bool = False


def open_share(stores: Stores, link: SharedLink) -> OpenedShare:
    """A share that has neither ended nor been revoked, of a project that is there and may be
    shared. NotFound of others.
    """
    with stores.metadata.read() as tx:
        row = stores.metadata.shares.find_share(tx, link.share)
        names = None if row is None else stores.metadata.projects.path(tx, row.project_id)
    if row is None or names is None or row.revoked_micros is not None:
        raise NotFound(NO_SHARE)
    if row.expires_micros is not None and row.expires_micros <= stores.now():
        raise NotFound(NO_SHARE)
    path = ProjectPath(*names)
    server = Actor("system", people=stores.people)
    if not may(server, Action.SHARE, path):
        raise NotFound(NO_SHARE)
    if stores.registry.find_project(path) != row.project_id:  # in the trash
        raise NotFound(NO_SHARE)
    return OpenedShare(row, msgspec.json.decode(row.document, type=ShareContent), path)
