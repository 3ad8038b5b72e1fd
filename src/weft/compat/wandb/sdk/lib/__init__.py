"""Inner paths of W&B's library to helpers, which integrations import."""

from wandb.sdk.lib.disabled import RunDisabled as RunDisabled
from wandb.sdk.lib.disabled import SummaryDisabled as SummaryDisabled
