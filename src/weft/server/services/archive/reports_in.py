"""Imports the reports of an archive, in the transaction that reveals its runs.

Used by `importing`. Reports that the project has are left out or refused, as runs are. A draft is
checked as if a page had sent it, and the documents of versions lose links that run scripts.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from functools import partial
from typing import Annotated, Any, Final

import msgspec

from weft.errors import CorruptLog, WeftError
from weft.records.ids import check_name
from weft.server.services.access.paths import ProjectPath
from weft.server.services.archive.format import REPORTS_NAME
from weft.server.services.archive.lines import (
    check_existing,
    check_value,
    convert_line,
    find_existing,
)
from weft.server.services.archive.opening import OpenArchive
from weft.server.services.reports import check_archived_draft, clean_document
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import Transaction
from weft.wire.reports.checks import MAX_DOCUMENT_BYTES
from weft.wire.reports.comments import MAX_BODY_CHARS, CommentAnchor
from weft.wire.reports.images import IMAGE_TYPES

_encode: Final = msgspec.json.Encoder().encode
_check_report: Final = partial(check_name, "report")
_check_comment: Final = partial(check_name, "comment")


class ReportsIn:
    """The reports of one import.

    The caller calls `check`, `find_existing` and `put`, in this order.
    """

    def __init__(self, archive: OpenArchive) -> None:
        self._archive = archive
        self._names: set[str] = set()
        self._left_out: set[str] = set()

    @property
    def n_reports(self) -> int:
        """The number of reports that are imported."""
        return len(self._names) - len(self._left_out)

    def check(self) -> None:
        """Check all reports."""
        if self._archive.has(REPORTS_NAME):
            self._archive.check_lines(REPORTS_NAME, self._check_report)

    def find_existing(self, stores: Stores, to: ProjectPath, *, skip_existing: bool) -> None:
        """Find the reports that the project already has, also in its trash."""
        rows = stores.metadata.reports
        self._left_out = find_existing(
            stores,
            to,
            lambda tx, project_id: (
                name for name in self._names if rows.find_report(tx, project_id, name) is not None
            ),
        )
        check_existing("reports", self._left_out, to, skip_existing=skip_existing)

    def blobs(self) -> dict[str, int]:
        """The size of each content of the imported reports' figures and images, by SHA-256."""
        if not self._archive.has(REPORTS_NAME):
            return {}
        return {
            content["sha256"]: content["n_bytes"]
            for line in self._archive.lines(REPORTS_NAME)
            if line["report"]["report"] not in self._left_out
            for content in (*line.get("figures", ()), *line.get("images", ()))
        }

    def put(self, stores: Stores, tx: Transaction, project_id: int) -> None:
        """Write them."""
        if not self._archive.has(REPORTS_NAME):
            return
        for line in self._archive.lines(REPORTS_NAME):
            if line["report"]["report"] not in self._left_out:
                record = _with_clean_versions(line)
                stores.metadata.archived_reports.write_report(tx, project_id, record)

    def _check_report(self, line: dict[str, Any]) -> None:
        report = convert_line(line, _ReportLine, "reports")
        name = check_value(_check_report, report.report.report)
        subject = f"the archive is damaged: report {name!a}"
        if name in self._names:
            raise CorruptLog(f"{subject} is there twice")
        self._names.add(name)
        numbers = [update.seq for update in report.updates]
        if (
            numbers != sorted(set(numbers))
            or not numbers
            or numbers[0] < 1
            or numbers[-1] != report.report.seq
        ):
            raise CorruptLog(f"{subject} lacks changes of its draft")
        versions = {version.version for version in report.versions}
        published = report.report.published_version
        if len(versions) < len(report.versions) or (
            published is not None and published not in versions
        ):
            raise CorruptLog(f"{subject} lacks a version, or has one twice")
        keys = {(figure.version, figure.part, figure.project) for figure in report.figures}
        if len(keys) < len(report.figures) or any(
            figure.version not in versions
            or not self._archive.has_content(msgspec.structs.asdict(figure))
            for figure in report.figures
        ):
            raise CorruptLog(f"{subject} has a figure twice, or without a version or content")
        if len({image.sha256 for image in report.images}) < len(report.images) or not all(
            image.media_type in IMAGE_TYPES
            and self._archive.has_content(msgspec.structs.asdict(image))
            for image in report.images
        ):
            raise CorruptLog(f"{subject} has images of other types, or without a content")
        _check_comments(report.comments, subject)
        try:
            check_archived_draft(
                [(update.seq, _decoded(update.data)) for update in report.updates]
            )
            _with_clean_versions(line)
        except WeftError as error:
            raise CorruptLog(f"{subject} can't be read: {error}") from None


class _Update(msgspec.Struct):
    seq: int
    data: str


class _Version(msgspec.Struct):
    version: int
    document: str


class _Figure(msgspec.Struct):
    version: int
    part: str
    project: str
    sha256: str
    n_bytes: int


class _Image(msgspec.Struct):
    sha256: str
    media_type: str
    n_bytes: int


class _Comment(msgspec.Struct):
    comment: str
    thread: str
    body: Annotated[str, msgspec.Meta(max_length=MAX_BODY_CHARS)]
    anchor: str | None = None


class _ReportRow(msgspec.Struct):
    report: str
    seq: int
    published_version: int | None


class _ReportLine(msgspec.Struct):
    report: _ReportRow
    updates: list[_Update]
    versions: list[_Version]
    figures: list[_Figure] = []
    images: list[_Image] = []
    comments: list[_Comment] = []


def _check_comments(comments: list[_Comment], subject: str) -> None:
    """Check that each comment is in a thread whose first comment has an anchor."""
    anchors = {
        comment.comment: comment.anchor
        for comment in comments
        if comment.comment == comment.thread
    }
    names = {check_value(_check_comment, comment.comment) for comment in comments}
    if len(names) < len(comments) or any(comment.thread not in anchors for comment in comments):
        raise CorruptLog(f"{subject} has a comment twice, or one without its thread")
    try:
        for anchor in anchors.values():
            msgspec.json.decode(anchor or "", type=CommentAnchor)
    except msgspec.DecodeError:
        raise CorruptLog(f"{subject} has a thread of comments on nothing") from None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise CorruptLog("not base64") from None


def _with_clean_versions(line: dict[str, Any]) -> dict[str, Any]:
    """A line whose versions have documents that are safe to show."""
    return line | {"versions": [_clean_version(version) for version in line["versions"]]}


def _clean_version(version: dict[str, Any]) -> dict[str, Any]:
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(_decoded(version["document"]), MAX_DOCUMENT_BYTES)
        document = msgspec.json.decode(text, type=dict[str, Any])
    except (zlib.error, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise CorruptLog(f"version {version['version']} can't be read") from None
    encoded = _encode(clean_document(document))
    packed = base64.b64encode(zlib.compress(encoded)).decode()
    return version | {"document": packed, "n_bytes": len(encoded)}
