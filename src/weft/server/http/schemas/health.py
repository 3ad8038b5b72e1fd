"""Wire shapes of the server's own state, and of problem documents."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class Health(BaseModel):
    """The server answers."""

    status: Literal["ok"]


class Following(BaseModel):
    """How a followed directory is being read."""

    root: str
    error: str | None = Field(description="why nothing of it is read at present")
    n_logs: int
    n_bytes: int
    n_read_bytes: int
    warnings: list[str] = Field(description="what can't be read; at most 100")


class Server(BaseModel):
    """Which server this is."""

    version: str
    server: str = Field(description="changes with each start")
    mode: Literal["local"]
    url: str
    user: str | None = Field(description="the `user` of your own runs; null: not known")
    following: Following | None = Field(
        description="how the directory of `weft ui` is being read; null: runs come by uploads"
    )


class LoginAddress(BaseModel):
    """An address that lets one browser in, once."""

    url: str


class FieldError(BaseModel):
    """What is wrong with one field of a request."""

    field: str = Field(description="its name; below others with dots: `config.set.0`")
    reason: str


class Problem(BaseModel):
    """What every error looks like (RFC 9457)."""

    type: Literal["about:blank"]
    title: str
    status: int
    code: str = Field(description="one of weft.errors")
    detail: str
    request_id: str | None
    position: int | None = Field(None, description="with code `position`: send from there")
    errors: list[FieldError] | None = Field(
        None, description="with code `invalid`: the fields that are wrong"
    )
    column: int | None = Field(
        None, description="where in the text of a filter or expression it is wrong, from 1"
    )
    path: str | None = Field(
        None, description="with code `moved`: where the run is now, `entity/project/run`"
    )


class CaughtUp(BaseModel):
    """Whether a followed directory has been read as far as it was written."""

    caught_up: bool
    n_read_bytes: int = Field(description="of the logs in the directory, as far as they are known")
    n_bytes: int
    warnings: list[str] = Field(description="what in the directory can't be read, and why")
