"""Projects on a server. Does network I/O."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

from weft.client.api_client import ApiClient, Page
from weft.client.pages import project_page
from weft.errors import NoSuchProject, NotFound
from weft.records.times import iso_time, iso_time_or_none
from weft.sdk.reading.pages import Pages
from weft.sdk.reading.stored.collections import (
    StoredArtifactType,
    StoredCollection,
    checked_filter,
    collections_of,
)
from weft.sdk.reading.stored.names import INSIDE, WandbNames
from weft.sdk.reading.stored.processes import TrashedRun
from weft.sdk.reading.stored.sweeps import StoredSweeps
from weft.sdk.reading.stored.user import User
from weft.wire.artifacts.artifacts import list_artifacts
from weft.wire.projects.activity import ActivityEntry, list_project_activity
from weft.wire.projects.projects import (
    Project,
    delete_project,
    get_project,
    list_projects,
    undelete_project,
)
from weft.wire.projects.sizes import get_project_sizes
from weft.wire.projects.trash import list_trash

if TYPE_CHECKING:
    from weft.sdk.reading.stored.runs import StoredRuns


class StoredProject(WandbNames):
    """A project.

    Attributes:
        name, entity: the project's name and owner.
    """

    not_here: ClassVar[Mapping[str, str]] = {
        "snake_to_camel": INSIDE,
    }

    def __init__(
        self, client: ApiClient, entity: str, name: str, fields: Project | None = None
    ) -> None:
        self._client = client
        self.entity = entity
        self.name = name
        self._fields = fields

    def _loaded(self) -> Project:
        if self._fields is None:
            try:
                self._fields = self._client.call(get_project, self.entity, self.name)
            except NotFound as error:
                raise NoSuchProject(str(error)) from error
        return self._fields

    def sweeps(
        self,
        per_page: int = 50,
        filters: Mapping[str, Any] | None = None,
        order: str | None = None,
    ) -> StoredSweeps:
        """The sweeps of the project, newest first.

        Args:
            filters: values that properties of the sweeps must have, such as
                `{"state": "RUNNING"}`.
            order: `+created_at` for the oldest first.

        Raises:
            ConfigError: a filter or the order is unknown.
        """
        return StoredSweeps(self._client, self.entity, self.name, per_page, filters, order)

    def artifacts_types(self, per_page: int = 50) -> list[StoredArtifactType]:  # noqa: ARG002
        """The types of the project's artifacts, by name."""
        types = self._client.call(list_artifacts, self.entity, self.name, limit=1).types
        return [
            StoredArtifactType(self._client, self.entity, self.name, type_.name) for type_ in types
        ]

    def collections(
        self,
        filters: Mapping[str, Any] | None = None,
        order: str | None = None,
        per_page: int = 50,  # noqa: ARG002  W&B's argument
    ) -> list[StoredCollection]:
        """The artifacts of the project, each with its versions; by name.

        Args:
            filters: `{"name": …}` or `{"type": …}`: only those with this value.
            order: `-name` for the last name first.
        """
        criteria = checked_filter(filters, {"name", "type"})
        return collections_of(self._client, self.entity, self.name, criteria, order)

    @property
    def id(self) -> str:
        """`entity/project`.

        Raises:
            NoSuchProject: no such project.
        """
        project = self._loaded()
        return f"{project.entity}/{project.project}"

    @property
    def path(self) -> list[str]:
        return [self.entity, self.name]

    @property
    def url(self) -> str:
        """The project's page."""
        return project_page(self._client.url, self.entity, self.name)

    @property
    def created_at(self) -> str:
        """When the project was created: ISO 8601, UTC."""
        return iso_time(self._loaded().created_micros)

    @property
    def active_at(self) -> str:
        """When one of the project's runs last changed: ISO 8601, UTC."""
        return iso_time(self._loaded().active_micros)

    @property
    def n_runs(self) -> int:
        return self._loaded().n_runs

    @property
    def n_running(self) -> int:
        return self._loaded().n_running

    @property
    def n_bytes(self) -> int:
        """The disk space of the project: rows, files of runs and artifacts, each content once."""
        return self._client.call(get_project_sizes, self.entity, self.name, limit=1).n_bytes

    @property
    def owner(self) -> User:
        return User(username=self.entity, name=self.entity, entity=self.entity)

    @property
    def user(self) -> User:
        """The same as `owner`."""
        return self.owner

    @property
    def entity_name(self) -> str:
        """The same as `entity`."""
        return self.entity

    @property
    def is_benchmark(self) -> bool:
        return False

    def runs(
        self, filters: Any = None, order: str | None = None, per_page: int = 50
    ) -> StoredRuns:
        """Return the project's runs; see `Api.runs`."""
        from weft.sdk.reading.stored.runs import StoredRuns

        return StoredRuns(
            self._client,
            self.entity,
            self.name,
            filters=filters,
            order=order,
            per_page=per_page,
        )

    def delete(self, *, permanently: bool = False) -> None:
        """Move the project and its runs to the trash; `undelete` restores them.

        Args:
            permanently: delete them without the trash, which frees their space at once.
        """
        self._client.call(delete_project, self.entity, self.name, permanently=permanently)

    def undelete(self) -> None:
        """Restore the project from the trash."""
        self._client.call(undelete_project, self.entity, self.name)

    def trash(self) -> list[TrashedRun]:
        """Return the project's runs in the trash, last deleted first."""
        return [
            TrashedRun(
                id=run.id,
                name=run.name,
                state=run.state,
                deleted_at=iso_time(run.trashed_micros),
                gone_at=iso_time_or_none(run.purge_micros),
                n_bytes=run.n_bytes,
            )
            for page in self._client.pages(list_trash, self.entity, self.name)
            for run in page.runs
        ]

    def activity(self, limit: int = 100) -> list[ActivityEntry]:
        """Return what people did in the project, the newest first.

        Each entry has the `user`, the `action`, such as `run.failed`, the number `n` of `objects`,
        and when it happened, `at_micros`. A server without accounts has none.

        Args:
            limit: the most entries; a project has at most 1,000.
        """
        pages = self._client.pages(list_project_activity, self.entity, self.name)
        return list(islice((entry for page in pages for entry in page.entries), limit))

    def to_html(self, height: int = 420, hidden: bool = False) -> str:
        """Return the project's page as an HTML frame.

        Args:
            height: the frame's height in pixels.
            hidden: collapse the frame behind a line that opens it.
        """
        from weft.sdk.display.notebook import page_html

        key = self._client.api_key
        return page_html(self.name, self.url, key, height=height, hidden=hidden)

    def display(self, height: int = 420, hidden: bool = False) -> bool:
        """Show the project's page in the current notebook cell; return whether it was shown."""
        from weft.sdk.display.notebook import display_html, is_notebook

        return is_notebook() and display_html(self.to_html(height, hidden), repr(self))

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        return f"<Project {self.entity}/{self.name}>"


class StoredProjects(Pages[StoredProject]):
    """The projects of an entity, most recently active first."""

    def __init__(self, client: ApiClient, entity: str | None, per_page: int) -> None:
        super().__init__(per_page)
        self._client = client
        self.entity = entity

    def _ask(self, cursor: str | None) -> Page[Project]:  # noqa: ARG002  all projects come on one page
        projects = self._client.call(list_projects).projects
        of_entity = [project for project in projects if self.entity in {None, project.entity}]
        return Page(of_entity, total=len(of_entity))

    def _item(self, fields: Project) -> StoredProject:
        return StoredProject(self._client, fields.entity, fields.project, fields)

    @property
    def length(self) -> int:
        return len(self)

    def __repr__(self) -> str:
        return f"<Projects {self.entity}>"
