"""The class of artifacts."""

from weft.sdk.artifacts.artifact import Artifact as Artifact
