"""The public function `weft.autolog`."""

from __future__ import annotations

from importlib import import_module

from weft.errors import WrongType


def autolog(
    log_models: bool = True,
    disable: bool = False,
    exclusive: bool = False,
    silent: bool = False,
) -> None:
    """Log trainings of scikit-learn, XGBoost, LightGBM, CatBoost, Keras, Lightning and
    Transformers without a change of their code.

    Each outermost `fit` or `train` logs its parameters, metrics and model to the active run, or
    to a run of its own, which ends with it. A search such as `GridSearchCV` is one fit, with a
    table of its candidates. Optimizers of PyTorch add their learning rates to the rows of the
    active run. Frameworks may be imported before or after this call. An explicit callback or
    logger for weft takes precedence. A fault of weft becomes one warning, and training continues.

    Args:
        log_models: whether to log models as artifacts.
        disable: whether to take everything off again instead.
        exclusive: whether to leave runs alone that the script began.
        silent: whether not to print the line that says what is logged.

    Raises:
        WrongType: an argument is not a bool.

    >>> import weft
    >>> weft.autolog(silent=True)
    >>> weft.autolog(disable=True)
    """
    options = {"log_models": log_models, "exclusive": exclusive, "silent": silent}
    for name, value in {**options, "disable": disable}.items():
        if not isinstance(value, bool):
            raise WrongType(f"{name} of autolog() is True or False, not {value!r}")
    # By its name: integrations import `weft`, and the client loads none of them by itself.
    switch = import_module("weft.integrations.autologging.switch")
    switch.turn_off()
    if not disable:
        switch.turn_on(**options)
