"""Wire shapes of files, for OpenAPI. The data are `services.files.FileInfo`."""

from __future__ import annotations

from pydantic import BaseModel, Field


class File(BaseModel):
    """A file of a run."""

    path: str
    n_bytes: int
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    media_type: str
    created_micros: int = Field(description="when the server took this content")
    url: str = Field(description="path on this server where the content is")


class FileList(BaseModel):
    """Files by path."""

    files: list[File]
    cursor: str | None = Field(description="ask again with it; null: this was the last page")
    total: int
