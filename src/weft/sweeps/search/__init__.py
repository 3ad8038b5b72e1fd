"""Search engines: they choose parameter sets.

Each has `tell`, which it is told of each trial with, and `ask`, which gives parameter sets. They
keep no clock and do no I/O. The same seed, numbers and trials give the same parameter sets.
"""

from __future__ import annotations

from weft.sweeps.config import SweepConfig
from weft.sweeps.search.engine import Search
from weft.sweeps.search.grid import GridSearch, count_combinations
from weft.sweeps.search.random_search import RandomSearch


def open_search(config: SweepConfig, seed: int) -> Search:
    """The search engine of a configuration; `seed` is used if that has none."""
    if config.seed is not None:
        seed = config.seed
    if config.method == "grid":
        return GridSearch(config.space)
    if config.sampler is None:
        return RandomSearch(config.space, seed)
    from weft.sweeps.search.model import ModelSearch

    return ModelSearch(config, seed)


def size_of(config: SweepConfig) -> int | None:
    """The number of parameter sets; None if there is no end."""
    return count_combinations(config.space) if config.method == "grid" else None
