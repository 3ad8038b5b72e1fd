"""The outermost fit of a process: its run, and what is logged before and after it."""

from __future__ import annotations

import functools
import multiprocessing
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import weft
from weft.integrations.shielding import warn_of

MAX_TEXT_CHARS: Final = 500
"""Parameters that are objects are logged as texts, which are cut after this."""


@dataclass(frozen=True)
class Options:
    """Arguments of `weft.autolog`."""

    log_models: bool = True
    exclusive: bool = False


@dataclass
class Fit:
    """A fit that is logged.

    Attributes:
        run: the active run, or the fit's own, which ends with it.
        inner: the library whose `train` may log to this fit, once: a booster's, which the class
            like scikit-learn's calls.
    """

    framework: str
    run: weft.Run
    is_own_run: bool
    options: Options
    inner: str | None = None
    state: dict[str, Any] = field(default_factory=dict[str, Any])

    @contextmanager
    def warnings(self) -> Generator[None]:
        """Errors become one warning, and training continues."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  of whatever kind, training goes on
            warn_of(error, f"autolog of {self.framework}")

    def log_config(self, parameters: Mapping[str, Any]) -> None:
        """Add parameters to the config; values that the script or an earlier fit set remain."""
        self.run.config.setdefaults({key: _plain(value) for key, value in parameters.items()})


class Fits:
    """Decides which fits are logged: the outermost one of the process, in any thread.

    A fit that begins in another thread meanwhile counts as part of it: joblib's threads fit the
    candidates of a search.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._is_on = True
        self.current: Fit | None = None

    def stop(self) -> None:
        """Log no more fits: a script may hold on to a patched function."""
        self._is_on = False

    def begin(self, framework: str) -> Fit | None:
        """Begin a fit; None if it is inside another one or is not to be logged."""
        try:
            return self._begin(framework)
        except Exception as error:  # noqa: BLE001  of whatever kind, training goes on
            warn_of(error, f"autolog of {framework}")
            return None

    def _begin(self, framework: str) -> Fit | None:
        # Never waits: in a forked child the lock may be held for ever.
        if not self._is_on or self.current is not None or not self._lock.acquire(blocking=False):
            return None
        try:
            run = weft.run
            if run is not None and (self._options.exclusive or run.finished):
                return None
            if run is None:
                if multiprocessing.parent_process() is not None:
                    return None  # a worker of the process that logs
                run = weft.init()
                self.current = Fit(framework, run, True, self._options)
            else:
                self.current = Fit(framework, run, False, self._options)
            return self.current
        finally:
            self._lock.release()

    def inner(self, library: str) -> Fit | None:
        """The fit that a booster's `train` logs to; the next call returns None."""
        fit = self.current
        if fit is None or fit.inner != library:
            return None
        fit.inner = None
        return fit

    def end(self, fit: Fit, error: BaseException | None) -> None:
        """End a fit, and its own run."""
        try:
            if fit.is_own_run:
                with fit.warnings():
                    fit.run.finish(exit_code=0 if error is None else 1)
        finally:
            self.current = None


@dataclass
class Call:
    """A call that trains: its function, and the arguments, which may be changed."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    instance: Any = None


class Training:
    """The logging of a call that trains. All methods may fail: training continues."""

    def before(self, fit: Fit, call: Call) -> None:
        """Log parameters and add callbacks, before the training."""

    def after(self, fit: Fit, call: Call, result: Any) -> None:
        """Log metrics and models, and take callbacks off, after the training."""

    def undo(self, fit: Fit, call: Call) -> None:
        """Take back what `before` changed, also after an error."""


def run_logged(fits: Fits, fit: Fit, training: Training, call: Call) -> Any:
    """Make a call that trains, within its fit."""
    error: BaseException | None = None
    try:
        _prepare(training, fit, call)
        result = call.function(*call.arguments, **call.options)
        with fit.warnings():
            training.after(fit, call, result)
    except BaseException as raised:
        error = raised
        raise
    else:
        return result
    finally:
        with fit.warnings():
            training.undo(fit, call)
        fits.end(fit, error)


def _prepare(training: Training, fit: Fit, call: Call) -> None:
    """Let a training change the arguments of its call, unless it fails."""
    arguments, options = call.arguments, call.options
    is_prepared = False
    with fit.warnings():
        training.before(fit, call)
        is_prepared = True
    if not is_prepared:
        call.arguments, call.options = arguments, options


def logged_function(fits: Fits, framework: str, function: Any, training: Training) -> Any:
    """A function that trains, with its outermost calls logged."""

    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        inner = fits.inner(framework)
        if inner is not None:
            inner_call = Call(function, arguments, options)
            _prepare(training, inner, inner_call)
            return function(*inner_call.arguments, **inner_call.options)
        fit = fits.begin(framework)
        if fit is None:
            return function(*arguments, **options)
        return run_logged(fits, fit, training, Call(function, arguments, options))

    return call


def logged_method(fits: Fits, framework: str, training: Training) -> Callable[..., Any]:
    """The function that a `PatchedMethod` of a class that trains calls."""

    def around(
        method: Any, instance: Any, arguments: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        fit = fits.begin(framework)
        if fit is None:
            return method(instance, *arguments, **options)
        call = Call(method, (instance, *arguments), options, instance)
        return run_logged(fits, fit, training, call)

    return around


def _plain(value: Any) -> Any:
    """A parameter as config takes it: an object as its text."""
    if isinstance(value, bool | int | float | str | None):
        return value
    if isinstance(value, list | tuple) and len(value) <= 100:
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return " ".join(repr(value).split())[:MAX_TEXT_CHARS]
