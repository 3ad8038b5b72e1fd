"""`Section`: panels of a workspace under a title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from weft.sdk.reports.grids import Panel
from weft.sdk.workspaces.settings import (
    PANEL_SETTINGS,
    SectionLayoutSettings,
    SectionPanelSettings,
)

Json = dict[str, Any]

_GRID: Final = 12


@dataclass
class Section:
    """A section of a workspace.

    Args:
        name: its title.
        panels: in the order in which they are drawn.
        is_open: whether its panels are shown at first.
        pinned: if True, it comes before sections that are not. One that was loaded is False: the
            order of sections tells.
        layout_settings: columns and rows.
        panel_settings: how its line charts are drawn.

    Attributes:
        key: its name in the document, of a section that was loaded.
    """

    name: str
    panels: Sequence[Panel] = ()
    is_open: bool = False
    pinned: bool = False
    layout_settings: SectionLayoutSettings = field(default_factory=SectionLayoutSettings)
    panel_settings: SectionPanelSettings = field(default_factory=SectionPanelSettings)
    key: str = field(default="", init=False, repr=False, compare=False)
    _source: Json = field(default_factory=dict, init=False, repr=False, compare=False)

    def to_json(self, key: str) -> Json:
        """The section as JSON, but for its panels; `key` is its name in the document."""
        own = cast("Json", self._source.get("settings", {}))
        settings = {name: value for name, value in own.items() if name not in PANEL_SETTINGS}
        settings |= self.panel_settings.to_json()
        layout = self.layout_settings
        return {
            **self._source,
            **({} if self.name == key else {"title": self.name}),
            "isMade": True,
            "isOpen": self.is_open,
            "order": [panel.id for panel in self.panels],
            "span": max(1, round(_GRID / layout.columns)),
            "rows": layout.rows,
            **({"settings": settings} if settings else {}),
        }

    @classmethod
    def from_json(cls, key: str, source: Json, panels: Mapping[str, Json]) -> Section:
        """The section of JSON, with its own of all panels."""
        own = [id_ for id_, panel in panels.items() if panel.get("section") == key]
        order = cast("list[str]", source.get("order", []))
        ids = [*(id_ for id_ in order if id_ in own), *(id_ for id_ in own if id_ not in order)]
        settings = SectionPanelSettings()
        settings.read_json(source.get("settings", {}))
        span, rows = source.get("span"), source.get("rows")
        first = SectionLayoutSettings()
        section = cls(
            source.get("title") or key,
            [Panel.from_json(id_, panels[id_]) for id_ in ids],
            is_open=bool(source.get("isOpen")),
            layout_settings=SectionLayoutSettings(
                first.columns if span is None else round(_GRID / span), rows or first.rows
            ),
            panel_settings=settings,
        )
        section.key, section._source = key, source
        return section
