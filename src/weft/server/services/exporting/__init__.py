"""Exports the history of runs as files. `table_formats` has the formats."""

from weft.server.services.exporting.service import ExportService

__all__ = ["ExportService"]
