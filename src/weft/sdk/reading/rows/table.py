"""Rows of many runs as one columnar table: Arrow, pandas, polars, or a file. Does network I/O.

The server makes the table (`POST …/export`, `POST …/sql`) and sends it as an Arrow stream, which
only the library that the caller chose decodes.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from weft.client.api_client import ApiClient, Json
from weft.errors import ConfigError, WeftError
from weft.libraries.optional import needed
from weft.sdk.reading.filters import uses_summary
from weft.sdk.reading.paths import ProjectName
from weft.sdk.reading.rows.scan import TIMES, checked_keys
from weft.sdk.reading.unknown_names import warn_of_metrics
from weft.wire.metrics.exports import ExportQuery, export_history
from weft.wire.server.server import catch_up

Format = Literal["parquet", "arrow", "csv"]
_FORMATS: Final[dict[str, Format]] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".csv": "csv",
}


class Chosen(NamedTuple):
    """Runs of one project: `runs` or `filter` of the HTTP API, empty for all."""

    project: ProjectName
    query: Json


class Table:
    """A table that the server makes. It is fetched each time it is read.

    Iterating yields Arrow record batches as they arrive, so a table may be larger than memory.
    """

    def __init__(self, ask: Callable[[], Iterator[bytes]]) -> None:
        self._ask = ask

    def batches(self) -> Iterator[Any]:
        """Yield the rows as `pyarrow.RecordBatch`es, as they arrive.

        Raises:
            MissingLibrary: pyarrow is not installed.
            ConfigError: the server rejects the query.
            Unavailable: the connection was lost.
        """
        pyarrow = needed("pyarrow", "a table in Arrow's form")
        with pyarrow.ipc.open_stream(_Pieces(self._ask())) as reader:
            yield from reader

    __iter__ = batches

    def arrow(self) -> Any:
        """Return a `pyarrow.Table`. Raises the same errors as `batches`."""
        pyarrow = needed("pyarrow", "a table in Arrow's form")
        with pyarrow.ipc.open_stream(_Pieces(self._ask())) as reader:
            return reader.read_all()

    def pandas(self) -> Any:
        """Return a pandas `DataFrame`; needs pyarrow, too. Raises the same errors as `batches`."""
        needed("pandas", "a pandas table")
        return self.arrow().to_pandas()

    def polars(self) -> Any:
        """Return a polars `DataFrame`; needs only polars. Raises the same errors as `batches`."""
        polars = needed("polars", "a polars table")
        return polars.read_ipc_stream(io.BytesIO(b"".join(self._ask())))

    def rows(self) -> list[Json]:
        """Return a list of dicts; needs pyarrow. Raises the same errors as `batches`."""
        return self.arrow().to_pylist()

    def _repr_html_(self) -> str:
        from html import escape

        from weft.sdk.display.pictures import MAX_ROWS, table_html

        try:
            batch = next(iter(self.batches()), None)
        except WeftError as error:
            return f"<code>{escape(repr(self))}</code><p>{escape(str(error))}</p>"
        if batch is None:
            return table_html([], [], note="No rows")
        rows = batch.slice(0, MAX_ROWS)
        note = "The first rows" if batch.num_rows > MAX_ROWS else ""
        columns = [column.to_pylist() for column in rows.columns]
        return table_html(batch.schema.names, zip(*columns, strict=True), note=note)

    def __repr__(self) -> str:
        return f"<weft.{type(self).__name__}: read it with .arrow(), .pandas() or .polars()>"


class HistoryTable(Table):
    """All rows of many runs: `run`, `writer`, `row`, `step`, `time`, and one column per key."""

    def __init__(
        self,
        client: ApiClient,
        chosen: Chosen,
        keys: Sequence[str] | None,
        *,
        system: bool = False,
        step_lo: float | None = None,
        step_hi: float | None = None,
    ) -> None:
        query: Json = {
            **chosen.query,
            "keys": checked_keys(keys),
            "system": system,
            "step_lo": step_lo,
            "step_hi": step_hi,
        }
        self._query = {name: value for name, value in query.items() if value is not None}
        self._chosen = chosen
        self._client = client
        super().__init__(lambda: self._pieces("arrow"))

    def _pieces(self, file_format: Format, *, escape_formulas: bool = False) -> Iterator[bytes]:
        if uses_summary(self._query):
            self._client.call(catch_up)
        metrics = [key for key in self._query.get("keys", ()) if key not in TIMES]
        warn_of_metrics(self._client, *self._chosen.project, None, metrics)
        query = ExportQuery(**self._query, format=file_format, escape_formulas=escape_formulas)
        return self._client.stream(export_history, *self._chosen.project, query)

    def write(
        self,
        path: str | os.PathLike[str],
        file_format: Format | None = None,
        *,
        escape_formulas: bool = False,
    ) -> Path:
        """Write the table to a file, in bounded memory; see `Api.export`."""
        target = Path(path)
        chosen = file_format or _FORMATS.get(target.suffix.lower())
        if chosen is None or chosen not in _FORMATS.values():
            raise ConfigError(
                f"a table is written as parquet, arrow or csv: name a format, or a file that ends "
                f"with .parquet, .arrow or .csv, not {target.name!r}"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{target.name}.{os.getpid()}.part")
        try:
            with draft.open("wb") as file:
                file.writelines(self._pieces(chosen, escape_formulas=escape_formulas))
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        return target


class _Pieces(io.RawIOBase):
    """An answer that arrives in pieces, as a file for pyarrow to read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Read `size` bytes, fewer only at the end: pyarrow takes a short read as the end."""
        parts: list[bytes] = []
        n_missing = size if size >= 0 else 1 << 62
        while n_missing:
            if not self._rest:
                self._rest = memoryview(next(self._pieces, b""))
                if not self._rest:
                    break
            parts.append(bytes(self._rest[:n_missing]))
            self._rest = self._rest[n_missing:]
            n_missing -= len(parts[-1])
        return b"".join(parts)
