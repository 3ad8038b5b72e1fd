"""Figures of versions: the answers of their panels, stored when a version is published.

The server answers the requests itself, so that no one can store numbers that it never gave. Here
the answers are packed into one content for each project of a part of a version, and read again.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import msgspec

from weft.errors import ConfigError, Conflict, LimitExceeded, NotFound
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, may, require
from weft.server.services.reports.describing import number_of
from weft.server.services.reports.drafts import present
from weft.server.services.stores.referenced_blobs import NewContents
from weft.server.services.stores.stores import Service, Stores
from weft.server.storage.metadata import ReportFigureRow, ReportRow
from weft.wire.reports.figures import MAX_FIGURE_BYTES, FigureCapture, FigureInfo, FigureRequest

FORMAT: Final = 1
"""Number of the format of a content."""

MAX_PART_BYTES: Final = 64 << 20
"""Most bytes of the answers of one figure, before they are packed."""

REPLACE_MICROS: Final = 600 * 1_000_000
"""The time for which who captured a figure may capture it again, as after a run that began
meanwhile."""

_LEVEL: Final = 6
_encode: Final = msgspec.json.Encoder().encode


class FigureAnswer(NamedTuple):
    """The answer to a request of a figure."""

    request: FigureRequest
    status: int
    media_type: str
    content: bytes


class Figure(NamedTuple):
    """The content of a figure; `run_sets` are indices of answers, by run set."""

    answers: list[FigureAnswer]
    run_sets: dict[str, int]
    captured_micros: int


@dataclass(frozen=True, slots=True)
class FigureTarget:
    """A figure of a version that is being captured. `project` is whose runs it shows."""

    path: ProjectPath
    report: str
    version: int
    part: str
    project: ProjectPath

    @property
    def project_name(self) -> str:
        """The project as rows have it."""
        return "" if self.project == self.path else str(self.project)

    def is_key_of(self, figure: ReportFigureRow) -> bool:
        """Whether a figure of the version is the one to capture."""
        return (figure.part, figure.project) == (self.part, self.project_name)


class ReportFigureService(Service):
    """Operations on figures of versions."""

    def begin(
        self, actor: Actor, path: ProjectPath, report: str, number: str, capture: FigureCapture
    ) -> FigureTarget:
        """Check that an actor may capture a figure of a version now."""
        require(actor, Action.WRITE, path)
        project = _project_of(actor, path, capture.project)
        require(actor, Action.READ, project)
        self._stores.find_project(project)
        target = FigureTarget(path, report, number_of(number), capture.part, project)
        row = self._find(target)
        with self._stores.metadata.read() as tx:
            figures = self._stores.metadata.reports.figures(tx, row.row_id, target.version)
        self._check_replaceable(actor, target, figures)
        return target

    def store(
        self,
        actor: Actor,
        target: FigureTarget,
        answers: Sequence[FigureAnswer],
        run_sets: Mapping[str, int],
    ) -> FigureInfo:
        """Store the answers of a figure. `run_sets` are indices of answers, by run set."""
        require(actor, Action.WRITE, target.path)
        stores = self._stores
        now = stores.now()
        content = gzip.compress(pack_figure(answers, run_sets, now), _LEVEL, mtime=0)
        row = self._find(target)
        rows: list[ReportFigureRow] = []
        replaced: set[str] = set()
        with stores.room.arrival(target.path) as arrival:
            arrival.check(len(content))
            draft = stores.blobs.store.write(len(content))
            try:
                draft.write(content)
                sha256 = draft.seal().sha256
                figure = ReportFigureRow(
                    target.version,
                    target.part,
                    target.project_name,
                    sha256,
                    len(content),
                    len(answers),
                    now,
                    actor.user or "",
                )

                def refer(new: NewContents) -> None:
                    reports = stores.metadata.reports
                    with stores.metadata.write() as tx:
                        new.share(tx)
                        present(reports.by_row_id(tx, row.row_id, for_update=True))
                        before = reports.figures(tx, row.row_id, target.version)
                        self._check_replaceable(actor, target, before)
                        n_others = sum(f.n_bytes for f in before if not target.is_key_of(f))
                        if n_others + len(content) > MAX_FIGURE_BYTES:
                            raise LimitExceeded(
                                f"the figures of a version have at most {MAX_FIGURE_BYTES} bytes: "
                                f"this one has {len(content)}, the others {n_others}"
                            )
                        reports.put_figure(tx, row.row_id, figure)
                    replaced.update(f.sha256 for f in before if target.is_key_of(f))
                    rows.append(figure)

                try:
                    stores.blobs.keep(draft, refer)
                except BaseException:
                    stores.blobs.drop([sha256])
                    raise
            finally:
                draft.discard()
            arrival.release(len(content))
        stores.blobs.drop(replaced - {sha256})
        return figure_info(rows[0])

    def content(
        self, actor: Actor, path: ProjectPath, report: str, number: str, sha256: str
    ) -> tuple[FigureInfo, Iterator[bytes]]:
        """The packed answers of a figure. Who may not read the project whose runs it shows, does
        not see that it is there.
        """
        require(actor, Action.READ, path)
        version = number_of(number)
        row = self._find(FigureTarget(path, report, version, "", path), is_checked=False)
        if version != row.published_version:
            require(actor, Action.WRITE, path)
        for figure in readable_figures(self._stores, actor, row, version):
            if figure.sha256 == sha256:
                return figure, self._stores.blobs.store.read(sha256)
        raise NotFound(f"version {version} of report {report} has no figure {sha256}")

    def note_export(self, actor: Actor, path: ProjectPath, report: str, file_format: str) -> None:
        """Note in the audit log that a report, with its figures, was saved as a file."""
        require(actor, Action.READ, path)
        exported = {"kind": "report", "format": file_format}
        target = f"{path}/reports/{report}"
        self._stores.audit.note_alone(actor, "export", path.entity, target, exported)

    def _find(self, target: FigureTarget, *, is_checked: bool = True) -> ReportRow:
        """The report of a target, whose version is there."""
        project_id = self._stores.find_project(target.path)
        reports = self._stores.metadata.reports
        with self._stores.metadata.read() as tx:
            row = reports.find_report(tx, project_id, target.report)
            if row is None:
                raise NotFound(f"no report {target.report}")
            present(row)
            if is_checked and reports.document(tx, row.row_id, target.version) is None:
                raise NotFound(f"report {target.report} has no version {target.version}")
        return row

    def _check_replaceable(
        self, actor: Actor, target: FigureTarget, figures: Iterable[ReportFigureRow]
    ) -> None:
        before = next(filter(target.is_key_of, figures), None)
        if before is None:
            return
        is_new = self._stores.now() - before.captured_micros < REPLACE_MICROS
        if not is_new or before.captured_by != (actor.user or ""):
            raise Conflict(
                f"version {target.version} of report {target.report} has this figure already, and "
                "figures as published do not change"
            )


def readable_figures(
    stores: Stores, actor: Actor, row: ReportRow, version: int
) -> list[FigureInfo]:
    """The figures of a version, but those of projects that an actor may not read."""
    with stores.metadata.read() as tx:
        figures = stores.metadata.reports.figures(tx, row.row_id, version)
    return [
        figure_info(figure) for figure in figures if may_see_runs(stores, actor, figure.project)
    ]


def may_see_runs(stores: Stores, actor: Actor, name: str) -> bool:
    """Whether an actor may read the project whose runs a figure shows, which must be there. The
    name is empty for the report's own.
    """
    if not name:
        return True
    project = ProjectPath(*name.split("/", 1))
    may_read = may(actor, Action.READ, project)
    return may_read and stores.registry.find_project(project) is not None


def figure_info(row: ReportFigureRow) -> FigureInfo:
    return FigureInfo(
        part=row.part,
        project=row.project or None,
        sha256=row.sha256,
        n_bytes=row.n_bytes,
        n_answers=row.n_answers,
        captured_micros=row.captured_micros,
        captured_by=row.captured_by or None,
    )


def pack_figure(
    answers: Sequence[FigureAnswer], run_sets: Mapping[str, int], captured_micros: int
) -> bytes:
    """The content of a figure: the length of its head, the head as JSON, the answers."""
    head = _encode(
        {
            "format": FORMAT,
            "captured_micros": captured_micros,
            "answers": [
                {
                    "method": answer.request.method,
                    "path": answer.request.path,
                    "body": answer.request.body,
                    "status": answer.status,
                    "type": answer.media_type,
                    "n_bytes": len(answer.content),
                }
                for answer in answers
            ],
            "run_sets": dict(run_sets),
        }
    )
    return b"".join([struct.pack("<I", len(head)), head, *(a.content for a in answers)])


def unpack_figure(content: bytes) -> Figure:
    """Read what `pack_figure` wrote.

    >>> request = FigureRequest(method="GET", path="metrics/names")
    >>> answer = FigureAnswer(request, 200, "application/json", b"{}")
    >>> unpack_figure(pack_figure([answer], {"all": 0}, 7)) == Figure([answer], {"all": 0}, 7)
    True
    """
    (n_head,) = struct.unpack_from("<I", content)
    at = 4 + n_head
    head = msgspec.json.decode(content[4:at], type=_Head)
    answers: list[FigureAnswer] = []
    for item in head.answers:
        request = FigureRequest(method=item.method, path=item.path, body=item.body)
        part = content[at : at + item.n_bytes]
        answers.append(FigureAnswer(request, item.status, item.type, part))
        at += item.n_bytes
    return Figure(answers, head.run_sets, head.captured_micros)


class _HeadAnswer(msgspec.Struct):
    method: Literal["GET", "POST"]
    path: str
    body: dict[str, Any] | None
    status: int
    type: str
    n_bytes: int


class _Head(msgspec.Struct):
    captured_micros: int
    answers: list[_HeadAnswer]
    run_sets: dict[str, int]


def _project_of(actor: Actor, path: ProjectPath, project: str | None) -> ProjectPath:
    if project is None:
        return path
    entity, separator, name = project.partition("/")
    if not separator:
        raise ConfigError("project must be `entity/project`", field="project")
    return ProjectPath(actor.named(entity), name).check()
