"""The integration of scikit-learn, by W&B's names."""

from wandb.integration.sklearn import *  # noqa: F403
