"""Shares of a project, as `weft.Api` returns them."""

from __future__ import annotations

from weft.client.api_client import ApiClient
from weft.wire.projects.shares import Share, revoke_share


class StoredShare:
    """A link that shows a part of a project to anyone who has it, read-only.

    Attributes:
        id: the share's id.
        kind: `run`, `selection`, `view`, `panel` or `report`.
        name: its title.
        n_opened: how often it was opened.
    """

    def __init__(self, client: ApiClient, entity: str, project: str, share: Share) -> None:
        self._client = client
        self._project = (entity, project)
        self._share = share
        self.id = share.id
        self.kind = share.kind
        self.name = share.name
        self.n_opened = share.n_opened

    @property
    def url(self) -> str:
        """The address of the page: the link to pass on."""
        return f"{self._client.url}{self._share.path}"

    def revoke(self) -> None:
        """Revoke the share: its link stops working at once."""
        self._client.call(revoke_share, *self._project, self.id)

    def __repr__(self) -> str:
        return f"<share {self.id} of {'/'.join(self._project)}: {self.url}>"
