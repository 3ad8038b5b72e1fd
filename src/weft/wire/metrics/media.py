"""Media that runs have logged: images, video, sound, figures and the like, at a step."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from weft.records.files.media_kinds import MEDIA_KINDS
from weft.wire.choices import one_of
from weft.wire.endpoint import Endpoints, RequestBody
from weft.wire.metrics.charts import HistogramAxis

MAX_MEDIA_SERIES: Final = 1000
"""Most series of one query: runs × keys; and most of its media: series × columns."""

MAX_MEDIA_ITEMS: Final = 1000
"""Most items of one step of a series in an answer."""

MAX_MEDIA_STEPS: Final = 10_000
"""Most steps in an answer."""

ObjectKind = Annotated[
    str, one_of(*MEDIA_KINDS, "other", description="other: a text, a list or an unknown object")
]

MediaState = Annotated[
    str,
    one_of(
        "stored", "awaited", "failed", "deleted",
        description="awaited: the content has not come yet; failed: there is none, `error` says "
        "why; deleted: a user deleted the file",
    ),
]  # fmt: skip


class MediaStepsQuery(RequestBody, frozen=True, kw_only=True):
    """The media whose steps to list."""

    runs: Annotated[list[str], Meta(max_length=MAX_MEDIA_SERIES)]
    keys: Annotated[list[str], Meta(max_length=MAX_MEDIA_SERIES)]
    axis: Annotated[
        HistogramAxis,
        Meta(description="x axis; `defined`: the metric's step metric, else the step"),
    ] = "step"
    axis_metric: Annotated[
        str | None, Meta(description="metric on the x axis, for axis `metric`")
    ] = None


class MediaSteps(Struct, frozen=True, kw_only=True):
    """Steps, or other x, at which any of the requested series has an object."""

    steps: Annotated[
        list[int | float],
        Meta(description="ascending; of more than 10,000, evenly chosen ones with both ends"),
    ]
    total: Annotated[int, Meta(description="number of steps, also if not all are listed")]


class MediaQuery(RequestBody, frozen=True, kw_only=True):
    """The runs and step whose media to return."""

    runs: Annotated[list[str], Meta(max_length=MAX_MEDIA_SERIES)]
    keys: Annotated[list[str], Meta(max_length=MAX_MEDIA_SERIES)]
    step: Annotated[
        int | float | None,
        Meta(description="of each series the last media at or before it; null: the last"),
    ] = None
    columns: Annotated[
        Annotated[list[int | float], Meta(max_length=MAX_MEDIA_SERIES)] | None,
        Meta(
            description="instead of `step`, values on the axis: of each series the last media at "
            "or before each of them, each once, ascending in x",
        ),
    ] = None
    axis: Annotated[
        HistogramAxis,
        Meta(description="axis of `columns`; `defined`: the metric's step metric, else the step"),
    ] = "step"
    axis_metric: Annotated[
        str | None, Meta(description="metric on the x axis, for axis `metric`")
    ] = None
    skip_awaited: Annotated[
        list[str],
        Meta(
            max_length=MAX_MEDIA_SERIES,
            description="runs of which earlier media are returned while the last have not come "
            "yet, such as those that log images all the time",
        ),
    ] = []


class MediaFile(Struct, frozen=True, kw_only=True):
    """The content of an item or of a layer of it."""

    path: str
    state: MediaState
    url: Annotated[
        str, Meta(description="of this very content, on this server; empty if it is not stored")
    ] = ""
    n_bytes: int = 0
    media_type: str = ""
    error: str | None = None


class MediaLayer(Struct, frozen=True, kw_only=True):
    """A layer that is drawn over an image: boxes, as JSON, or a mask, as PNG of class ids."""

    kind: Annotated[str, one_of("boxes", "mask")]
    name: str
    file: MediaFile
    class_labels: Annotated[
        dict[str, str],
        Meta(description="names of a mask's classes, by id; the names of boxes are in their file"),
    ]


class Chart(Struct, frozen=True, kw_only=True):
    """The drawing of a chart; its rows are in the table that is the item's file."""

    preset: Annotated[str, Meta(description="its name, or W&B's")]
    fields: Annotated[dict[str, str], Meta(description="columns of the table, by field")]
    strings: Annotated[dict[str, str], Meta(description="texts, such as the title")]


class TableJoin(RequestBody, frozen=True, kw_only=True):
    """The right table of a join: a file, or what a metric holds at a step."""

    run: Annotated[str | None, Meta(description="null: the left table's")] = None
    path: Annotated[str | None, Meta(description="its file; or `key`")] = None
    key: Annotated[str | None, Meta(description="the metric that holds it; or `path`")] = None
    step: Annotated[
        int | float | None,
        Meta(description="of the metric the last table at or before it; null: the last"),
    ] = None
    keys: Annotated[
        tuple[str, str], Meta(description="columns of the left and of the right table")
    ]


class MediaItem(Struct, frozen=True, kw_only=True):
    """One image, video, sound or other file."""

    kind: ObjectKind
    file: MediaFile
    caption: str | None = None
    width: Annotated[int | None, Meta(description="pixels")] = None
    height: Annotated[int | None, Meta(description="pixels")] = None
    layers: list[MediaLayer]
    chart: Annotated[Chart | None, Meta(description="of kind chart only")] = None
    join: Annotated[
        TableJoin | None, Meta(description="of a joined table; `file` is the left one's")
    ] = None


class MediaSeries(Struct, frozen=True, kw_only=True):
    """The media of one metric of one run at a step."""

    run: str
    key: str
    step: int | float
    x: Annotated[
        int | float | None, Meta(description="on the axis of `columns`; null without them")
    ] = None
    axis_metric: Annotated[
        str,
        Meta(description="metric on the axis of `columns`; empty: step or time, or no columns"),
    ] = ""
    newer_step: Annotated[
        int | float | None,
        Meta(description="of later media that have not come yet and were skipped"),
    ] = None
    time_micros: int
    items: Annotated[list[MediaItem], Meta(description="the first 1,000; empty if not media")]
    n_items: int


class MediaList(Struct, frozen=True):
    """The series that have media at or before the step, in the order requested."""

    series: list[MediaSeries]


_media = Endpoints("/api/v1/projects/{entity}/{project}/media", tag="metrics")


@_media.post("/query")
def query_media(entity: str, project: str, query: MediaQuery) -> MediaList:
    """Return the images and other media of runs at a step, with the states of their files."""


@_media.post("/steps")
def list_media_steps(entity: str, project: str, query: MediaStepsQuery) -> MediaSteps:
    """List the steps at which any of some metrics of some runs has an object."""
