"""Watches one model: decides when its values are counted, and keeps the newest counts.

Two events tell that gradients are complete:

- an optimizer is about to step. Then `p.grad` is what it will apply: accumulated over several
  backward passes, reduced over processes, unscaled and clipped;
- a backward pass has ended. This is used until an optimizer of torch steps without a closure, and
  for models that are trained without one.

So once an optimizer is known, the model itself has no hooks, and `torch.compile`, `copy.deepcopy`
and `pickle` meet nothing of weft.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Final

from weft.sdk.watching.counting import Counts

_COMPILED: Final = "_orig_mod."
"""The part that `torch.compile` puts into the names of parameters."""


class ModelWatch:
    """The watch of one model, by a weak reference.

    `kinds` are "gradients", "parameters"; `prefix` is the start of its values' names, after the
    kind. Every `log_freq`-th step is counted, beginning with the first. After an error of torch,
    which `on_error` gets, nothing is counted any more. `counts` are None once they were taken.
    """

    def __init__(
        self,
        model: Any,
        kinds: frozenset[str],
        prefix: str,
        log_freq: float,
        on_error: Callable[[Exception], None],
    ) -> None:
        self._torch: Any = import_module("torch")
        self._model: weakref.ref[Any] = weakref.ref(model)
        self._kinds = kinds
        self._prefix = prefix
        self._log_freq = log_freq
        self._on_error = on_error
        self._until_next = 0.0
        self._has_optimizer = False
        self._backward_id: int | None = None
        self._optimizers: weakref.WeakKeyDictionary[Any, tuple[int, bool]] = (
            weakref.WeakKeyDictionary()
        )
        self._handles: list[Any] = []
        self.counts: Counts | None = None
        if not kinds:
            return
        for parameter in model.parameters():
            if parameter.requires_grad:
                hook = parameter.register_post_accumulate_grad_hook(self._on_gradient)
                self._handles.append(hook)
        _listen(self)

    @property
    def model(self) -> Any:
        """The model, or None if it is gone."""
        return self._model()

    @property
    def prefix(self) -> str:
        """See this class."""
        return self._prefix

    def close(self) -> None:
        """Remove all hooks. Counts that were not taken stay."""
        self._remove_hooks()
        _unlisten(self)

    def take(self) -> Mapping[str, Any]:
        """Return the newest histograms by the names in the row; empty if they were taken."""
        counts, self.counts = self.counts, None
        return counts.read() if counts is not None else {}

    def before_step(self, optimizer: Any, *, has_closure: bool) -> None:
        """Take note that an optimizer is about to step; it may be another model's.

        One with a closure, such as LBFGS, computes the gradients only then.
        """
        model = self._model()
        if model is None or has_closure or not self._is_optimizer_of(optimizer, model):
            return
        if not self._has_optimizer:
            if all(parameter.grad is None for parameter in model.parameters()):
                return
            self._has_optimizer = True
            self._remove_hooks()
            # The backward pass before this step has counted already.
            if self.counts is not None:
                self._count(model)
            return
        self._advance(model)

    def _is_optimizer_of(self, optimizer: Any, model: Any) -> bool:
        groups = optimizer.param_groups
        n_groups, is_of_model = self._optimizers.get(optimizer, (0, False))
        if n_groups != len(groups):
            own = {id(parameter) for parameter in model.parameters()}
            is_of_model = any(
                id(parameter) in own for group in groups for parameter in group["params"]
            )
            self._optimizers[optimizer] = len(groups), is_of_model
        return is_of_model

    def _on_gradient(self, _parameter: Any) -> None:
        """Run in a backward pass, once for each parameter that gets a gradient."""
        backward_id = self._torch._C._current_graph_task_id()  # noqa: SLF001
        if backward_id != self._backward_id:
            self._backward_id = backward_id
            engine = self._torch.autograd.Variable._execution_engine  # noqa: SLF001
            # Twice, so that DistributedDataParallel's callbacks come first: it waits for the other
            # processes' gradients in one of them.
            engine.queue_callback(lambda: engine.queue_callback(self._end_backward))

    def _end_backward(self) -> None:
        model = self._model()
        if model is not None and not self._has_optimizer:
            self._advance(model)

    def _advance(self, model: Any) -> None:
        self._until_next -= 1
        if self._until_next <= 0:
            self._until_next = self._log_freq
            self._count(model)

    def _count(self, model: Any) -> None:
        if _is_capturing(self._torch):
            return
        try:
            self.counts = Counts(self._tensors(model))
        except Exception as error:  # noqa: BLE001  never into the user's training
            self.close()
            self._on_error(error)

    def _tensors(self, model: Any) -> Iterator[tuple[str, Any]]:
        """Yield the tensors to count. Parameters are looked up again, as they may be replaced."""
        for name, parameter in model.named_parameters():
            suffix = self._prefix + name.replace(_COMPILED, "")
            if "gradients" in self._kinds and parameter.grad is not None:
                yield f"gradients/{suffix}", parameter.grad
            if "parameters" in self._kinds:
                yield f"parameters/{suffix}", parameter

    def _remove_hooks(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []


def _is_capturing(torch: Any) -> bool:
    """Whether a CUDA graph is being captured, in which nothing may be copied to the host."""
    return torch.cuda.is_available() and torch.cuda.is_current_stream_capturing()


# -- optimizers ---

_listeners: list[weakref.ref[ModelWatch]] = []
_handles: list[Any] = []


def _listen(watch: ModelWatch) -> None:
    _listeners.append(weakref.ref(watch))
    if not _handles:
        optimizers: Any = import_module("torch.optim.optimizer")
        _handles.append(optimizers.register_optimizer_step_pre_hook(_before_step))


def _unlisten(watch: ModelWatch) -> None:
    _listeners[:] = [listener for listener in _listeners if listener() not in {watch, None}]
    if not _listeners:
        while _handles:
            _handles.pop().remove()


def _before_step(optimizer: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Run before each step of each optimizer of the process, unless its step is compiled."""
    if sys.modules["torch"].compiler.is_compiling():
        return  # the ends of backward passes count
    has_closure = (len(args) > 1 and args[1] is not None) or kwargs.get("closure") is not None
    for listener in [*_listeners]:
        watch = listener()
        if watch is not None:
            watch.before_step(optimizer, has_closure=has_closure)
