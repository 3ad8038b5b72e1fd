"""Sweeps as `weft.Api` reads them."""

from __future__ import annotations

from weft.client.api_client import ApiClient
from weft.sdk.reading.paths import ProjectName, project_name, sweep_parts
from weft.sdk.reading.stored.sweeps import StoredSweep, StoredSweeps
from weft.wire.sweeps import get_sweep


class ApiSweeps:
    """Sweeps. A base of `Api`."""

    _client: ApiClient

    @property
    def _default(self) -> ProjectName:
        raise NotImplementedError

    def sweep(self, path: str = "") -> StoredSweep:
        """Return a sweep.

        Args:
            path: `entity/project/id`, `project/id` or `id`; or the address of its page. A missing
                entity or project is taken from `settings`.

        Raises:
            NotFound: no such sweep.
            ConfigError: the path has no or too many parts.
        """
        parts = sweep_parts(path)
        entity, project = self._default
        names = [entity, project][: 3 - len(parts)] + parts
        return StoredSweep(self._client, self._client.call(get_sweep, *names))

    def sweeps(self, path: str | None = None, per_page: int = 50) -> StoredSweeps:
        """Return the sweeps of a project, newest first.

        Args:
            path: `project` or `entity/project`. Defaults to the project in `settings`.
        """
        parsed = project_name(path, self._default)
        return StoredSweeps(self._client, parsed.entity, parsed.project, per_page)
