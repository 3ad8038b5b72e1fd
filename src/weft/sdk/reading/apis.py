"""`weft.apis`, by W&B's name: `apis.public` has the classes of what `weft.Api` hands out."""

from __future__ import annotations

from weft.sdk.reading import public as public
from weft.sdk.reading.api import Api as Api

PublicApi = Api
