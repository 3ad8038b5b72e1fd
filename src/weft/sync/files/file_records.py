"""The records of one run's files, and the sentences about files that have none. Does I/O.

Step 3 of the way of a file (`docs/decisions/0025-way-of-a-file.md`): `run_files` and
`existing_files` pass on what the workers have made and hashed.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, islice
from typing import Final, cast

from weft.records.record import Artifact, File
from weft.runlog.spool import Job
from weft.sync.files.worker import FileResult
from weft.sync.uploading.contents_ahead import ContentsAhead

_MOST_FAILURES: Final = 20


class FileRecords:
    """Records files and artifacts in a log, and counts the failures.

    `record` returns whether the disk has taken a record, `is_log_stuck` is whether it has not
    taken the last one. `ahead` gets no more chunks of an artifact once its manifest is recorded.
    """

    def __init__(
        self, record: Callable[[File | Artifact], bool], ahead: ContentsAhead | None
    ) -> None:
        self.n_made = 0
        self.is_log_stuck = False
        self._record = record
        self._ahead = ahead
        self._artifacts: dict[str, Artifact] = {}
        """The artifact to record once its manifest is recorded, by the manifest's path."""
        self._errors: dict[str, str] = {}
        """The messages about files that are not stored, by the path of the file or spool file."""
        self._lasting: list[str] = []
        self._n_lasting = 0
        """The first messages that stay true, and their number."""

    @property
    def n_failures(self) -> int:
        """The number of files that are not stored, or not yet."""
        return self._n_lasting + len(self._errors)

    @property
    def failures(self) -> list[str]:
        """Sentences about the first of them."""
        return list(islice(chain(self._lasting, self._errors.values()), _MOST_FAILURES))

    def record_file(self, result: FileResult) -> None:
        """Record a file, or the reason of its failure."""
        if result.error is not None:
            self.record_failure(result.path, result.error)
            return
        self._errors.pop(result.path, None)  # of an earlier content, or an earlier try
        self._append(File(result.path, result.n_bytes, result.sha256))
        self.n_made += 1
        self._record_artifact(result.path)

    def record_failure(self, path: str, reason: str) -> None:
        """Record why there is no file, once for each reason."""
        artifact = self._artifacts.get(path)
        subject = path if artifact is None else f"artifact {artifact.name}"
        sentence = f"{subject} can't be stored: {reason}"
        if self._errors.get(path) == sentence:
            return
        self._errors[path] = sentence
        self._append(File(path, 0, "", error=reason))
        self._record_artifact(path)

    def expect_artifact(self, job: Job) -> None:
        """Record an artifact after the file of its manifest's job."""
        name, type_, aliases = (job.options.get(option) for option in ("name", "type", "aliases"))
        if isinstance(name, str) and isinstance(type_, str) and isinstance(aliases, list):
            named = [str(alias) for alias in cast("list[object]", aliases)]
            distributed_id = str(job.options.get("distributed_id", ""))
            action = "part" if job.options.get("is_part") else "log"
            self._artifacts[job.path] = Artifact(
                action, name, type_, job.path, named, distributed_id=distributed_id
            )

    def add_failure(self, sentence: str) -> None:
        """Count a failure that stays one."""
        self._n_lasting += 1
        if len(self._lasting) < _MOST_FAILURES:
            self._lasting.append(sentence)

    def add_passing_failure(self, path: str, sentence: str) -> None:
        """Count a failure until the file, or the whole spool file, at `path` is recorded."""
        self._errors[path] = sentence

    def forget_failure(self, path: str) -> None:
        """No longer count the passing failure of a spool file."""
        self._errors.pop(path, None)

    def await_manifest(self, path: str) -> None:
        """Stop sending chunks ahead if a file is a manifest that is made later."""
        if path in self._artifacts and self._ahead is not None:
            self._ahead.end()

    def _append(self, record: File | Artifact) -> None:
        self.is_log_stuck = not self._record(record)

    def _record_artifact(self, path: str) -> None:
        """Record the artifact whose manifest a file is, if it is one."""
        artifact = self._artifacts.pop(path, None)
        if artifact is not None:
            if self._ahead is not None:
                self._ahead.end()
            self._append(artifact)
