"""Files of runs: upload, list, download."""

from weft.server.services.files.file_types import DEFAULT_MEDIA_TYPE, is_media_type
from weft.server.services.files.service import FileService, FileUpload

__all__ = ["DEFAULT_MEDIA_TYPE", "FileService", "FileUpload", "is_media_type"]
