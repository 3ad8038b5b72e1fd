"""Adds tables and media to an artifact that is being made. Does I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from weft.errors import WrongType
from weft.records.files.media_kinds import CLASS_OF_TYPE
from weft.records.value import json_safe
from weft.sdk.artifacts.files.object_names import named_object
from weft.sdk.artifacts.making.draft_files import DraftFiles
from weft.sdk.artifacts.objects.filing import ArtifactFiling
from weft.sdk.media.boxes import BoundingBoxes2D
from weft.sdk.media.class_labels import Classes
from weft.sdk.media.masks import ImageMask
from weft.sdk.media.media import Media


def add_object(files: DraftFiles, obj: Any, name: str, *, overwrite: bool) -> str:
    """Add a table or media, and return its path; see `Artifact.add`."""
    type_ = _type_of(obj)
    path = named_object(name, type_)
    if path in files.by_path and not overwrite:
        return path
    filing = ArtifactFiling(files)
    if type_ == "table":
        filing.add_at(path, obj.payload(filing))
    else:
        filing.add_json(path, msgspec.json.encode(json_safe(_reference_of(obj, type_, filing))))
    return path


def _type_of(obj: Any) -> str:
    """The name of an object's type, in the name of its file."""
    if isinstance(obj, Media) and obj.type_name() in {*CLASS_OF_TYPE, "table"}:
        return obj.type_name()
    for kind, name in ((Classes, "classes"), (ImageMask, "mask"), (BoundingBoxes2D, "boxes2D")):
        if isinstance(obj, kind):
            return name
    raise WrongType(
        f"an artifact holds tables and media, not {type(obj).__name__}: weft.Table(dataframe=…) "
        "takes a dataframe, add_file() a file"
    )


def _reference_of(obj: Any, type_: str, filing: ArtifactFiling) -> Mapping[str, Any]:
    if type_ == "classes":
        listed = [{"id": number, "name": name} for number, name in obj.names.items()]
        return {"_type": type_, "class_set": listed}
    if type_ in {"mask", "boxes2D"}:
        path = filing.add({"": obj.payload()})[""]
        labels = {str(number): name for number, name in obj.class_labels.items()}
        return {"_type": type_, "path": path, "key": obj.key, "class_labels": labels}
    return obj.file(filing)
