"""The registry of media kinds names all classes, and each kind can be logged and read again."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import weft
from media_files import made_files, offline_run, rows_of
from media_specimens import SPECIMENS
from weft import data_types
from weft.records.files.media_kinds import CLASS_OF_TYPE, MEDIA_KINDS
from weft.sdk import media
from weft.sdk.media.media import Media
from weft.sdk.reading.stored.references import media_in
from weft.server.services.media import items_of
from weft.server.services.media.values import kind_of_object

TYPE_NAMES = {"table": "table-file"}
"""Types of classes whose references have another `_type`."""

PREVIEWED = tuple(
    f".{ending}"
    for kind in MEDIA_KINDS.values()
    if kind.panel == "media"
    for ending in kind.endings
)


def media_classes(base: type[Media] = Media) -> Iterator[type[Media]]:
    """The classes of `weft.sdk.media` that have a type."""
    for kind in base.__subclasses__():
        if "_log_type" in vars(kind) and kind.__module__.startswith("weft.sdk.media."):
            yield kind
        yield from media_classes(kind)


def class_at(path: str) -> type[Media]:
    module_name, _, name = path.rpartition(".")
    return getattr(import_module(module_name), name)


def test_each_class_of_media_is_in_the_registry_and_public() -> None:
    for module in pkgutil.walk_packages(media.__path__, "weft.sdk.media."):
        import_module(module.name)
    classes = {
        TYPE_NAMES.get(kind.type_name(), kind.type_name()): f"{kind.__module__}.{kind.__name__}"
        for kind in media_classes()
    }
    assert classes == CLASS_OF_TYPE, "media_kinds.py names each class with its type"
    for path in CLASS_OF_TYPE.values():
        kind, name = class_at(path), path.rpartition(".")[2]
        assert getattr(weft, name) is getattr(data_types, name) is kind
        assert name in weft.__all__
        assert name in data_types.__all__


@pytest.mark.parametrize("names", ["types", "endings"])
def test_no_two_kinds_share_a_type_or_an_ending(names: str) -> None:
    counts = Counter(name for kind in MEDIA_KINDS.values() for name in getattr(kind, names))
    assert counts.most_common(1)[0][1] == 1


def test_the_arguments_of_a_class_are_shown() -> None:
    for kind in media_classes():
        shown = [*inspect.signature(kind).parameters]
        assert shown == [*inspect.signature(kind.__init__).parameters][1:], kind


def test_each_class_with_a_form_of_lists_has_the_type_of_a_list() -> None:
    with_lists = {
        name for name, specimen in CLASS_OF_TYPE.items() if class_at(specimen).has_list_form
    }
    listed = {
        next(iter(kind.types))
        for kind in MEDIA_KINDS.values()
        if any(logged.items for logged in kind.types.values())
    }
    assert with_lists == listed, "lists of it are logged, and read as no kind"


def test_each_class_is_in_the_guide() -> None:
    guides = Path(__file__).parents[4] / "docs/guide"
    guide = (guides / "media.md").read_text() + (guides / "tables.md").read_text()
    names = [path.rpartition(".")[2] for path in CLASS_OF_TYPE.values()]
    assert [name for name in names if not re.search(rf"weft\.{name}\b", guide)] == []


def test_each_kind_has_a_specimen() -> None:
    assert SPECIMENS.keys() == MEDIA_KINDS.keys(), "add one to support/media/media_specimens.py"


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The values of the row for each kind, and as `<kind>s` for a list of two."""
    folder = tmp_path_factory.mktemp("kinds")
    row: dict[str, Any] = {}
    for kind, specimen in SPECIMENS.items():
        value, second = specimen.make(folder), specimen.make(folder)
        row[kind] = value
        if isinstance(value, Media) and value.has_list_form:
            row[f"{kind}s"] = [value, second]
    with offline_run(folder) as run:
        run.log(row)
    paths = made_files(run.directory)
    [stored] = [row for row in rows_of(run.directory) if "image" in row]
    return {"files": paths, **stored}


@pytest.mark.parametrize("kind", MEDIA_KINDS)
def test_a_logged_object_is_read_as_its_kind(logged: dict[str, Any], kind: str) -> None:
    value = logged[kind]
    assert kind_of_object(value) == kind
    assert value["_type"] in MEDIA_KINDS[kind].types
    items = items_of(value)
    assert len(items) == (kind != "histogram")
    for item in items:
        assert (item.kind, item.error) == (kind, None)
        assert item.path in logged["files"]
    if MEDIA_KINDS[kind].panel == "media":
        assert MEDIA_KINDS[kind].endings, "files of it, by themselves, are not drawn"
        # a video without a codec is a GIF, which is drawn as an image
        assert items[0].path.endswith(PREVIEWED)
        assert [reference.value["path"] for reference in media_in(value)] == [items[0].path]


@pytest.mark.parametrize(
    "kind",
    [
        name
        for name, kind in MEDIA_KINDS.items()
        if any(logged.items for logged in kind.types.values())
    ],
)
def test_a_list_of_objects_is_read_as_its_items(logged: dict[str, Any], kind: str) -> None:
    value = logged[f"{kind}s"]
    assert kind_of_object(value) == kind
    single = next(iter(MEDIA_KINDS[kind].types))
    references = [reference.value for reference in media_in(value)]
    assert [reference["_type"] for reference in references] == [single, single]
    paths = [item.path for item in items_of(value)]
    assert paths == [reference["path"] for reference in references]
    assert len(set(paths)) == 2
