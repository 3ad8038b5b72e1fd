"""Model-based search, by the samplers of Optuna.

A number is searched by its position in its distribution, so that each of W&B's distributions is
one that Optuna knows. The first trials are drawn at random.
"""

from __future__ import annotations

import importlib.util
import logging
import warnings
from collections.abc import Sequence
from typing import Any, Final

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState, create_trial

from weft.errors import MissingLibrary
from weft.sweeps.config import SweepConfig
from weft.sweeps.distributions import Choices, Value
from weft.sweeps.search.random_search import draw
from weft.sweeps.search.tpe import BatchedTpe
from weft.sweeps.space import Parameter, Parameters
from weft.sweeps.trials import Trial

RANDOM_TRIALS: Final = 10
"""Finished trials that a model needs; until then parameter sets are drawn at random."""

MAX_MODEL_VALUES: Final = 100_000
"""Most values of parameters that a model is made of: about 2 s. Of more trials, it is made of the
newest and the best."""

_MIN_TRIALS: Final = 100
_GP_TRIALS: Final = 500
"""Most trials of a Gaussian process, whose time grows with their third power."""

_BEST_TRIALS: Final = 25
"""The most trials that TPE takes as good ones."""

_NEEDS: Final = {"gp": ("torch", "scipy"), "cmaes": ("cmaes",), "qmc": ("scipy",)}


