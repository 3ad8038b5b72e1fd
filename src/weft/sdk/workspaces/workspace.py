"""`Workspace`: builds, loads and saves saved views of a project. Does network I/O."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import msgspec

from weft.errors import ConfigError
from weft.sdk.reading.api import Api
from weft.sdk.reading.saved_document import SavedDocument
from weft.sdk.workspaces.sections import Section
from weft.sdk.workspaces.settings import (
    RUN_MEMBERS,
    WORKSPACE_SETTINGS,
    RunsetSettings,
    WorkspaceSettings,
)
from weft.wire.projects.views import (
    View,
    ViewCreate,
    ViewEdit,
    ViewInfo,
    create_view,
    delete_view,
    edit_view,
    get_view,
    list_views,
)

Json = dict[str, Any]


@dataclass
class Workspace(SavedDocument):
    """A saved view of a project's workspace: sections of panels over a list of runs.

        import weft.reports as wr
        import weft.workspaces as ws

        workspace = ws.Workspace("mnist", name="Losses", sections=[
            ws.Section("Training", [wr.LinePlot("loss", log_y=True)], is_open=True),
        ], runset_settings=ws.RunsetSettings(groupby=["config.lr"]))
        workspace.save()

    Metrics that are in no section have their own panels below, as in each workspace. What a
    workspace has that these classes don't tell, such as the columns of the runs table, stays as
    it is when it is saved again.

    Args:
        project: the project.
        entity: its owner. Defaults to the entity in `api.settings`.
        name: of the view, unique among those that all see.
        sections: from the top.
        settings: how charts are drawn.
        runset_settings: the list of runs.
        is_personal: if True, it is in your own list alone.
        api: the server. Defaults to `weft.Api()`.

    Attributes:
        id: its id on the server; None before it is saved.

    >>> Workspace("mnist", name="Losses").id is None
    True
    """

    project: str
    entity: str | None = None
    name: str = "Untitled view"
    sections: Sequence[Section] = ()
    settings: WorkspaceSettings = field(default_factory=WorkspaceSettings)
    runset_settings: RunsetSettings = field(default_factory=RunsetSettings)
    is_personal: bool = False
    api: Api | None = field(default=None, repr=False, compare=False, kw_only=True)
    id: str | None = field(default=None, init=False)
    _noun = "view"
    _version: int = field(default=0, init=False, repr=False, compare=False)
    _stored_name: str = field(default="", init=False, repr=False, compare=False)
    _source: Json = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def url(self) -> str:
        """The address of the view.

        Raises:
            ConfigError: the view was not saved.
        """
        return f"{self._api.url}/{'/'.join(self._names)}?view={self._saved_id}"

    def save(self) -> Workspace:
        """Write the view to the server, and return it.

        Raises:
            ConfigError: the name is invalid.
            Conflict: another view has the name.
            Outdated: someone changed the view since it was loaded.
            Forbidden: you may not write in the project, or the view is another user's and the
                name changed.
        """
        if self.id is None:
            return self.save_as_new_view()
        client = self._client
        document = self._document()
        name = None if self.name == self._stored_name else self.name
        edit = ViewEdit(name=name, document=document)
        info = client.send(
            edit_view,
            edit_view.call(*self._names, self.id, edit),
            msgspec.json.encode(edit),
            {"Content-Type": "application/json", "If-Match": f'"{self._version}"'},
        )
        self._note(info, document)
        return self

    def save_as_new_view(self) -> Workspace:
        """Write the view to the server as another one, and return it.

        Raises:
            ConfigError: the name is invalid.
            Conflict: another view has the name.
            Forbidden: you may not write in the project.
        """
        kind = "personal" if self.is_personal else "shared"
        new = ViewCreate(kind=kind, name=self.name, document=self._document())
        stored = self._client.call(create_view, *self._names, new)
        self._note(stored, new.document)
        return self

    def delete(self) -> None:
        """Move the view to the trash.

        Raises:
            ConfigError: the view was not saved.
        """
        self._client.call(delete_view, *self._names, self._saved_id)

    @classmethod
    def load(cls, path: str, *, api: Api | None = None) -> Workspace:
        """Load a view.

        Args:
            path: `entity/project/id`, or the address of the view.
            api: the server. Defaults to `weft.Api()`.

        Raises:
            NotFound: no such view.
        """
        parts = urlsplit(path)
        views = parse_qs(parts.query).get("view", [])
        names = [*(part for part in parts.path.split("/") if part), *views]
        if len(names) != 3:
            raise ConfigError(
                f"a view's path is entity/project/id, or its address with `?view=`, not {path!r}"
            )
        entity, project, id_ = names
        workspace = cls(project, entity, api=api)
        client = workspace._client
        workspace._take(client.call(get_view, entity, project, id_))
        return workspace

    from_url = load

    @staticmethod
    def list(
        project: str, entity: str | None = None, *, api: Api | None = None
    ) -> builtins.list[ViewInfo]:
        """List the views of a project that you see, by name.

        Args:
            project: the project.
            entity: its owner. Defaults to the entity in `api.settings`.
            api: the server. Defaults to `weft.Api()`.

        Returns:
            The `id`, `name`, `kind`, `owner` and times of each, without content.
        """
        chosen = api or Api()
        owner = entity or chosen.settings["entity"]
        return chosen._client.call(list_views, owner, project).views  # noqa: SLF001

    def _document(self) -> Json:
        """The document, with what was loaded and these classes don't tell."""
        source = self._source
        own = cast("Json", source.get("settings", {}))
        settings = {name: value for name, value in own.items() if name not in WORKSPACE_SETTINGS}
        settings |= self.settings.to_json()
        others = {name: value for name, value in source.items() if name not in RUN_MEMBERS}
        keys = self._section_keys()
        listed = sorted(
            zip(keys, self.sections, strict=True), key=lambda entry: not entry[1].pinned
        )
        document = {
            **others,
            **self.runset_settings.to_json(),
            "sections": self._other_sections()
            | {key: section.to_json(key) for key, section in listed},
            "sectionOrder": [key for key, _ in listed],
            "panels": self._other_panels()
            | {
                panel.id: {**panel.to_json(), "id": panel.id, "section": key}
                for key, section in listed
                for panel in section.panels
            },
            "settings": settings,
        }
        return {name: value for name, value in document.items() if value or name in others}

    def _section_keys(self) -> builtins.list[str]:
        """Names of sections in a document, where each has another one."""
        keys: builtins.list[str] = []
        for number, section in enumerate(self.sections, 1):
            key = section.key or section.name
            keys.append(key if key not in keys else f"{key} ({number})")
        return keys

    def _other_sections(self) -> Json:
        """Settings of sections that no one made: those come from the names of metrics."""
        sections = cast("dict[str, Json]", self._source.get("sections", {}))
        return {key: section for key, section in sections.items() if not section.get("isMade")}

    def _other_panels(self) -> Json:
        """Panels in such sections."""
        sections = cast("dict[str, Json]", self._source.get("sections", {}))
        panels = cast("dict[str, Json]", self._source.get("panels", {}))
        own_keys = {key for key, section in sections.items() if section.get("isMade")}
        return {
            id_: panel for id_, panel in panels.items() if panel.get("section") not in own_keys
        }

    def _note(self, stored: ViewInfo, document: Json) -> None:
        """Note what the server has now."""
        self.id, self.name, self._version = stored.id, stored.name, stored.version
        self._stored_name, self._source = stored.name, document
        for key, section in zip(self._section_keys(), self.sections, strict=True):
            section.key = key

    def _take(self, stored: View) -> None:
        document = stored.document
        self._note(stored, document)
        self.is_personal = stored.kind == "personal"
        self.settings = WorkspaceSettings()
        self.settings.read_json(document.get("settings", {}))
        self.runset_settings = RunsetSettings.from_json(document)
        sections = cast("dict[str, Json]", document.get("sections", {}))
        panels = cast("dict[str, Json]", document.get("panels", {}))
        order = cast("builtins.list[str]", document.get("sectionOrder", []))
        own_keys = [key for key, section in sections.items() if section.get("isMade")]
        keys = [key for key in order if key in own_keys]
        keys += [key for key in own_keys if key not in order]
        self.sections = [Section.from_json(key, sections[key], panels) for key in keys]
