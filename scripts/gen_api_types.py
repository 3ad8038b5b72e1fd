"""Write what the web app has from the server, and the lists of media kinds.

python scripts/gen_api_types.py          web/openapi.json and the files of `GENERATED`
python scripts/gen_api_types.py FILE     the document only
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, get_args

from weft.queries.filters import OPERATORS
from weft.queries.shown import FIRST_SHOWN
from weft.records.aggregates import AGGREGATES
from weft.records.files.media_kinds import CLASS_HOMES, MEDIA_KINDS, OBJECT_TYPES
from weft.records.metric_names import METRIC_WORDS
from weft.records.run_columns import RUN_COLUMNS
from weft.records.states import RUN_STATES
from weft.server.http.all_routes import ROUTES
from weft.server.http.description.openapi import describe
from weft.wire.metrics.charts import BandKind, Center, ChartAxis

ROOT: Final = Path(__file__).parents[1]
WEB: Final = ROOT / "web"

LISTS: Mapping[str, Any] = {
    "FIRST_SHOWN": FIRST_SHOWN,
    "RUN_COLUMNS": {
        name: {"kind": column.kind, "title": column.title, "isEdited": column.is_edited}
        for name, column in RUN_COLUMNS.items()
    },
    "AGGREGATES": {name: aggregate.title for name, aggregate in AGGREGATES.items()},
    "AGGREGATE_GOALS": {name: aggregate.goals for name, aggregate in AGGREGATES.items()},
    "RUN_STATES": RUN_STATES,
    "METRIC_WORDS": METRIC_WORDS,
    "OPERATORS": OPERATORS,
    "CHART_AXES": get_args(ChartAxis),
    "CENTERS": get_args(Center),
    "BANDS": get_args(BandKind),
    "MEDIA_KINDS": {
        name: {
            "panel": kind.panel,
            "icon": kind.icon,
            "minWidthPx": kind.min_width_px,
            "endings": kind.endings,
            "isText": kind.is_text,
        }
        for name, kind in MEDIA_KINDS.items()
    },
    "OBJECT_NOUNS": {name: logged_type.noun for name, logged_type in OBJECT_TYPES.items()},
}


def lists_text() -> str:
    """Return the TypeScript module with the lists that the server and the web app share."""
    head = "/** Lists that the server and the web app share. Made by `make api-types`. */\n"
    lists = (
        f"\nexport const {name} = {json.dumps(value, indent=2)} as const;\n"
        for name, value in LISTS.items()
    )
    return head + "".join(lists)


def contents_text() -> str:
    """Return the TypeScript module with the component of each kind that a media panel draws."""
    paths = {
        name: f'"./kinds/{name}-content"'
        for name, kind in MEDIA_KINDS.items()
        if kind.panel == "media"
    }
    eager = [name for name in paths if not MEDIA_KINDS[name].is_lazy]
    lines = [
        "/** The component of each kind that a media panel draws. Made by `make api-types`. */",
        'import { lazy } from "react";',
        *(f"import {name} from {paths[name]};" for name in eager),
        "",
        "/** Loaded with the first object of their kind that is in view. */",
        "export const LAZY_CONTENTS = {",
        *(f"  {name}: lazy(() => import({paths[name]}))," for name in paths if name not in eager),
        "};",
        "",
        f"export const EAGER_CONTENTS = {{ {', '.join(eager)} }};",
    ]
    return "\n".join(lines) + "\n"


def classes_text() -> str:
    """Return the Python module with the classes of logged objects."""
    modules: dict[str, list[str]] = {}
    for name, module in sorted(CLASS_HOMES.items()):
        modules.setdefault(module, []).append(name)
    imports = "".join(
        f"from {module} import {', '.join(modules[module])}\n" for module in sorted(modules)
    )
    names = "".join(f'    "{name}",\n' for name in sorted(CLASS_HOMES))
    return (
        '"""Classes of logged objects. Made by `make api-types` from '
        '`weft.records.files.media_kinds`."""\n\n'
        f"{imports}\n__all__ = [\n{names}]\n"
    )


GENERATED: Final[Mapping[str, Callable[[], str]]] = {
    "web/src/data/lists.gen.ts": lists_text,
    "web/src/panels/media/contents.gen.ts": contents_text,
    "src/weft/sdk/media/classes.py": classes_text,
}
"""The texts of files, by their paths in the repository."""


def main() -> None:
    document = json.dumps(describe(ROUTES, "1"), indent=1, sort_keys=True) + "\n"
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(document)
        return
    (WEB / "openapi.json").write_text(document)
    for path, text in GENERATED.items():
        (ROOT / path).write_text(text())


if __name__ == "__main__":
    main()
