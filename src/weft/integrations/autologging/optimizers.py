"""Learning rates of PyTorch's optimizers, when they change, in the next row of the active run."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Final
from weakref import WeakKeyDictionary

import weft
from weft.integrations.autologging.fits import Fits
from weft.integrations.patching import Patches
from weft.integrations.shielding import shielded

_WITH_RATES: Final = frozenset({"keras", "transformers"})
"""Frameworks that log learning rates themselves."""


def patch(module: ModuleType, patches: Patches, fits: Fits) -> None:
    """Log the learning rates of all optimizers; a hook of PyTorch's, nothing on the optimizers."""
    handle = module.register_optimizer_step_post_hook(_Rates(fits).after_step)
    patches.on_removal(handle.remove)


class _Rates:
    def __init__(self, fits: Fits) -> None:
        self._fits = fits
        self._run_id = ""
        self._names: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
        self._rates: dict[str, float] = {}

    def after_step(self, optimizer: Any, arguments: Any, options: Any) -> None:  # noqa: ARG002
        """Hook of PyTorch, called after each step of each optimizer."""
        self._log_changes(optimizer)

    @shielded
    def _log_changes(self, optimizer: Any) -> None:
        run = weft.run
        if run is None:
            return
        fit = self._fits.current
        if fit is not None and fit.framework in _WITH_RATES:
            return
        if run.id != self._run_id:
            self._run_id, self._rates, self._names = run.id, {}, WeakKeyDictionary()
        name = self._names.get(optimizer) or self._new_name(optimizer)
        groups = optimizer.param_groups
        changes: dict[str, float] = {}
        for number, group in enumerate(groups, 1):
            rate = group["lr"]
            if not isinstance(rate, float | int):
                if rate.device.type != "cpu":
                    continue  # reading it would wait for the device
                rate = rate.item()
            key = name if len(groups) == 1 else f"{name}/pg{number}"
            if self._rates.get(key) != rate:
                changes[key] = self._rates[key] = rate
        if changes:
            run.log(changes, commit=False)

    def _new_name(self, optimizer: Any) -> str:
        """`lr-Adam`, and `lr-Adam-1` for the second one: the names of Lightning's monitor."""
        base = f"lr-{type(optimizer).__name__}"
        n_before = sum(name.startswith(base) for name in self._names.values())
        self._names[optimizer] = name = f"{base}-{n_before}" if n_before else base
        return name