class ModelSearch:
    """Chooses parameter sets from what earlier ones gave."""

    def __init__(self, config: SweepConfig, seed: int) -> None:
        self._space, self._metrics, self._seed = config.space, config.metrics, seed
        self._sampler = config.sampler or "tpe"
        for library in _NEEDS.get(self._sampler, ()):
            if importlib.util.find_spec(library) is None:
                raise MissingLibrary(
                    f"sampler {self._sampler} needs {library}, which is not installed; "
                    f"pip install {library}, or use sampler: tpe"
                )
        self._searched: dict[str, BaseDistribution] = {
            name: _searched(parameter)
            for name, parameter in config.space.items()
            if parameter.varies()
        }
        self._max_trials = max(_MIN_TRIALS, MAX_MODEL_VALUES // max(1, len(self._searched)))
        if self._sampler == "gp":
            self._max_trials = min(self._max_trials, _GP_TRIALS)
        self._trials: dict[int, Trial] = {}
        self._study: optuna.Study | None = None
        self._of_study: dict[int, int] = {}

    def tell(self, trial: Trial) -> None:
        """Take note of a trial, and of what came of it."""
        previous = self._trials.get(trial.number)
        if previous == trial:
            return
        self._trials[trial.number] = trial
        if self._study is None:
            return
        if previous is None:
            self._add(self._study, trial)
        elif previous.is_open and previous.values is None:
            self._end(self._study, trial)
        else:
            self._study = None

    def forget(self, number: int) -> None:
        """Forget a trial."""
        if self._trials.pop(number, None) is not None:
            self._study = None

    def n_left(self) -> int | None:
        """There is no end."""
        return None

    def ask(self, numbers: Sequence[int]) -> list[Parameters]:
        """Choose a parameter set for each number, all from the trials that are known now."""
        if not numbers:
            return []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self._choose(numbers)

    def _choose(self, numbers: Sequence[int]) -> list[Parameters]:
        n_known = sum(1 for trial in self._trials.values() if trial.values is not None)
        if not self._searched or (self._sampler != "qmc" and n_known < RANDOM_TRIALS):
            return [draw(self._space, self._seed, number) for number in numbers]
        study = self._open_study()
        if self._sampler == "tpe":
            return self._choose_by_tpe(study, numbers)
        return [self._choose_one(study, number) for number in numbers]

    def _choose_by_tpe(self, study: optuna.Study, numbers: Sequence[int]) -> list[Parameters]:
        sampler = BatchedTpe(seed=self._seed_of(numbers[0]), n_sets=len(numbers))
        return [
            self._complete(number, positions)
            for number, positions in zip(numbers, sampler.sets(study, self._searched), strict=True)
        ]

    def _choose_one(self, study: optuna.Study, number: int) -> Parameters:
        study.sampler = self._other_sampler(number)
        trial = study.ask(self._searched)
        self._of_study[number] = trial.number
        return self._complete(number, trial.params)

    def _other_sampler(self, number: int) -> optuna.samplers.BaseSampler:
        seed = self._seed_of(number)
        if self._sampler == "gp":
            return optuna.samplers.GPSampler(seed=seed, n_startup_trials=0)
        if self._sampler == "qmc":
            return optuna.samplers.QMCSampler(seed=self._seed % 2**32, scramble=True)
        return optuna.samplers.CmaEsSampler(
            seed=seed, n_startup_trials=0, warn_independent_sampling=False
        )

    def _seed_of(self, number: int) -> int:
        return (self._seed * 1_000_003 + number) % 2**32

    def _complete(self, number: int, positions: dict[str, Any]) -> Parameters:
        """The values at these positions; what the model does not know is drawn at random."""
        drawn = draw(self._space, self._seed, number)
        parameters: Parameters = {}
        for name, parameter in self._space.items():
            if not parameter.applies(parameters):
                continue
            if name in positions:
                parameters[name] = _value(parameter, positions[name])
            elif name in drawn:
                parameters[name] = drawn[name]
            else:
                parameters[name] = parameter.distribution.at(0.5)
        return parameters

    def _open_study(self) -> optuna.Study:
        if self._study is None or len(self._of_study) > 2 * self._max_trials:
            optuna.logging.set_verbosity(logging.WARNING)
            self._study = optuna.create_study(
                directions=[metric.goal for metric in self._metrics],
                sampler=optuna.samplers.RandomSampler(seed=self._seed % 2**32),
            )
            self._of_study = {}
            for trial in self._trials_of_model():
                self._add(self._study, trial)
        return self._study

    def _trials_of_model(self) -> list[Trial]:
        """The trials that a model is made of: all, or the newest and the best of too many."""
        trials = sorted(self._trials.values(), key=lambda trial: trial.number)
        if len(trials) <= self._max_trials:
            return trials
        n_old = len(trials) - self._max_trials + _BEST_TRIALS
        metric = self._metrics[0]
        valued = [trial for trial in trials[:n_old] if trial.values is not None]
        valued.sort(key=lambda trial: metric.loss((trial.values or (0.0,))[0]))
        return [*valued[:_BEST_TRIALS], *trials[n_old:]]

    def _add(self, study: optuna.Study, trial: Trial) -> None:
        frozen = self._frozen(trial)
        if frozen is not None and trial.number not in self._of_study:
            self._of_study[trial.number] = len(study.get_trials(deepcopy=False))
            study.add_trial(frozen)

    def _end(self, study: optuna.Study, trial: Trial) -> None:
        number = self._of_study.get(trial.number)
        if number is None or (trial.is_open and trial.values is None):
            return
        if trial.values is None:
            study.tell(number, state=_FAILED[len(self._metrics) > 1], skip_if_finished=True)
        else:
            study.tell(number, list(trial.values), skip_if_finished=True)

    def _frozen(self, trial: Trial) -> FrozenTrial | None:
        """A trial in Optuna's form; None if Optuna has no use for it."""
        positions: dict[str, Any] = {}
        distributions: dict[str, BaseDistribution] = {}
        for name, distribution in self._searched.items():
            if name not in trial.parameters:
                continue
            position = _position(self._space[name], trial.parameters[name])
            if position is None:
                return None
            positions[name], distributions[name] = position, distribution
        several = len(self._metrics) > 1
        if trial.values is not None:
            state, values = TrialState.COMPLETE, list(trial.values)
        elif trial.is_open:
            state, values = TrialState.RUNNING, None
        else:
            state, values = _FAILED[several], None
        return create_trial(
            state=state, values=values, params=positions, distributions=distributions
        )


# A pruned trial without a value counts as worse than all others; with several metrics Optuna
# knows none.
_FAILED: Final = {False: TrialState.PRUNED, True: TrialState.FAIL}


def _searched(parameter: Parameter) -> BaseDistribution:
    """The form in which Optuna searches a parameter: a choice, a step, or a position."""
    distribution = parameter.distribution
    if isinstance(distribution, Choices):
        return CategoricalDistribution(range(len(distribution.values())))
    steps = distribution.steps()
    return FloatDistribution(0.0, 1.0) if steps is None else IntDistribution(0, steps - 1)


def _value(parameter: Parameter, position: Any) -> Value:
    distribution = parameter.distribution
    if isinstance(distribution, Choices):
        return distribution.values()[position]
    steps = distribution.steps()
    return distribution.at(position if steps is None else (position + 0.5) / steps)


def _position(parameter: Parameter, value: Value) -> Any:
    distribution = parameter.distribution
    if isinstance(distribution, Choices):
        return distribution.index(value)
    position = distribution.position(value)
    steps = distribution.steps()
    return position if position is None or steps is None else int(position * steps)
