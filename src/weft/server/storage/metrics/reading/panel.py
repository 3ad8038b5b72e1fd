"""Translates a chart's query into the file's numbers of runs, metrics, writers and series.

Pure, except that it reads the names of writers. `scan` and `by_metric` begin with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from weft.server.storage.contract import Bases, SeriesQuery
from weft.server.storage.grid.merge import SeriesName
from weft.server.storage.metrics.reading.parts import Part, number_writers, parts_of
from weft.server.storage.metrics.view import MetricDatabase, View


@dataclass(slots=True)
class Shown:
    """Rows of a run in the file that belong to one requested run.

    Attributes:
        divided: the index of each writer's part, by name of the writer. None if the run is not
            divided into parts.
        ranks: the same by number of the writer, once `read_writers` was called.
        based: what a writer's times count from, by name, for writers that do not use the origin.
        bases: the same by number of the writer, once `read_writers` was called.
    """

    base: int
    part: Part
    divided: Mapping[str, int] | None
    n_parts: int
    ranks: dict[int, int] = field(default_factory=dict[int, int])
    based: Bases = field(default_factory=dict[str, int])
    bases: dict[int, int] = field(default_factory=dict[int, int])

    def series(self, nth_key: int, writer: int) -> int | None:
        """The number of the series for a writer's points of the panel's nth metric.

        None if they are not shown.
        """
        if self.divided is None:
            return self.base + nth_key
        rank = self.ranks.get(writer)
        return None if rank is None else self.base + nth_key * self.n_parts + rank


@dataclass(slots=True)
class Panel:
    """The runs, metrics and series of one query.

    `shown` and `origins` are by run in the file; `keys` are indices by the metric's number;
    `names` are ordered by requested run, then key, then part.
    """

    query: SeriesQuery
    shown: dict[int, list[Shown]]
    origins: dict[int, int | None]
    keys: dict[int, int]
    names: list[SeriesName]

    def read_writers(self, view: View) -> None:
        """Look up the numbers of the writers that sources, parts and bases name."""
        every = [show for shows in self.shown.values() for show in shows]
        number_writers(view, (show.part for show in every))
        if self.query.parts is None and not any(show.based for show in every):
            return
        for run, writer, name in view.writers(self.shown):
            for show in self.shown[run]:
                if show.divided is not None and name in show.divided:
                    show.ranks[writer] = show.divided[name]
                if name in show.based and show.based[name] != self.origins[run]:
                    show.bases[writer] = show.based[name]

    def rank_writers(self, view: View) -> dict[int, int]:
        """The rank of each writer's name, which orders points with the same x."""
        return {writer: rank for rank, (_, writer, _) in enumerate(view.writers(self.shown))}


def open_panel(database: MetricDatabase, query: SeriesQuery) -> Panel:
    """Translate a query into the file's numbers. Unknown metrics and runs are left out."""
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
            ranks = {part: nth for nth, part in enumerate(parts)}
            divided = {writer: ranks[part] for writer, part in writers.items()}
        for part in parts_of(database, name, query.lineage.get(name, ())):
            show = Shown(len(panel.names), part, divided, len(parts))
            if query.axis == "time":
                show.based = query.bases.get(name, {})
            panel.shown.setdefault(part.run, []).append(show)
            panel.origins[part.run] = part.origin
        panel.names += [(name, key, part) for key in keys.values() for part in parts]
    return panel
