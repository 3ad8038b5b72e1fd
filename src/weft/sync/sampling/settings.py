"""The settings of system metrics: passed from the script to its sidecar. No I/O."""

from __future__ import annotations

from typing import Final

import msgspec

DEFAULT_INTERVAL_SECS: Final = 15.0


class SamplingSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """The settings of a script that concern system metrics.

    Attributes:
        interval_secs: seconds between two samples; 0 disables them.
        disk_paths: paths whose file systems are measured. If empty, `/` and the run's directory.
        gpu_ids: the GPUs that are measured. If None, all.
        endpoints: addresses of OpenMetrics endpoints by name.
        filters: regular expressions of `endpoint.metric`, each with one for each label's value. If
            empty, every metric counts.
        headers: HTTP headers for the endpoints. They may be secret.
    """

    interval_secs: float = DEFAULT_INTERVAL_SECS
    disk_paths: tuple[str, ...] = ()
    gpu_ids: tuple[int, ...] | None = None
    endpoints: dict[str, str] = {}
    filters: dict[str, dict[str, str]] = {}
    headers: dict[str, str] = {}
