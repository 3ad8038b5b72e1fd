"""Callbacks and loggers for frameworks, each in the module of its framework.

    from weft.integrations.xgboost import WeftCallback

No fault of weft in a callback reaches the training: it becomes one warning. Frameworks that ship
a logger for W&B need no module here: that logger works with `weft.install_as_wandb()`.

    autologging    `weft.autolog()`
    boosting       what the libraries of boosted trees share
    catboost, lightgbm, xgboost
    gymnasium      videos of agents
    keras          metrics, checkpoints and tables of predictions
    sb3            Stable-Baselines3
    sklearn        charts of models
    tensorboard    writers of TensorBoard
    patching       methods of frameworks replaced and put back, also in modules imported later
    torch          traces of PyTorch's profiler
    sizes          models and tables that are too large
    versions       versions of frameworks that are too old or new
    shielding      the faults of callbacks as warnings
"""
