"""The module-level names for the current run, and a process's setup and teardown.

`weft.run`, `weft.config` and `weft.summary` are looked up at each access, so they always refer to
the current run. The functions here delegate to it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, cast

from weft.errors import UsageError, WrongType
from weft.sdk.rows.steps import FloatOrInt
from weft.sdk.session import session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from weft.sdk.artifacts.artifact import Artifact
    from weft.sdk.recording.alert import AlertLevel
    from weft.sdk.rows.metric import Metric
    from weft.sdk.run import Run
    from weft.sdk.setup.settings import Settings


def log(
    data: Mapping[str, Any], step: FloatOrInt | None = None, commit: bool | None = None
) -> None:
    """Record one row of the current run's history; see `Run.log`.

    Raises:
        UsageError: there is no current run, or the arguments are invalid.

    >>> import weft
    >>> run = weft.init(mode="disabled")
    >>> weft.log({"loss": 0.5})
    >>> weft.finish()
    """
    run = session.run
    if run is None:
        raise _no_run("log()")
    run.log(data, step, commit)


def define_metric(
    name: str,
    step_metric: str | Metric | None = None,
    step_sync: bool | None = None,
    hidden: bool | None = None,
    summary: str | Iterable[str] | None = None,
    goal: str | None = None,
    overwrite: bool | None = None,
) -> Metric:
    """Choose a metric's x axis and summary in the current run; see `Run.define_metric`.

    >>> import weft
    >>> run = weft.init(mode="disabled")
    >>> weft.define_metric("val/*", step_metric="epoch").step_metric
    'epoch'
    >>> weft.finish()
    """
    run = _run_for("define_metric()")
    return run.define_metric(name, step_metric, step_sync, hidden, summary, goal, overwrite)


def alert(
    title: str,
    text: str,
    level: str | AlertLevel | None = None,
    wait_duration: float | timedelta | None = None,
) -> None:
    """Record a message for people to see; see `Run.alert`.

    >>> import weft
    >>> run = weft.init(mode="disabled")
    >>> weft.alert("diverged", "the loss is NaN", level=weft.AlertLevel.WARN)
    >>> weft.finish()
    """
    _run_for("alert()").alert(title, text, level, wait_duration)


def mark_preempting() -> None:
    """Announce that the machine is about to be preempted; see `Run.mark_preempting`.

    >>> import weft
    >>> run = weft.init(mode="disabled")
    >>> weft.mark_preempting()
    >>> weft.finish()
    """
    _run_for("mark_preempting()").mark_preempting()


def pin_config_keys(keys: Iterable[str] = ()) -> None:
    """Show these config items first on the run's page; see `Run.pin_config_keys`.

    >>> import weft
    >>> run = weft.init(mode="disabled", config={"lr": 0.1})
    >>> weft.pin_config_keys(["lr"])
    >>> weft.finish()
    """
    _run_for("pin_config_keys()").pin_config_keys(keys)


def save(
    glob_str: str | os.PathLike[str] | bytes,
    base_path: str | os.PathLike[str] | None = None,
    policy: Literal["live", "now", "end"] = "live",
    glob: bool = True,
) -> list[str]:
    """Keep files with the current run; see `Run.save`.

    >>> import pathlib, tempfile, weft
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "model.pt").write_text("weights")
    >>> run = weft.init(mode="disabled")
    >>> len(weft.save(folder / "model.pt"))
    1
    >>> weft.finish()
    """
    return _run_for("save()").save(glob_str, base_path, policy, glob)


def log_artifact(
    artifact_or_path: Artifact | str | os.PathLike[str],
    name: str | None = None,
    type: str | None = None,  # noqa: A002  W&B's name
    aliases: Sequence[str] | None = None,
    tags: Sequence[str] | None = None,
) -> Artifact:
    """Log a version of an artifact by the current run; see `Run.log_artifact`."""
    run = _run_for("log_artifact()")
    return run.log_artifact(artifact_or_path, name, type, aliases, tags)


def use_artifact(
    artifact_or_name: Artifact | str,
    type: str | None = None,  # noqa: A002  W&B's name
    aliases: Sequence[str] | None = None,
    use_as: str | None = None,
) -> Artifact:
    """Use a version of an artifact in the current run; see `Run.use_artifact`."""
    return _run_for("use_artifact()").use_artifact(artifact_or_name, type, aliases, use_as)


def log_model(
    path: str | os.PathLike[str],
    name: str | None = None,
    aliases: Sequence[str] | None = None,
) -> Artifact:
    """Log a version of a model by the current run; see `Run.log_model`."""
    return _run_for("log_model()").log_model(path, name, aliases)


def link_model(
    path: str | os.PathLike[str],
    registered_model_name: str,
    name: str | None = None,
    aliases: Sequence[str] | None = None,
) -> Artifact:
    """Log a version of a model by the current run and link it; see `Run.link_model`."""
    return _run_for("link_model()").link_model(path, registered_model_name, name, aliases)


def use_model(name: str) -> str:
    """Use a version of a model in the current run, and fetch it; see `Run.use_model`."""
    return _run_for("use_model()").use_model(name)


def log_code(
    root: str | os.PathLike[str] | None = ".",
    name: str | None = None,
    include_fn: Callable[..., bool] | None = None,
    exclude_fn: Callable[..., bool] | None = None,
) -> list[str]:
    """Keep the source files of the script with the current run; see `Run.log_code`."""
    return _run_for("log_code()").log_code(root, name, include_fn, exclude_fn)


def watch(
    models: Any,
    criterion: Any = None,
    log: str | None = "gradients",
    log_freq: float = 1000,
    idx: int | None = None,
    log_graph: bool = False,
) -> None:
    """Log histograms of a PyTorch model's gradients and parameters; see `Run.watch`.

    Raises:
        UsageError: there is no current run, or an argument is invalid.
        MissingLibrary: PyTorch is not installed.
    """
    _run_for("watch()").watch(models, criterion, log, log_freq, idx, log_graph)


def unwatch(models: Any = None) -> None:
    """Stop watching models in the current run; see `Run.unwatch`.

    Raises:
        UsageError: there is no current run.
    """
    _run_for("unwatch()").unwatch(models)


def finish(exit_code: int | None = None, quiet: bool | None = None) -> None:
    """Finish the current run, if there is one. See `Run.finish`.

    >>> import weft
    >>> weft.finish()
    """
    if session.run is not None:
        session.run.finish(exit_code, quiet)


def attach(run_id: str) -> Run:
    """Make an active run of this process the current one and return it.

    Args:
        run_id: the run's id.

    Raises:
        UsageError: no active run of this process has this id.

    >>> import weft
    >>> run = weft.init(mode="disabled", reinit="create_new")
    >>> weft.attach(run.id) is run and weft.run is run
    True
    >>> weft.finish()
    """
    with session.lock:
        for run in session.runs:
            if run.id == run_id:
                session.run = run
                return cast("Run", run)
    raise UsageError(
        f"no run {run_id!r} is active in this process; weft.init(id={run_id!r}) joins it as a "
        "further writer, resume='must' continues it"
    )


def setup(settings: Mapping[str, Any] | Settings | None = None) -> Settings:
    """Choose settings for all runs of this process.

    They override environment variables and settings files; arguments of `init` override them.

    Returns:
        The settings that a run started now would have.

    Raises:
        ConfigError: a setting is unknown or its value is invalid.

    >>> import weft
    >>> weft.setup({"project": "mnist"}).project
    'mnist'
    >>> weft.teardown()
    """
    from weft.sdk.setup.precedence import process_settings, read_settings

    process_settings.update(settings)
    return read_settings({})


def teardown(exit_code: int | None = None) -> None:
    """End all runs of this process and their upload, and clear the settings made by `setup`.

    Args:
        exit_code: exit code of the runs: 0 or None for finished, any other number for failed.

    >>> import weft
    >>> weft.teardown()
    """
    from weft.sdk.setup.precedence import process_settings

    for run in session.runs[:]:
        run.finish(exit_code)
    session.uploads.close(wait=True)
    session.early_config = None
    process_settings.clear()


class Current:
    """`weft.config` or `weft.summary` before `init`: delegates to the current run's.

    This lets `from weft import config` work at the top of a module.
    """

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_name", name)

    def _target(self) -> Any:
        name: str = object.__getattribute__(self, "_name")
        if session.run is None:
            raise _no_run(name)
        return getattr(session.run, name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and session.run is None:
            raise AttributeError(name)  # `inspect` and `copy` probe for optional attributes
        return getattr(self._target(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._target(), name, value)

    def __getitem__(self, key: str) -> Any:
        return self._target()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._target()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._target()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._target()

    def __iter__(self) -> Iterator[str]:
        return iter(self._target())

    def __len__(self) -> int:
        return len(self._target())

    def __repr__(self) -> str:
        return repr(self._target()) if session.run is not None else "<weft: no run yet>"


def current(name: str) -> Any:
    """Return the present value of `weft.run`, `weft.config` or `weft.summary`."""
    if name == "run":
        return session.run
    if session.run is not None:
        return getattr(session.run, name)
    if name == "config" and session.early_config is not None:
        return session.early_config
    return Current(name)


def resolved(value: object) -> object:
    """Replace a `Current` by the object that it delegates to; return any other value unchanged.

    >>> resolved(Current("config")), resolved(5)
    (None, 5)
    """
    if not isinstance(value, Current):
        return value
    return value._target() if session.run is not None else None  # noqa: SLF001


def assign(name: str, value: object) -> None:
    """Handle `weft.config = {...}`: add the items to the current run's config.

    If there is no run yet, the next one gets them; arguments of its `init` override them.

    Raises:
        UsageError: `weft.summary` is set, and there is no current run.
        WrongType: the value has the wrong type for this name.
    """
    from weft.sdk.run import Run

    if name == "run":
        if value is not None and not isinstance(value, Run):
            raise WrongType(f"weft.run is a Run or None, not {type(value).__name__}")
        session.run = value
        return
    if session.run is None and name != "config":
        raise _no_run(name)
    target = getattr(session.run, name) if session.run is not None else None
    if value is target or isinstance(value, Current):
        return
    if not isinstance(value, Mapping):
        raise WrongType(f"weft.{name} takes a mapping such as a dict, not {type(value).__name__}")
    items = dict(cast("Mapping[Any, Any]", value))
    if target is None:
        session.early_config = items
    else:
        target.update(items)


def unassign(name: str) -> None:
    """Handle `del weft.run`: the newest active run becomes the current one again."""
    if name == "run":
        session.run = session.runs[-1] if session.runs else None


def _run_for(call: str) -> Run:
    if session.run is None:
        raise _no_run(call)
    return cast("Run", session.run)


def _no_run(call: str) -> UsageError:
    return UsageError(f"no run: call weft.init() before weft.{call}")
