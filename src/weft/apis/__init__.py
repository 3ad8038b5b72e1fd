"""`weft.apis`, under W&B's name: `apis.public` has the classes that `weft.Api` returns."""

from weft.apis import public as public
from weft.sdk.reading.api import Api as Api

PublicApi = Api
