"""The start of sweeps."""

from weft.sdk.sweeps.creating import sweep as sweep
