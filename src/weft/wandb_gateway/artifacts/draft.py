"""The paths of a version that is being uploaded, and its client's description. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import Final

import msgspec

from weft.records.files.described import ARTIFACTS_FOLDER
from weft.server.services.access import RunPath
from weft.wandb_gateway.ids import make_id

FULL: Final = "FULL"
INCREMENTAL: Final = "INCREMENTAL"
PATCH: Final = "PATCH"

_TOKEN_CHARS: Final = 32


_MANIFEST: Final = re.compile(rf"{ARTIFACTS_FOLDER}([0-9a-f]{{{_TOKEN_CHARS}}})\.[a-z]+\.wandb")


class NewArtifact(msgspec.Struct, frozen=True, kw_only=True):
    """A client's description of a version that it is about to upload.

    `digest` is of its manifest, as the client computes it. Parts of one version share a
    `distributed_id`. `step` is of the run's newest row.
    """

    name: str
    type: str
    digest: str
    aliases: list[str] = []
    tags: list[str] = []
    description: str = ""
    metadata: str = "{}"
    ttl_secs: int = 0
    distributed_id: str = ""
    step: int | None = None


class Draft(msgspec.Struct, frozen=True):
    """A version that is being uploaded. Its token names the folder of its files."""

    run: RunPath
    token: str

    @property
    def id(self) -> str:
        """Its id, also once it is a version."""
        return make_id("Artifact", "draft", self.token, *reversed(self.run))

    @property
    def folder(self) -> str:
        """The folder of its files in the run."""
        return f"{ARTIFACTS_FOLDER}{self.token}"

    def file(self, path: str) -> str:
        """The run's path of one of its files."""
        return f"{self.folder}/{path}"

    def manifest(self, kind: str) -> str:
        """The run's path of the client's manifest."""
        return f"{self.folder}.{kind.lower()}.wandb"

    @property
    def end(self) -> Draft:
        """The draft that the client of a part announces as well, to end the version."""
        return Draft(self.run, token_of(self.token, "end"))

    @property
    def notes(self) -> str:
        """The run's path of the client's description."""
        return f"{self.folder}.draft"


def token_of(*parts: str) -> str:
    """The token of a draft, from the parts that identify it."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_TOKEN_CHARS]


def draft_of_manifest(run: RunPath, path: str) -> Draft | None:
    """The draft whose manifest a client uploads at a path; None for other paths.

    >>> run = RunPath("local", "p", "r")
    >>> draft_of_manifest(run, Draft(run, "0" * 32).manifest(PATCH)).token == "0" * 32
    True
    """
    match = _MANIFEST.fullmatch(path)
    return None if match is None else Draft(run, match[1])
