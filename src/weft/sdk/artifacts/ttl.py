"""`weft.ArtifactTTL`, for scripts that were written for W&B."""

from enum import Enum


class ArtifactTTL(Enum):
    """Values of `artifact.ttl` besides a timedelta and None.

    >>> import weft
    >>> data = weft.Artifact("mnist", "dataset")
    >>> data.ttl = weft.ArtifactTTL.INHERIT
    >>> data.ttl is None
    True
    """

    INHERIT = 0
    """The default of the team, which is to keep the version: weft has no teams."""
