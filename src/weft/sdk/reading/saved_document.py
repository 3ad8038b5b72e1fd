"""`SavedDocument`: what reports and views of a project have in common. No I/O."""

from __future__ import annotations

from typing import ClassVar

from weft.client.api_client import ApiClient
from weft.errors import ConfigError
from weft.sdk.reading.api import Api


class SavedDocument:
    """A document of a project that scripts save on a server."""

    project: str
    entity: str | None
    api: Api | None
    id: str | None
    _noun: ClassVar[str]
    """The document's kind in messages."""

    @property
    def _api(self) -> Api:
        if self.api is None:
            self.api = Api()
        return self.api

    @property
    def _client(self) -> ApiClient:
        return self._api._client  # noqa: SLF001

    @property
    def _names(self) -> tuple[str, str]:
        return self.entity or self._api.settings["entity"], self.project

    @property
    def _saved_id(self) -> str:
        if self.id is None:
            raise ConfigError(f"the {self._noun} was not saved: call save() first")
        return self.id
