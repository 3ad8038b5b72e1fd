"""What one chart asks, in the file's numbers: which runs' rows, which metrics, which series.

Pure but for the names of writers, which are read. Made first by `scan` and `by_metric`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from weft.server.storage.contract import Bases, SeriesQuery
from weft.server.storage.grid.merge import SeriesName
from weft.server.storage.metrics.database import Database, Snapshot
from weft.server.storage.metrics.reading.parts import Part, number_writers, parts_of
from weft.server.storage.metrics.schema import listed


@dataclass(slots=True)
class Shown:
    """Rows of a run in the file that belong to one asked run.

    Attributes:
        base: number of the asked run's first series.
        divided: by name of the writer, the place of its part; None = the run is not divided.
        places: the same by number of the writer, once `read_writers` was called.
        based: by name of the writer, what its times count from where that is not the origin.
        bases: the same by number of the writer, once `read_writers` was called.
    """

    base: int
    part: Part
    divided: Mapping[str, int] | None
    n_parts: int
    places: dict[int, int] = field(default_factory=dict[int, int])
    based: Bases = field(default_factory=dict[str, int])
    bases: dict[int, int] = field(default_factory=dict[int, int])

    def series(self, nth_key: int, writer: int) -> int | None:
        """The number of the series that a writer's points of a metric belong to; None = none."""
        if self.divided is None:
            return self.base + nth_key
        place = self.places.get(writer)
        return None if place is None else self.base + nth_key * self.n_parts + place


@dataclass(slots=True)
class Panel:
    """What one query works on.

    Attributes:
        shown: by run in the file: how asked runs show it.
        origins: by run in the file.
        keys: by number, its place among the keys.
        names: of each series: those of the first asked run, key by key, part by part, …
    """

    query: SeriesQuery
    shown: dict[int, list[Shown]]
    origins: dict[int, int | None]
    keys: dict[int, int]
    names: list[SeriesName]

    def read_writers(self, view: Snapshot) -> None:
        """Look up the writers that sources, parts and bases name."""
        every = [show for some in self.shown.values() for show in some]
        number_writers(view, (show.part for show in every))
        if self.query.parts is None and not any(show.based for show in every):
            return
        runs = listed(self.shown)
        for run, writer, name in view.db.execute(
            f"SELECT run, writer, name FROM writer WHERE run IN {runs}"
        ):
            for show in self.shown[run]:
                if show.divided is not None and name in show.divided:
                    show.places[writer] = show.divided[name]
                if name in show.based and show.based[name] != self.origins[run]:
                    show.bases[writer] = show.based[name]

    def rank_writers(self, view: Snapshot) -> dict[int, int]:
        """The place of each writer's name: which of two points at one x comes first."""
        rows = view.db.execute(
            f"SELECT writer FROM writer WHERE run IN {listed(self.shown)} ORDER BY name"
        )
        return {writer: rank for rank, (writer,) in enumerate(rows)}


def open_panel(database: Database, query: SeriesQuery) -> Panel:
    """Put a query into numbers; metrics and runs that there are not are left out."""
    keys: dict[int, str] = {}
    for name in query.keys:
        number = database.find_key(name)
        if number is not None:
            keys[number] = name
    panel = Panel(query, {}, {}, {number: nth for nth, number in enumerate(keys)}, [])
    for name in dict.fromkeys(query.runs):
        divided, parts = None, [None]
        if query.parts is not None:
            writers = query.parts.get(name, {})
            parts = list(dict.fromkeys(writers.values()))
            places = {part: nth for nth, part in enumerate(parts)}
            divided = {writer: places[part] for writer, part in writers.items()}
        for part in parts_of(database, name, query.lineage.get(name, ())):
            show = Shown(len(panel.names), part, divided, len(parts))
            if query.axis == "time":
                show.based = query.bases.get(name, {})
            panel.shown.setdefault(part.run, []).append(show)
            panel.origins[part.run] = part.origin
        panel.names += [(name, key, part) for key in keys.values() for part in parts]
    return panel
