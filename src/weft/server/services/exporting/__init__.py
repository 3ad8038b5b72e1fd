"""Tables of runs and of history, as files. The formats are in `table_formats`."""

from weft.server.services.exporting.service import ExportService

__all__ = ["ExportService"]
