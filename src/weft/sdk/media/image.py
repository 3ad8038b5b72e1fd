"""Images of scripts: arrays, tensors, figures, Pillow's images and files. Reads given files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, Final, cast

from weft.errors import UsageError
from weft.libraries.optional import need, needed
from weft.sdk.media.boxes import BoundingBoxes2D
from weft.sdk.media.class_labels import Classes, labels_of
from weft.sdk.media.masks import ImageMask
from weft.sdk.media.media import MAIN, Media, Origin, Payload, is_address
from weft.sdk.media.pillow import pillow_image
from weft.sdk.media.pixels import MODES, pixels_of

FORMATS: Final = {"png": "png", "jpg": "jpg", "jpeg": "jpg", "bmp": "bmp", "webp": "webp"}
"""Formats in which data is stored as an image, by the names for `file_type`."""

_OTHER_MODES: Final = frozenset({"CMYK", "YCbCr", "LAB", "HSV"})
"""Modes of Pillow that images cannot be converted to."""

_STORED_MODES: Final = frozenset({"L", "LA", "RGB", "RGBA", "I;16"})
_FIGURES: Final = "matplotlib"

_OF_NO_CLASS: Final = frozenset({0, 255})
"""Ids of the background and of "void" by custom, which are left without a name on purpose."""

_MOST_LISTED: Final = 5


class Image(Media):
    """An image to log.

    Args:
        data_or_path: an array or tensor (`weft.sdk.media.pixels.pixels_of` has the rules for its
            axes and values), a Pillow image, a matplotlib figure, the path of a file, the bytes of
            one, an open file, another `Image`, or the address of a file that is stored elsewhere
            (`s3://`, `gs://`, `https://`), for artifacts.
        mode: Pillow's mode to convert to: "L", "LA", "RGB" or "RGBA". None keeps the data's own.
        caption: text below the image.
        grouping: a number that W&B's scripts give; it is stored.
        classes: names of the classes of boxes and masks, for layers without `class_labels`.
        boxes: layers of boxes by name; see `BoundingBoxes2D`.
        masks: layers of masks by name; see `ImageMask`.
        file_type: "png", "jpg", "bmp" or "webp", for data; files and their bytes stay as they are.
        normalize: whether to scale floats, as `pixels_of` states.

    Raises:
        ValueError, TypeError: the data is not an image, or an argument is invalid.
        FileNotFoundError: there is no file at the path.

    >>> import numpy as np
    >>> image = Image(np.zeros((4, 5, 3)), caption="black")
    >>> image.width, image.height, image.format
    (5, 4, 'png')
    """

    _log_type: ClassVar[str] = "image-file"
    has_list_form: ClassVar[bool] = True

    def __init__(
        self,
        data_or_path: Any,
        mode: str | None = None,
        caption: Any = None,
        grouping: int | None = None,
        classes: Classes | Sequence[Any] | None = None,
        boxes: Mapping[str, Any] | None = None,
        masks: Mapping[str, Any] | None = None,
        file_type: str | None = None,
        normalize: bool = True,
    ) -> None:
        super().__init__(caption)
        self._width: int = 0
        self._height: int = 0
        if mode is not None and mode not in {*MODES.values(), "1", "P"}:
            remedy = (
                "without mode= the image is converted to RGB"
                if mode in _OTHER_MODES
                else "a caption is given as caption="
            )
            raise ValueError(f"mode must be 'L', 'LA', 'RGB' or 'RGBA', not {mode!r}; {remedy}")
        if file_type is not None and file_type.lower() not in FORMATS:
            raise ValueError(f"file_type must be one of {', '.join(FORMATS)}, not {file_type!r}")
        self._grouping = grouping
        self.format: str = FORMATS[(file_type or "png").lower()]
        self._mode = mode
        if isinstance(data_or_path, Image):
            self._take_over(data_or_path, caption)
        else:
            self._payload = self._payload_of(data_or_path, normalize)
        self._take_layers(classes, boxes, masks)

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self._width

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self._height

    @property
    def image(self) -> Any:
        """The image as one of Pillow.

        Raises:
            UsageError: it is known by its address only.

        >>> import numpy as np
        >>> Image(np.zeros((4, 5, 3))).image.size
        (5, 4)
        """
        if self.elsewhere:
            raise UsageError(f"the image is not here: download {self.elsewhere}")
        return pillow_image(self._payload)

    def restore(self, reference: Mapping[str, Any], origin: Origin | None) -> None:
        super().restore(reference, origin)
        self._grouping = reference.get("grouping")
        self._width = int(reference.get("width") or self._width)
        self._height = int(reference.get("height") or self._height)

    def payloads(self) -> dict[str, Payload]:
        """Return the image and its layers, which are named `boxes/<name>` and `masks/<name>`."""
        layers: dict[str, Payload] = {MAIN: self._payload}
        layers |= {f"boxes/{name}": layer.payload() for name, layer in self._boxes.items()}
        layers |= {f"masks/{name}": layer.payload() for name, layer in self._masks.items()}
        return layers

    def reference(self, paths: Mapping[str, str]) -> dict[str, Any]:
        """See `Media.reference`. It has the size, the format and the layers besides."""
        reference = super().reference(paths)
        reference["format"] = self.format
        if self._width:
            reference |= {"width": self._width, "height": self._height}
        if self._grouping:
            reference["grouping"] = self._grouping
        if self._boxes:
            reference["boxes"] = {
                name: {"_type": "boxes2D", "path": paths[f"boxes/{name}"]} for name in self._boxes
            }
        if self._masks:
            reference["masks"] = {
                name: {
                    "_type": "mask",
                    "path": paths[f"masks/{name}"],
                    "class_labels": {str(n): label for n, label in layer.class_labels.items()},
                    **({} if layer.no_class is None else {"no_class": layer.no_class}),
                }
                for name, layer in self._masks.items()
            }
        return reference

    @classmethod
    def list_reference(cls, references: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """See `Media.list_reference`. As in W&B, lists of images have a form of their own."""
        first = references[0]
        sizes = [[reference["width"], reference["height"]] for reference in references]
        listed: dict[str, Any] = {
            "_type": "images/separated",
            "width": first["width"],
            "height": first["height"],
            "format": first["format"],
            "count": len(references),
            "filenames": [reference["path"] for reference in references],
        }
        if any(size != sizes[0] for size in sizes):
            listed["sizes"] = sizes
        for name, plural in (
            ("caption", "captions"),
            ("boxes", "all_boxes"),
            ("masks", "all_masks"),
        ):
            if any(name in reference for reference in references):
                listed[plural] = [reference.get(name) for reference in references]
        return listed

    # -- the image itself ---

    def _payload_of(self, data_or_path: Any, normalize: bool) -> Payload:
        if is_address(data_or_path):
            extension = Path(data_or_path).suffix.lower() or ".png"
            self.format = extension[1:]
            return self._payload_elsewhere("images", data_or_path, extension)
        if isinstance(data_or_path, str) and "://" in data_or_path:
            raise ValueError(
                f"an image is given as a path or data, not by its address: {data_or_path}"
            )
        if isinstance(data_or_path, (str, os.PathLike)):
            return self._file_payload(Path(os.path.abspath(data_or_path)))  # noqa: PTH100
        if isinstance(data_or_path, (bytes, bytearray, memoryview)):
            return self._bytes_payload(bytes(cast("bytes", data_or_path)))
        library = type(data_or_path).__module__.partition(".")[0]
        if library == "PIL":
            return self._pillow_payload(data_or_path, normalize)
        if library == _FIGURES or getattr(data_or_path, "__name__", "").startswith(_FIGURES):
            return self._figure_payload(data_or_path)
        if hasattr(data_or_path, "read") and not hasattr(data_or_path, "shape"):
            return self._bytes_payload(data_or_path.read())
        return self._array_payload(data_or_path, normalize)

    def _array_payload(self, array: Any, normalize: bool) -> Payload:
        pixels = pixels_of(array, normalize=normalize)
        self.notes += pixels.notes
        self._width, self._height = pixels.width, pixels.height
        return self._raw_payload(MODES[pixels.n_channels], pixels.data, order=pixels.order)

    def _pillow_payload(self, image: Any, normalize: bool) -> Payload:
        if image.mode in {"F", "I"}:
            import numpy as np

            return self._array_payload(np.asarray(image), normalize)
        if image.mode not in _STORED_MODES:
            has_alpha = image.mode in {"PA", "RGBa", "La"} or "transparency" in image.info
            image = image.convert("L" if image.mode == "1" else "RGBA" if has_alpha else "RGB")
        self._width, self._height = image.size
        return self._raw_payload(image.mode, image.tobytes())

    def _figure_payload(self, artist: Any) -> Payload:
        figure = _figure_of(artist)
        agg: Any = import_module("matplotlib.backends.backend_agg")
        before = figure.canvas
        try:
            canvas = agg.FigureCanvasAgg(figure)
            canvas.draw()
            data = bytes(canvas.buffer_rgba())
            self._width, self._height = canvas.get_width_height(physical=True)
        finally:
            figure.set_canvas(before)
        return self._raw_payload("RGBA", data)

    def _raw_payload(self, mode: str, data: Any, *, order: str = "HWC") -> Payload:
        options: dict[str, Any] = {
            "width": self._width,
            "height": self._height,
            "mode": mode,
            "format": self.format,
        }
        if order != "HWC":
            options["order"] = order
        if self._mode is not None and self._mode != mode:
            options["convert"] = self._mode
        if self.format != "png" or mode not in MODES.values() or "convert" in options:
            need("PIL", f"an image in the format {self.format}")  # here, not in the file worker
        return Payload("images", f".{self.format}", "image", options, [data])

    def _file_payload(self, path: Path) -> Payload:
        if not path.is_file():
            raise FileNotFoundError(f"no such image: {path}")
        with path.open("rb") as file:
            self._read_head(file, str(path))
        extension = path.suffix.lower() or f".{self.format}"
        return Payload("images", extension, "bytes", source=path)

    def _bytes_payload(self, content: bytes) -> Payload:
        self._read_head(BytesIO(content), f"{len(content):,} bytes")
        return Payload("images", f".{self.format}", "bytes", buffers=[content])

    def _read_head(self, file: Any, source: str) -> None:
        pillow = needed("PIL.Image", "an image that is a file already")
        try:
            with pillow.open(file) as image:
                self._width, self._height = image.size
                self.format = image.format.lower()
        except pillow.UnidentifiedImageError:
            raise ValueError(f"not an image that Pillow can read: {source}") from None

    def _take_over(self, other: Image, caption: Any) -> None:
        self._payload = other._payload
        self._width, self._height = other._width, other._height
        self.format = other.format
        self.elsewhere = other.elsewhere
        self.notes += other.notes
        if caption is None:
            self._caption = other._caption

    # -- its layers ---

    def _take_layers(
        self,
        classes: Classes | Sequence[Any] | None,
        boxes: Mapping[str, Any] | None,
        masks: Mapping[str, Any] | None,
    ) -> None:
        for name, layers in (("boxes", boxes), ("masks", masks)):
            if layers is not None and not isinstance(layers, Mapping):
                raise ValueError(f"{name} must be a dict of layers by name")
        names = {} if classes is None else labels_of(classes, "classes")
        self._boxes: dict[str, BoundingBoxes2D] = {
            key: layer
            if isinstance(layer, BoundingBoxes2D)
            else BoundingBoxes2D(_layer(layer), key)
            for key, layer in (boxes or {}).items()
        }
        self._masks: dict[str, ImageMask] = {
            key: layer if isinstance(layer, ImageMask) else ImageMask(_layer(layer), key)
            for key, layer in (masks or {}).items()
        }
        for key, layer in self._boxes.items():
            self.notes += layer.notes + layer.notes_for(self._width, self._height)
            self._name_classes(f"boxes {key!r}", layer, names, "they have numbers for names")
        for key, mask in self._masks.items():
            self.notes += mask.notes
            self._name_classes(f"mask {key!r}", mask, names, "they are not drawn")
            if mask.size not in {None, (self._width, self._height)}:
                self.notes.append(
                    f"has a mask {key!r} of {_times(mask.size)} pixels on an image of "
                    f"{self._width}×{self._height}; it is stretched"
                )

    def _name_classes(
        self, where: str, layer: BoundingBoxes2D | ImageMask, names: dict[int, str], effect: str
    ) -> None:
        """Give the classes of a layer the image's names, and note those without a name."""
        labels = layer.class_labels
        unnamed: list[int] = []
        for number in layer.class_ids:
            if number in names and labels.get(number, f"class_{number}") == f"class_{number}":
                labels[number] = names[number]
            elif number not in labels and number not in _OF_NO_CLASS:
                unnamed.append(number)
        if unnamed:
            listed = ", ".join(map(str, unnamed[:_MOST_LISTED]))
            more = f" and {len(unnamed) - _MOST_LISTED} more" if unnamed[_MOST_LISTED:] else ""
            self.notes.append(f"has class ids without a name in {where}: {listed}{more}; {effect}")


def _layer(layer: Any) -> Mapping[str, Any]:
    if not isinstance(layer, Mapping):
        raise TypeError(f"a layer of boxes or masks must be a dict, not {type(layer).__name__}")
    return cast("Mapping[str, Any]", layer)


def _times(size: tuple[int, int] | None) -> str:
    return "×".join(map(str, size or ()))


def _figure_of(artist: Any) -> Any:
    """Return the figure of a matplotlib object: a figure, pyplot, axes or another artist."""
    if hasattr(artist, "gcf"):
        return artist.gcf()
    figure = artist if hasattr(artist, "savefig") else getattr(artist, "figure", None)
    if figure is None:
        raise ValueError(
            f"an image can't be made of matplotlib's {type(artist).__name__}: give its figure"
        )
    return figure
