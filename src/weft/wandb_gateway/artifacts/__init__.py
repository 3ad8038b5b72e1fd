"""Artifacts in W&B's form: their manifests, and versions that are still being uploaded.

`manifests` translates manifests both ways. `drafts` keeps what a client uploads until it commits,
each in the places of a `draft`. `versions` describes what is stored.
"""

from weft.wandb_gateway.artifacts.draft import Draft, NewArtifact
from weft.wandb_gateway.artifacts.drafts import Drafts
from weft.wandb_gateway.artifacts.versions import VersionPath, Versions
