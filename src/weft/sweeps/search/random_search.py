"""Random search: each parameter set is drawn from the distributions."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from weft.sweeps.space import Parameters, Space
from weft.sweeps.trials import Trial


class RandomSearch:
    """Draws the parameter set of a number from the seed and the number alone."""

    def __init__(self, space: Space, seed: int) -> None:
        self._space, self._seed = space, seed

    def tell(self, trial: Trial) -> None:
        """Nothing: trials do not depend on each other."""

    def forget(self, number: int) -> None:
        """Nothing: trials do not depend on each other."""

    def ask(self, numbers: Sequence[int]) -> list[Parameters]:
        """Draw a parameter set for each number."""
        return [draw(self._space, self._seed, number) for number in numbers]

    def n_left(self) -> int | None:
        """There is no end, unless all parameters are constants."""
        return None


def draw(space: Space, seed: int, number: int) -> Parameters:
    """A parameter set from the distributions."""
    random = Random(f"{seed}/{number}")
    parameters: Parameters = {}
    for name, parameter in space.items():
        if parameter.applies(parameters):
            parameters[name] = parameter.distribution.draw(random)
    return parameters
