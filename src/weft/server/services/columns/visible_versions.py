"""The columns of used and logged versions, without those of projects that an actor may not see."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, may
from weft.server.services.columns.texts import NO_TEXT, Lists
from weft.server.services.columns.typed_column import TypedColumn
from weft.server.storage.metadata import MISSING_KIND


def visible_versions(
    actor: Actor, column: TypedColumn, owners: Mapping[str, ProjectPath]
) -> TypedColumn:
    """A column of versions as an actor sees it; `owners` are the other projects whose versions are
    in it, by what their names begin with, such as `project/`.
    """
    hidden = {prefix for prefix, path in owners.items() if not may(actor, Action.READ, path)}
    if not hidden:
        return column
    texts, n_texts = Lists(), len(column.texts)
    new_codes = np.full(n_texts + 1, NO_TEXT, np.int32)  # the last one is of no text
    for code, versions in enumerate(column.texts.parts()[:n_texts]):
        visible = [text for text in versions if text[: text.rfind("/") + 1] not in hidden]
        if visible:
            new_codes[code] = texts.codes_of([json.dumps(visible, ensure_ascii=False)])[0]
    codes = new_codes[column.codes]
    kinds = np.where(codes == NO_TEXT, np.uint8(MISSING_KIND), column.kinds)
    return TypedColumn(kinds, column.numbers, codes, texts, column.is_list)
