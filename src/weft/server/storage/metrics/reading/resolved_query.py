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
class RunPart:
    """Rows of a run in the file that belong to one requested run.

    Attributes:
        first_series: the number of the requested run's first series.
        part_by_name: the index of each writer's part, by name of the writer. None if the run is
            not divided into parts.
        base_by_name: the start of a writer's times, by name, for writers that do not use the
            origin.
        rank_by_writer, base_by_writer: the parts and starts by number of the writer; filled by
            `ResolvedQuery.read_writers`.
    """

    first_series: int
    part: Part
    part_by_name: Mapping[str, int] | None
    n_parts: int
    base_by_name: Bases = field(default_factory=dict[str, int])
    rank_by_writer: dict[int, int] = field(default_factory=dict[int, int])
    base_by_writer: dict[int, int] = field(default_factory=dict[int, int])

    def series(self, nth_key: int, writer: int) -> int | None:
        """The number of the series for a writer's points of the query's nth metric.

        None if they are not shown.
        """
        if self.part_by_name is None:
            return self.first_series + nth_key
        rank = self.rank_by_writer.get(writer)
        return None if rank is None else self.first_series + nth_key * self.n_parts + rank


@dataclass(slots=True)
class ResolvedQuery:
    """The runs, metrics and series of one query.

    `run_parts` and `origins` are by run in the file; `keys` are indices by the metric's number;
    `names` are ordered by requested run, then key, then part.
    """

    query: SeriesQuery
    run_parts: dict[int, list[RunPart]]
    origins: dict[int, int | None]
    keys: dict[int, int]
    names: list[SeriesName]

    def read_writers(self, view: View) -> None:
        """Look up the numbers of the writers that sources, parts and bases name."""
        every = [run_part for run_parts in self.run_parts.values() for run_part in run_parts]
        number_writers(view, (run_part.part for run_part in every))
        if self.query.parts is None and not any(run_part.base_by_name for run_part in every):
            return
        for run, writer, name in view.writers(self.run_parts):
            for run_part in self.run_parts[run]:
                if run_part.part_by_name is not None and name in run_part.part_by_name:
                    run_part.rank_by_writer[writer] = run_part.part_by_name[name]
                if (
                    name in run_part.base_by_name
                    and run_part.base_by_name[name] != self.origins[run]
                ):
                    run_part.base_by_writer[writer] = run_part.base_by_name[name]

    def rank_writers(self, view: View) -> dict[int, int]:
        """The rank of each writer's name, which orders points with the same x."""
        return {writer: rank for rank, (_, writer, _) in enumerate(view.writers(self.run_parts))}


def resolve_query(database: MetricDatabase, query: SeriesQuery) -> ResolvedQuery:
    """Translate a query into the file's numbers. Unknown metrics and runs are left out."""
    keys: dict[int, str] = {}
    for name in query.keys:
        number = database.find_key(name)
        if number is not None:
            keys[number] = name
    resolved = ResolvedQuery(query, {}, {}, {number: nth for nth, number in enumerate(keys)}, [])
    for name in dict.fromkeys(query.runs):
        part_by_name, parts = None, [None]
        if query.parts is not None:
            writers = query.parts.get(name, {})
            parts = list(dict.fromkeys(writers.values()))
            ranks = {part: nth for nth, part in enumerate(parts)}
            part_by_name = {writer: ranks[part] for writer, part in writers.items()}
        for part in parts_of(database, name, query.lineage.get(name, ())):
            run_part = RunPart(len(resolved.names), part, part_by_name, len(parts))
            if query.axis == "time":
                run_part.base_by_name = query.bases.get(name, {})
            resolved.run_parts.setdefault(part.run, []).append(run_part)
            resolved.origins[part.run] = part.origin
        resolved.names += [(name, key, part) for key in keys.values() for part in parts]
    return resolved
