"""Write what the web app has from the server: the OpenAPI document, its types, and the lists.

python scripts/gen_api_types.py          web/openapi.json, web/src/api/schema.gen.ts,
                                         web/src/data/lists.gen.ts
python scripts/gen_api_types.py FILE     the document only
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from weft.queries.filters import OPERATORS
from weft.records.aggregates import AGGREGATES
from weft.records.run_columns import RUN_COLUMNS
from weft.records.states import RUN_STATES
from weft.server.http.all_routes import ROUTES
from weft.server.http.description.openapi import describe
from weft.wire.charts import BandKind, Center, ChartAxis

WEB = Path(__file__).parents[1] / "web"

LISTS: Mapping[str, Any] = {
    "RUN_COLUMNS": {
        name: {"kind": one.kind, "title": one.title, "isEdited": one.is_edited}
        for name, one in RUN_COLUMNS.items()
    },
    "AGGREGATES": {name: one.title for name, one in AGGREGATES.items()},
    "RUN_STATES": RUN_STATES,
    "OPERATORS": OPERATORS,
    "CHART_AXES": get_args(ChartAxis),
    "CENTERS": get_args(Center),
    "BANDS": get_args(BandKind),
}


def lists_text() -> str:
    """The TypeScript module with the lists that the server and the web app share."""
    head = "/** Lists that the server and the web app share. Made by `make api-types`. */\n"
    lists = (
        f"\nexport const {name} = {json.dumps(value, indent=2)} as const;\n"
        for name, value in LISTS.items()
    )
    return head + "".join(lists)


def main() -> None:
    document = json.dumps(describe(ROUTES, "1"), indent=1, sort_keys=True) + "\n"
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(document)
        return
    (WEB / "openapi.json").write_text(document)
    types = ["npm", "run", "--silent", "api", "--", "-o", "src/api/schema.gen.ts"]
    subprocess.run(types, cwd=WEB, check=True)
    (WEB / "src/data/lists.gen.ts").write_text(lists_text())


if __name__ == "__main__":
    main()
