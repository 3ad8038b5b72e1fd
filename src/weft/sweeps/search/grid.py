"""Grid search: every combination of values, once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from weft.sweeps.space import Parameters, Space
from weft.sweeps.trials import Trial

Combination = tuple[int, ...]
"""Indices of values, by place of the parameter; -1 for one that does not apply."""


class GridSearch:
    """Hands out the combinations in order: the last parameter changes fastest.

    Two combinations that differ only in parameters that do not apply are one.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        self._names = list(space)
        self._values = [parameter.distribution.values() or [] for parameter in space.values()]
        self._size = count_combinations(space)
        self._taken: dict[int, Combination | None] = {}
        self._counts: dict[Combination, int] = {}
        self._next = _combinations(space, ())
        self._freed: list[Combination] = []

    def tell(self, trial: Trial) -> None:
        """Take note that a trial has its combination."""
        if trial.number in self._taken:
            return
        combination = self._indices(trial.parameters)
        self._taken[trial.number] = combination
        if combination is not None:
            self._counts[combination] = self._counts.get(combination, 0) + 1

    def forget(self, number: int) -> None:
        """Hand the combination of a trial out again, unless another trial has it."""
        combination = self._taken.pop(number, None)
        if combination is None:
            return
        self._counts[combination] -= 1
        if self._counts[combination] == 0:
            del self._counts[combination]
            self._freed.append(combination)

    def ask(self, numbers: Sequence[int]) -> list[Parameters]:
        """The next combinations that no trial has."""
        sets: list[Parameters] = []
        for number, combination in zip(numbers, self._untaken(), strict=False):
            self._taken[number] = combination
            self._counts[combination] = 1
            sets.append(_parameters(self._space, combination))
        return sets

    def n_left(self) -> int:
        """The number of combinations that no trial has."""
        return self._size - len(self._counts)

    def _untaken(self) -> Iterator[Combination]:
        while self._freed:
            combination = self._freed.pop(0)
            if combination not in self._counts:
                yield combination
        for combination in self._next:
            if combination not in self._counts:
                yield combination

    def _indices(self, parameters: Parameters) -> Combination | None:
        indices: list[int] = []
        for name, values in zip(self._names, self._values, strict=True):
            if name not in parameters:
                indices.append(-1)
                continue
            position = self._space[name].distribution.position(parameters[name])
            if position is None:
                return None
            indices.append(int(position * len(values)))
        return tuple(indices)


def count_combinations(space: Space) -> int:
    """The number of combinations; with conditions, each is counted.

    >>> from weft.sweeps.config import parse_config
    >>> parameters = {"a": {"values": [1, 2]}, "b": {"min": 1, "max": 3}}
    >>> count_combinations(parse_config({"method": "grid", "parameters": parameters}).space)
    6
    """
    conditional = {name for name, parameter in space.items() if parameter.when}
    deciding = {other for parameter in space.values() for other in parameter.when}
    entangled: Space = {
        name: parameter for name, parameter in space.items() if name in conditional | deciding
    }
    size = sum(1 for _ in _combinations(entangled, ())) if entangled else 1
    for name, parameter in space.items():
        if name not in entangled:
            size *= len(parameter.distribution.values() or ())
    return size


def _combinations(space: Space, chosen: Combination) -> Iterator[Combination]:
    """All combinations that begin with these indices."""
    if len(chosen) == len(space):
        yield chosen
        return
    parameter = list(space.values())[len(chosen)]
    if not parameter.applies(_parameters(space, chosen)):
        yield from _combinations(space, (*chosen, -1))
        return
    for index in range(len(parameter.distribution.values() or ())):
        yield from _combinations(space, (*chosen, index))


def _parameters(space: Space, combination: Combination) -> Parameters:
    parameters: Parameters = {}
    for (name, parameter), index in zip(space.items(), combination, strict=False):
        values = parameter.distribution.values()
        if index >= 0 and values is not None:
            parameters[name] = values[index]
    return parameters
