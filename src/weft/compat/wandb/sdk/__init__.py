"""Inner paths of W&B's library, which frameworks import."""

from wandb.sdk import lib as lib
from weft.sdk.artifacts.artifact import Artifact as Artifact
from weft.sdk.current import attach as attach
from weft.sdk.current import finish as finish
from weft.sdk.current import setup as setup
from weft.sdk.current import teardown as teardown
from weft.sdk.dicts.config import Config as Config
from weft.sdk.dicts.summary import Summary as Summary
from weft.sdk.init import init as init
from weft.sdk.login import login as login
from weft.sdk.recording.alert import AlertLevel as AlertLevel
from weft.sdk.setup.settings import Settings as Settings
from weft.sdk.sweeps.creating import sweep as sweep
from weft.sdk.wandb_calls import require as require
