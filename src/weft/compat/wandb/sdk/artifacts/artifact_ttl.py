"""The lifetimes of artifacts."""

from weft.sdk.artifacts.ttl import ArtifactTTL as ArtifactTTL
