"""Shares as `weft.Api` makes and lists them."""

from __future__ import annotations

from collections.abc import Sequence

from weft.client.api_client import ApiClient
from weft.sdk.reading.paths import ProjectName, project_name
from weft.sdk.reading.stored.shares import StoredShare
from weft.wire.projects.shares import ShareCreate, create_share, list_shares


class ApiShares:
    """Shares. A base of `Api`."""

    _client: ApiClient

    @property
    def _default(self) -> ProjectName:
        raise NotImplementedError

    def share(
        self,
        project: str | None = None,
        *,
        runs: Sequence[str] | None = None,
        filter: str | None = None,  # noqa: A002
        view: str | None = None,
        report: str | None = None,
        with_runs: bool = False,
        with_pages: bool = False,
        files: bool = False,
        console: bool = False,
        live: bool = False,
        name: str = "",
        days: float | None = 30,
        may_embed: bool = False,
    ) -> StoredShare:
        """Share runs or a report of a project by a link that needs no account and shows nothing
        else.

        Args:
            project: `project` or `entity/project`. Defaults to the project in `settings`.
            runs: ids of the runs. If None, those that match `filter` now.
            filter: a filter such as `"tags has paper"`.
            view: id of a saved view, whose panels the page shows; its filter is the default.
            report: id of a published report, which is shown with its stored figures. Without the
                arguments above.
            with_runs: let the panels of the report also draw the runs of its run sets as they are
                when the link is opened.
            with_pages: with `with_runs`: each of these runs, and of those that the text names,
                also has a page, with its config, its summary and charts of all its metrics.
            files: with `with_pages`: these pages also show the files and media of the run.
            console: with `with_pages`: these pages also show what the script printed.
            live: show the runs that match `filter` when the link is opened.
            name: title of the page.
            days: time until the link ends, at most 365. If None, it never does.
            may_embed: whether other sites may show the page in a frame.

        Raises:
            ConfigError: neither runs, a filter, a view nor a report, or a value out of range.
            Conflict: the report was never published.
            Forbidden: you may not share the project, or its team is closed.
            NotFound: no such run, view or report.
        """
        entity, name_of_project = project_name(project, self._default)
        new = ShareCreate(
            kind="report" if report is not None else "selection" if view is None else "view",
            name=name,
            runs=None if runs is None else list(runs),
            filter=filter,
            is_live=live,
            view=view,
            report=report,
            shows_runs=with_runs,
            shows_pages=with_pages,
            shows_files=files,
            shows_console=console,
            days=days,
            may_embed=may_embed,
        )
        share = self._client.call(create_share, entity, name_of_project, new)
        return StoredShare(self._client, entity, name_of_project, share)

    def shares(self, project: str | None = None) -> list[StoredShare]:
        """Return the shares of a project that were not revoked, newest first.

        Args:
            project: `project` or `entity/project`. Defaults to the project in `settings`.
        """
        entity, name = project_name(project, self._default)
        shares = self._client.call(list_shares, entity, name).shares
        return [StoredShare(self._client, entity, name, share) for share in shares]
