"""What all services share: the stores, the live hub and the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from weft.server.services.live import LiveHub


@dataclass(slots=True)
class Stores:
    """Handed to every service."""

    metadata: Any
    metrics: Any
    live: LiveHub
