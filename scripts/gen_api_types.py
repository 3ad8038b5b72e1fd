"""Write the API's OpenAPI document, and from it the web app's types.

python scripts/gen_api_types.py            web/openapi.json, web/src/api/schema.gen.ts
python scripts/gen_api_types.py FILE       the document only
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from fastapi import FastAPI

from weft.server.app import ROUTERS
from weft.server.http.description.openapi import describe

WEB = Path(__file__).parents[1] / "web"


def main() -> None:
    app = FastAPI()
    for router in ROUTERS:
        app.include_router(router)
    document = json.dumps(describe(app, "1"), indent=1, sort_keys=True) + "\n"
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(document)
        return
    (WEB / "openapi.json").write_text(document)
    subprocess.run(["npm", "run", "--silent", "api"], cwd=WEB, check=True)


if __name__ == "__main__":
    main()
