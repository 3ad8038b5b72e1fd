"""The stores of one server, shared by all services: metadata, metrics, blobs, live runs, columns.

`stores.Stores` is passed to every service. `metric_stores` opens a metric file per project,
`kept_blobs` removes blobs without references, `live_hub` notifies pages of changes, `file_types`
knows media types, and `originals` is the interface that a directory of `weft ui` implements.
"""

from weft.server.services.stores.live_hub import LiveHub, Subscription, now_micros
from weft.server.services.stores.originals import OriginalFile, Originals, TrashedOriginal
from weft.server.services.stores.stores import Stores

__all__ = [
    "LiveHub",
    "OriginalFile",
    "Originals",
    "Stores",
    "Subscription",
    "TrashedOriginal",
    "now_micros",
]
