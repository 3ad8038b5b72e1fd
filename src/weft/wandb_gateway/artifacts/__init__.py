"""Artifacts in W&B's form: their manifests, and versions that are still being uploaded.

`manifests` translates manifests both ways, `drafts` keeps what a client uploads until it commits,
and `digests` finds versions by the hash that the client computes.
"""

from weft.wandb_gateway.artifacts.drafts import Draft, Drafts, NewArtifact
from weft.wandb_gateway.artifacts.versions import VersionPath, Versions

__all__ = ["Draft", "Drafts", "NewArtifact", "VersionPath", "Versions"]
