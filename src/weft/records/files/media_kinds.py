"""The kinds of objects that scripts log, such as images, tables and figures. Pure.

`MEDIA_KINDS` is the one list of them. The server reads logged values with it, the SDK finds the
class of a stored object, and the web app learns where an object is drawn. `make api-types` writes
three files from it: `weft/sdk/media/classes.py` with the classes, `web/src/data/lists.gen.ts`, and
`web/src/panels/media/contents.gen.ts`, which imports the component of each kind that a media panel
draws: `web/src/panels/media/kinds/<kind>-content.tsx`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple, cast

ObjectPanel = Literal["media", "table", "chart", "histogram"]
"""A kind of panel that draws logged objects."""


class ObjectType(NamedTuple):
    """A value of `_type` in rows, which is W&B's name where W&B has such a type.

    Attributes:
        noun: the common name of the object; a plural if the type is a list's.
        home: its class, as `module.Class` below `weft.sdk.media`; "" if no class has this type.
        items: the field with the items of a list: references, or paths of files; "" if the type
            is not a list's.
        table: the field with the reference to a table whose file the object uses; "" if the
            object has a file of its own, or none.
    """

    noun: str
    home: str = ""
    items: str = ""
    table: str = ""


class MediaKind(NamedTuple):
    """A kind of logged objects.

    Attributes:
        types: the types of its values by `_type`; the first is a single object's.
        icon: its icon in the web app, a name of `web/src/ui/signs/icons.tsx`.
        panel: the panel that draws it.
        endings: ends of file names, in lower case, by which a file is previewed as this kind.
        is_text: whether these files are text that people also read as source and compare by line.
        min_width_px: the least width of a cell that shows it.
        is_lazy: whether its component is loaded and drawn only in view, because it takes a large
            library or time.
    """

    types: Mapping[str, ObjectType]
    icon: str
    panel: ObjectPanel = "media"
    endings: tuple[str, ...] = ()
    is_text: bool = False
    min_width_px: int = 0
    is_lazy: bool = False


MEDIA_KINDS: Final[Mapping[str, MediaKind]] = {
    "image": MediaKind(
        {
            "image-file": ObjectType("image", "image.Image"),
            "images/separated": ObjectType("images", items="filenames"),
        },
        icon="image",
        endings=("png", "jpg", "jpeg", "gif", "webp", "bmp", "avif", "svg", "ico"),
    ),
    "video": MediaKind(
        {
            "video-file": ObjectType("video", "video.Video"),
            "videos": ObjectType("videos", items="videos"),
        },
        icon="play",
        endings=("mp4", "webm", "ogv", "mov", "m4v"),
        min_width_px=160,
    ),
    "audio": MediaKind(
        {
            "audio-file": ObjectType("audio", "audio.Audio"),
            "audio": ObjectType("audio files", items="audio"),
        },
        icon="play",
        endings=("wav", "mp3", "ogg", "flac", "m4a", "opus"),
        min_width_px=220,
        is_lazy=True,
    ),
    "html": MediaKind(
        {
            "html-file": ObjectType("HTML", "html.Html"),
            "html": ObjectType("HTML pages", items="html"),
        },
        icon="code",
        endings=("html", "htm"),
        is_text=True,
        min_width_px=260,
    ),
    "object3d": MediaKind(
        {
            "object3D-file": ObjectType("3D object", "object3d.Object3D"),
            "object3D": ObjectType("3D objects", items="objects"),
        },
        icon="box",
        endings=("pts.json", "obj", "stl", "gltf", "glb"),
        min_width_px=220,
        is_lazy=True,
    ),
    "molecule": MediaKind(
        {
            "molecule-file": ObjectType("molecule", "molecule.Molecule"),
            "molecule": ObjectType("molecules", items="filenames"),
        },
        icon="box",
        endings=("pdb", "xyz"),
        min_width_px=220,
        is_lazy=True,
    ),
    "plotly": MediaKind(
        {"plotly-file": ObjectType("figure", "figures.Plotly")},
        icon="chart",
        endings=("plotly.json",),
        min_width_px=260,
        is_lazy=True,
    ),
    "bokeh": MediaKind(
        {"bokeh-file": ObjectType("figure", "figures.Bokeh")},
        icon="chart",
        endings=("bokeh.json",),
        min_width_px=260,
        is_lazy=True,
    ),
    "table": MediaKind(
        {
            "table-file": ObjectType("table", "tables.table.Table"),
            "incremental-table-file": ObjectType("table"),
            "joined-table": ObjectType(
                "joined table", "tables.joined.JoinedTable", table="table1"
            ),
            "partitioned-table": ObjectType("table in parts", "tables.joined.PartitionedTable"),
        },
        icon="table",
        panel="table",
        endings=("parquet", "csv", "tsv"),
    ),
    "chart": MediaKind(
        {"custom-chart": ObjectType("chart", table="table")}, icon="chart", panel="chart"
    ),
    "graph": MediaKind(
        {"graph-file": ObjectType("graph", "graph.Graph")},
        icon="branch",
        endings=("graph.json",),
        min_width_px=260,
        is_lazy=True,
    ),
    "histogram": MediaKind(
        {"histogram": ObjectType("histogram", "histogram.Histogram")},
        icon="chart",
        panel="histogram",
    ),
}
"""Kinds of logged objects by the names that the server and the web app have for them."""

OBJECT_TYPES: Final[Mapping[str, ObjectType]] = {
    name: logged_type for kind in MEDIA_KINDS.values() for name, logged_type in kind.types.items()
}
"""All types of logged objects, by `_type`."""

KIND_OF_TYPE: Final[Mapping[str, str]] = {
    name: kind for kind, media_kind in MEDIA_KINDS.items() for name in media_kind.types
}
"""The kind of each of `OBJECT_TYPES`."""

CLASS_OF_TYPE: Final[Mapping[str, str]] = {
    name: f"weft.sdk.media.{logged_type.home}"
    for name, logged_type in OBJECT_TYPES.items()
    if logged_type.home
}
"""The classes of objects as `module.Class`, by `_type`."""

CLASS_HOMES: Final[Mapping[str, str]] = {
    name: module for module, _, name in (path.rpartition(".") for path in CLASS_OF_TYPE.values())
}
"""The modules of these classes, by the names of the classes."""

_FIELDS_OF_ITEMS: Final = {"captions": "caption", "all_boxes": "boxes", "all_masks": "masks"}
"""Fields of a list of paths with one entry per file, and the field of a single object."""


def chart_table_key(key: str) -> str:
    """The key of the table that is logged with a chart.

    >>> chart_table_key("roc")
    'roc_table'
    """
    return f"{key}_table"


def item_references(reference: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the references of the items of a list, each as if it had been logged by itself.

    Args:
        reference: a value of a row, of any content. If its type is not a list's, it is the
            only one.

    >>> [*item_references({"_type": "molecule", "filenames": ["a.pdb"], "captions": ["A"]})]
    [{'_type': 'molecule-file', 'path': 'a.pdb', 'caption': 'A'}]
    """
    name = reference.get("_type")
    list_type = OBJECT_TYPES.get(name) if isinstance(name, str) else None
    if list_type is None or not list_type.items:
        yield reference
        return
    of_all: dict[str, Any] = {"_type": next(iter(MEDIA_KINDS[KIND_OF_TYPE[str(name)]].types))}
    if "error" in reference:
        of_all["error"] = reference["error"]
    for index, item in enumerate(_list(reference.get(list_type.items))):
        if isinstance(item, dict):
            yield {**of_all, **cast("dict[str, Any]", item)}
        else:
            yield {**of_all, "path": item, **_fields_of_item(reference, index)}


def _fields_of_item(reference: Mapping[str, Any], index: int) -> dict[str, Any]:
    """Return the fields of one file in a list of paths."""
    fields = {name: reference[name] for name in ("format", "width", "height") if name in reference}
    for name, single in (*_FIELDS_OF_ITEMS.items(), ("sizes", "size")):
        entries = _list(reference.get(name))
        if index < len(entries) and entries[index] is not None:
            fields[single] = entries[index]
    size = _list(fields.pop("size", None))
    if len(size) == 2:
        fields["width"], fields["height"] = size
    return fields


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
