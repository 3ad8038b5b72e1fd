"""`Report`: builds, loads, saves and deletes reports of a project. Does network I/O."""

from __future__ import annotations

import builtins
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

from weft.errors import ConfigError
from weft.sdk.reading.api import Api
from weft.sdk.reading.saved_document import SavedDocument
from weft.sdk.reports.blocks import Block, Image, Json, block_from_json, image_hashes
from weft.sdk.reports.grids import PanelGrid
from weft.wire.reports.exports import ReportFormat, export_report, format_of
from weft.wire.reports.images import add_report_image, get_report_image
from weft.wire.reports.merging import merge_blocks
from weft.wire.reports.reports import (
    DRAFT,
    ReportCreate,
    ReportEdit,
    ReportInfo,
    create_report,
    delete_report,
    edit_report,
    get_report,
    list_reports,
    publish_report,
)
from weft.wire.reports.reports import Report as StoredReport

_PAGE: Final = 1000


@dataclass
class Report(SavedDocument):
    """A report of a project: text and panels.

        import weft.reports as wr

        report = wr.Report("mnist", title="Ablation", blocks=[
            wr.H1("Results"),
            wr.P(["The best loss is ", wr.LiveValue("lab/mnist/ab12cd34", "summary.loss")]),
            wr.PanelGrid([wr.Runset("mnist", "lab")], [wr.LinePlot("loss", log_y=True)]),
        ])
        report.save()

    Saving a report again changes only the blocks that differ, by their ids: what people write in
    it meanwhile stays.

    Args:
        project: the project that it belongs to.
        entity: the project's owner. Defaults to the entity in `api.settings`.
        title: one line.
        description: a text below the title.
        blocks: the content.
        width: `readable`, `fixed` or `full`.
        api: the server. Defaults to `weft.Api()`.

    Attributes:
        id: its id on the server; None before it is saved.

    >>> Report("mnist", title="Ablation").id is None
    True
    """

    project: str
    entity: str | None = None
    title: str = "Untitled report"
    description: str = ""
    blocks: Sequence[Block] = ()
    width: str = "readable"
    api: Api | None = field(default=None, repr=False, compare=False, kw_only=True)
    id: str | None = field(default=None, init=False)
    _noun = "report"
    _base: builtins.list[Json] = field(
        default_factory=builtins.list, init=False, repr=False, compare=False
    )

    @property
    def url(self) -> str:
        """The address of the report's page.

        Raises:
            ConfigError: the report was not saved.
        """
        return f"{self._api.url}/{'/'.join(self._names)}/reports/{self._saved_id}"

    def save(self, draft: bool = False, clone: bool = False) -> Report:
        """Write the report to the server, and return it.

        Args:
            draft: if True, readers go on seeing what was published before.
            clone: if True, save it as another report.

        Raises:
            ConfigError: a block or an address is invalid.
            FileNotFoundError: the file of an image is missing.
            Forbidden: you may not write in the project.
            LimitExceeded: an image is too large, or there are too many.
        """
        client = self._client
        images = [block for block in self.blocks if isinstance(block, Image) and block.path]
        contents = [Path(cast("str", image.path)).read_bytes() for image in images]
        blocks = self._json_blocks()
        original = self.id
        is_new = original is None or clone
        if is_new:
            new = ReportCreate(
                title=self.title, description=self.description, width=self.width, blocks=blocks
            )
            self.id = client.call(create_report, *self._names, new).id
            self._base = blocks
            if original is not None:
                for sha256 in image_hashes(blocks):
                    image = client.call(get_report_image, *self._names, original, sha256)
                    self._add_image(image)
        for block, content in zip(images, contents, strict=True):
            block.sha256 = self._add_image(content)
        if images or not is_new:
            blocks = self._json_blocks()
            stored = client.call(get_report, *self._names, self._saved_id, version=DRAFT)
            edit = ReportEdit(
                title=self.title,
                description=self.description,
                width=self.width,
                blocks=merge_blocks(self._base, blocks, stored.document.blocks),
                seq=stored.seq,
            )
            client.call(edit_report, *self._names, self._saved_id, edit)
        self._base = blocks
        if not draft:
            client.call(publish_report, *self._names, self._saved_id)
        return self

    def export(self, path: str | os.PathLike[str], draft: bool = False) -> Path:
        """Write the report, as it is on the server, to a file, and return its path.

            report.export("ablation.html")

        Args:
            path: a name that ends with `.html` makes one page with the figures as published, which
                needs no server; one that ends with `.md` makes Markdown.
            draft: if True, write the draft, which has no figures, instead of what was published.

        Raises:
            ConfigError: the name ends otherwise, or the report was not saved.
            NotFound: the report was never published.
        """
        file = Path(path)
        content = self._exported(format_of(file), draft=draft)
        file.write_bytes(content)
        return file

    def to_markdown(self, draft: bool = False) -> str:
        """The report, as it is on the server, as Markdown.

        Args:
            draft: if True, the draft instead of what was published last.

        Raises:
            ConfigError: the report was not saved.
            NotFound: it was never published.
        """
        return self._exported("markdown", draft=draft).decode()

    def _exported(self, report_format: ReportFormat, *, draft: bool) -> bytes:
        version = {"version": DRAFT} if draft else {}
        client = self._api._client  # noqa: SLF001
        return b"".join(
            client.stream(
                export_report, *self._names, self._saved_id, format_=report_format, **version
            )
        )

    def delete(self) -> None:
        """Move the report to the trash.

        Raises:
            ConfigError: the report was not saved.
        """
        self._client.call(delete_report, *self._names, self._saved_id)

    @classmethod
    def load(cls, path: str, *, draft: bool = True, api: Api | None = None) -> Report:
        """Load a report.

        Args:
            path: `entity/project/id`, or the address of the report's page.
            draft: if False, what was published last.
            api: the server. Defaults to `weft.Api()`.

        Raises:
            NotFound: no such report, or it was never published.
        """
        parts = [part for part in urlsplit(path).path.split("/") if part and part != "reports"]
        if len(parts) != 3:
            raise ConfigError(f"a report's path is entity/project/id, not {path!r}")
        entity, project, id_ = parts
        report = cls(project, entity, api=api)
        client = report._client
        version = {"version": DRAFT} if draft else {}
        report._take(client.call(get_report, entity, project, id_, **version))
        return report

    from_url = load

    @staticmethod
    def list(
        project: str, entity: str | None = None, *, search: str = "", api: Api | None = None
    ) -> builtins.list[ReportInfo]:
        """List the reports of a project, the last edited first.

        Args:
            project: the project.
            entity: its owner. Defaults to the entity in `api.settings`.
            search: part of a title or description.
            api: the server. Defaults to `weft.Api()`.

        Returns:
            The `id`, `title`, `author`, times and `published_version` of each, without content.
        """
        chosen = api or Api()
        reports: builtins.list[ReportInfo] = []
        cursor: str | None = None
        while True:
            page = chosen._client.call(  # noqa: SLF001
                list_reports,
                entity or chosen.settings["entity"],
                project,
                search=search,
                limit=_PAGE,
                cursor=cursor,
            )
            reports += page.reports
            cursor = page.cursor
            if cursor is None:
                return reports

    def _take(self, stored: StoredReport) -> None:
        document = stored.document
        self.id = stored.id
        self.title, self.description = document.title, document.description
        self.width = document.width
        self.blocks = [_block(source) for source in document.blocks]
        self._base = document.blocks

    def _add_image(self, content: bytes) -> str:
        """Store an image with the report, and return its hash."""
        call = add_report_image.call(*self._names, self._saved_id)
        return self._client.send(add_report_image, call, content, {}).sha256

    def _json_blocks(self) -> builtins.list[Json]:
        blocks = [block.to_json() for block in self.blocks]
        for block in blocks:
            runsets = block.get("runSets") if block["kind"] == "grid" else None
            for runset in cast("Mapping[str, Json]", runsets or {}).values():
                project = runset.get("project")
                if project and "/" not in project:
                    runset["project"] = f"{self._names[0]}/{project}"
        return blocks


def _block(source: Mapping[str, Any]) -> Block:
    if source.get("kind") == "grid":
        return PanelGrid.from_json(source)
    return block_from_json(source)
