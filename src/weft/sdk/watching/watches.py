"""The watched models of one run. `Run.log` asks here for what the next row gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Final, cast

from weft.errors import MissingLibrary, UsageError, WrongType
from weft.sdk.guard import Guard
from weft.sdk.watching.layers import LayerTable
from weft.sdk.watching.model_watch import ModelWatch

_KINDS: Final = {
    "gradients": frozenset({"gradients"}),
    "parameters": frozenset({"parameters"}),
    "all": frozenset({"gradients", "parameters"}),
    None: frozenset[str](),
}


class Watches:
    """The models that one run watches, and the values that they owe to its next row."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._watches: list[ModelWatch] = []
        self._tables: dict[str, tuple[ModelWatch, LayerTable]] = {}
        self._pending: dict[str, Any] = {}
        self._n_models = 0

    def watch(
        self, models: Any, log: str | None, log_freq: float, idx: int | None, *, log_graph: bool
    ) -> None:
        """See `Run.watch`."""
        if log is not None and not isinstance(log, str):
            raise WrongType(f"log must be text or None, not {type(log).__name__}")
        if log not in _KINDS:
            raise UsageError(f"log must be 'gradients', 'parameters', 'all' or None, not {log!r}")
        if log_freq < 1:
            raise UsageError(f"log_freq must be at least 1, not {log_freq!r}")
        listed = _listed(models)
        for index, model in enumerate(listed):
            earlier = self._watch_of(model)
            number = self._n_models if idx is None else idx + index
            prefix = f"graph_{number}/" if number > 0 else ""
            if earlier is not None:
                if idx is None:
                    prefix = earlier.prefix
                self._forget(earlier)
            else:
                self._n_models += 1
            watch = ModelWatch(model, _KINDS[log], prefix, log_freq, self._warn_of_fault)
            self._watches.append(watch)
            if log_graph:
                self._tables[prefix.removesuffix("/") or "graph_0"] = watch, LayerTable(model)

    def unwatch(self, models: Any) -> None:
        """See `Run.unwatch`."""
        listed = _as_list(models)
        if models is None or not listed:
            for watch in self._watches[:]:
                self._forget(watch)
            return
        for model in listed:
            watch = self._watch_of(model)
            if watch is None:
                self._guard.warn("unwatch", f"a {type(model).__name__} was not watched")
            else:
                self._forget(watch)

    def added_to(self, data: Any) -> Any:
        """Return a row with the models' new values; the row's own values take precedence.

        A value that is no mapping is returned as it is.
        """
        if (
            not self._tables
            and not self._pending
            and not any(watch.counts for watch in self._watches)
        ):
            return data
        new = self.take()
        return {**new, **cast("Mapping[str, Any]", data)} if isinstance(data, Mapping) else data

    def take(self) -> dict[str, Any]:
        """Return the new values of all models, by the names in the row. Waits for a GPU."""
        new, self._pending = self._pending, {}
        for watch in self._watches:
            if watch.counts is not None:
                for owner, table in self._tables.values():
                    if owner is watch:  # there was a forward pass, even if no hook told
                        table.finish()
            new |= self._counts_of(watch)
        for name, (_, table) in [*self._tables.items()]:
            if table.graph is not None:
                new[name] = table.graph
                del self._tables[name]
        return new

    def forget(self) -> None:
        """Let go of all models without reading anything, in a forked child."""
        for watch in self._watches:
            watch.close()
        for _, table in self._tables.values():
            table.finish()

    def _counts_of(self, watch: ModelWatch) -> Mapping[str, Any]:
        try:
            return watch.take()
        except Exception as error:  # noqa: BLE001  a fault of the GPU is raised by any call
            watch.close()
            self._warn_of_fault(error)
            return {}

    def _watch_of(self, model: object) -> ModelWatch | None:
        return next((watch for watch in self._watches if watch.model is model), None)

    def _forget(self, watch: ModelWatch) -> None:
        watch.close()
        self._pending |= self._counts_of(watch)
        self._watches.remove(watch)
        for name, (owner, table) in [*self._tables.items()]:
            if owner is watch:
                table.finish()
                del self._tables[name]

    def _warn_of_fault(self, error: Exception) -> None:
        self._guard.warn(
            "watch", f"a watched model can't be counted any more: {type(error).__name__}: {error}"
        )


def _listed(models: Any) -> list[Any]:
    """Return the models, at least one and all of torch, as a list."""
    try:
        torch: Any = import_module("torch")
    except ImportError:
        raise MissingLibrary("watch() takes models of PyTorch, which is not installed") from None
    listed = _as_list(models)
    if not listed:
        raise UsageError("watch() was given an empty list: pass a model, or a list of models")
    for model in listed:
        if not isinstance(model, torch.nn.Module):
            raise WrongType(
                f"watch() takes models of PyTorch (torch.nn.Module), not {type(model).__name__}"
            )
    return listed


def _as_list(models: Any) -> list[Any]:
    return [*cast("Sequence[Any]", models)] if isinstance(models, (list, tuple)) else [models]
