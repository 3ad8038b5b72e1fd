"""Files of runs: upload, list, download, folders; contents that run logs announced."""

from weft.server.services.files.contents import ContentUpload
from weft.server.services.files.contents_upload import ContentsUpload
from weft.server.services.files.folders import FolderService
from weft.server.services.files.service import FileService, FileUpload
from weft.server.services.stores.file_types import DEFAULT_MEDIA_TYPE, is_media_type
from weft.server.storage.file_pieces import FilePieces, JoinedPieces
