"""The stores of one server, shared by all services: metadata, metrics, blobs, live runs, columns.

`stores.Stores` is passed to every service. `metric_stores` opens a metric file per project,
`referenced_blobs` removes blobs without references, `storage_room` bounds uploads,
`live_hub` notifies pages of changes, `file_types` knows media types, and `originals` is the
interface that a directory of `weft ui` implements.
"""

from weft.server.services.stores.live_hub import LiveHub, Subscription, now_micros
from weft.server.services.stores.originals import OriginalFile, TrashedOriginal
from weft.server.services.stores.storage_room import StorageLimits
