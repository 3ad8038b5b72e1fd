"""The settings of a run, and every source that can set them.

`precedence` reads arguments, variables and files, `settings` defines the settings and `checks`
their valid values. `moments` parses `fork_from` and `resume_from`, `wandb_names` maps W&B's names
of settings, and `labels` reads what launchers say about this process. `known_server` finds the
server that the settings name. Reads small files.

`assigned_run` and `sagemaker` are loaded only where what they read is there.
"""

PARAM_PATH = "SWEEP_PARAM_PATH"
"""With `WEFT_` or `WANDB_` before it, the variable that names the file with the config of a
sweep's run."""

SAGEMAKER_PARAMETERS = "/opt/ml/input/config/hyperparameters.json"
SAGEMAKER_ENVIRONMENT = "SM_TRAINING_ENV"
"""The file and the variable that describe a training job of SageMaker."""
