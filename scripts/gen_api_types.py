"""Write the API's OpenAPI document, and from it the web app's types.

python scripts/gen_api_types.py            web/openapi.json, web/src/api/schema.gen.ts
python scripts/gen_api_types.py FILE       the document only
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from weft.server.http.all_routes import ROUTES
from weft.server.http.description.openapi import describe

WEB = Path(__file__).parents[1] / "web"


def main() -> None:
    document = json.dumps(describe(ROUTES, "1"), indent=1, sort_keys=True) + "\n"
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(document)
        return
    (WEB / "openapi.json").write_text(document)
    types = ["npm", "run", "--silent", "api", "--", "-o", "src/api/schema.gen.ts"]
    subprocess.run(types, cwd=WEB, check=True)


if __name__ == "__main__":
    main()
