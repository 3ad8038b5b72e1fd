"""Write the API's OpenAPI document, from which the web app's types are generated.

    python scripts/gen_api_types.py [web/openapi.json]

Then, in `web/`: `npx openapi-typescript openapi.json -o src/api/schema.gen.ts`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fastapi import FastAPI

from weft.server.http import health, history, metrics, projects, runs
from weft.server.http.openapi import describe


def main() -> None:
    app = FastAPI()
    for module in (health, projects, runs, metrics, history):
        app.include_router(module.router)
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "web/openapi.json")
    path.write_text(json.dumps(describe(app, "1"), indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
