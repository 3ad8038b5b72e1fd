"""Artifacts: their names, and the manifest that lists the files of a version. No I/O.

A script writes a manifest among the files of its run, at `artifacts/<token>.json`; the contents it
lists are in the folder `artifacts/<token>/`. The record `Artifact` names the manifest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec

from weft.errors import ConfigError
from weft.records.files.described import ARTIFACTS_FOLDER
from weft.records.files.file_paths import check_file_path
from weft.records.ids import REGISTRY, SHA256_PATTERN, check_name
from weft.records.limits import MAX_ID_BYTES
from weft.records.value import INT64_MAX, INT64_MIN

MANIFEST_SUFFIX: Final = ".json"
_TOKEN: Final = "0" * 32
"""The longest that a token may be."""

LATEST: Final = "latest"
"""The alias that the newest version of a collection always has."""

MAX_ENTRIES: Final = 1_000_000
"""Most files of one version: the server has its manifest in memory."""

MAX_MANIFEST_BYTES: Final = 512 * 2**20
"""Largest manifest: a million entries of 500 bytes."""

MAX_CHUNK_BYTES: Final = 4 * 2**20
"""Largest chunk of a file: a request has several."""

MAX_ALIASES: Final = 1000
"""Most aliases and tags that one version may be given."""

MAX_REFERENCE_CHARS: Final = 4096
"""Longest address of a file that an artifact only refers to."""

DEFAULT_REGISTRIES: Final = ("model", "dataset")
"""Registries that need not be created."""

REGISTRY_PREFIX: Final = "wandb-registry-"
"""The beginning of W&B's name of the project that stands for a registry."""

MODEL_REGISTRY: Final = "model-registry"
"""The project in which W&B had all registered models before there were registries."""

_NAME: Final = re.compile(r"[A-Za-z0-9_.\-]{1,128}")
_VERSION: Final = re.compile(r"v(0|[1-9][0-9]{0,8})")
_TAG: Final = re.compile(r"[\w\-]([\w\- ]{0,126}[\w\-])?")


class Chunk(msgspec.Struct, frozen=True, array_like=True):
    """A part of a large file. It begins where the one before it ends."""

    n_bytes: int
    sha256: str


class ManifestEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file of an artifact version.

    Attributes:
        n_bytes: the size of its content; 0 if unknown.
        sha256: the hash of its content; '' if the artifact only refers to it.
        reference: the address of a file that is kept elsewhere, such as `s3://bucket/key`.
        checksum: the checksum of a reference's content by its storage: an ETag, MD5 or SHA-256.
        chunks: the parts that its content is sent and stored in. Empty: it is sent as one.
    """

    path: str
    n_bytes: int = 0
    sha256: str = ""
    reference: str = ""
    checksum: str = ""
    chunks: list[Chunk] = []


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """The manifest of an artifact version by a script: its files, and their description.

    Attributes:
        is_incremental: whether the version also has the files of the newest one before it.
    """

    entries: list[ManifestEntry] = msgspec.field(default_factory=list[ManifestEntry])
    description: str = ""
    metadata: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    tags: list[str] = msgspec.field(default_factory=list[str])
    ttl_secs: int = 0
    is_incremental: bool = False
    step: int | None = None

    def check(self) -> None:
        """Check all that a stranger may have written. ConfigError if an entry's path, hash or size
        is invalid, two have one path, or a file and a folder do.
        """
        if len(self.entries) > MAX_ENTRIES:
            raise ConfigError(f"an artifact has at most {MAX_ENTRIES} files")
        paths: set[str] = set()
        for entry in self.entries:
            check_entry_path(entry.path)
            if entry.path in paths:
                raise ConfigError(f"the artifact has two files {entry.path!r}")
            paths.add(entry.path)
            if entry.n_bytes < 0:
                raise ConfigError(f"the size of {entry.path!r} is negative")
            if entry.reference:
                if len(entry.reference) > MAX_REFERENCE_CHARS:
                    raise ConfigError(
                        f"the reference {entry.path!r} has more than {MAX_REFERENCE_CHARS} "
                        "characters"
                    )
            elif not SHA256_PATTERN.fullmatch(entry.sha256):
                raise ConfigError(f"the SHA-256 of {entry.path!r} is invalid")
            _check_chunks(entry)
        for path in paths:
            folder = path
            while "/" in folder:
                folder = folder.rpartition("/")[0]
                if folder in paths:
                    raise ConfigError(f"the artifact has a file {folder!r}, and {path!r} in it")
        for tag in self.tags:
            check_tag(tag)
        if self.step is not None and not INT64_MIN <= self.step <= INT64_MAX:
            raise ConfigError("the step of the artifact is out of range")


def _check_chunks(entry: ManifestEntry) -> None:
    for chunk in entry.chunks:
        if not 0 < chunk.n_bytes <= MAX_CHUNK_BYTES or not SHA256_PATTERN.fullmatch(chunk.sha256):
            raise ConfigError(f"a chunk of {entry.path!r} is invalid")
    n_bytes = sum(chunk.n_bytes for chunk in entry.chunks)
    if entry.chunks and (entry.reference or n_bytes != entry.n_bytes):
        raise ConfigError(f"the chunks of {entry.path!r} do not have its {entry.n_bytes} bytes")


def check_entry_path(path: str) -> str:
    """Return `path` if a file of an artifact can have it.

    Its content is also a file of the run, in a folder below `artifacts/`, so it is a little
    shorter than the longest path there. ConfigError if `path` is invalid; the message says why.

    >>> check_entry_path("train/a.csv")
    'train/a.csv'
    """
    check_file_path(path)
    try:
        check_file_path(f"{ARTIFACTS_FOLDER}{_TOKEN}/{path}")
    except ConfigError:
        raise ConfigError(
            f"the path of a file of an artifact is too long or too deep: {path[:200]!a}",
            field="path",
        ) from None
    return path


def digest_of(entries: Iterable[ManifestEntry]) -> str:
    """The hash of a version's files. Versions with one digest have the same files,
    however these are cut into chunks.

    >>> digest_of([ManifestEntry("a", 1, "0" * 64)])[:8]
    'bd037692'
    """
    digest = hashlib.sha256()
    for entry in sorted(entries, key=lambda file: file.path):
        parts = (entry.path, str(entry.n_bytes), entry.sha256, entry.reference, entry.checksum)
        digest.update("\0".join(parts).encode() + b"\n")
    return digest.hexdigest()


def check_artifact_name(name: object) -> str:
    """Return `name` if it can name a collection of artifacts. ConfigError if it has other than 1
    to 128 letters, digits, `_`, `-` and `.`.

    >>> check_artifact_name("mnist-train")
    'mnist-train'
    >>> check_artifact_name("a/b")
    Traceback (most recent call last):
    weft.errors.ConfigError: invalid artifact name 'a/b': use 1 to 128 letters, digits, _ - and .
    """
    if not isinstance(name, str):
        raise ConfigError(f"artifact name must be a string, not {type(name).__name__}")
    if not _NAME.fullmatch(name) or name in {".", ".."}:
        raise ConfigError(
            f"invalid artifact name {name[:200]!r}: use 1 to {MAX_ID_BYTES} letters, digits, "
            "_ - and .",
            field="name",
        )
    return name


def check_artifact_type(name: object) -> str:
    """Return `name` if it can be the type of an artifact, such as `dataset` or `model`."""
    return _check_label("artifact type", name, "type")


def check_alias(alias: object) -> str:
    """Return `alias` if a version can be given it. ConfigError if it is empty or too long, has `/`
    or `:`, looks like a version, or is `.` or `..`, which clients take for folders in the
    version's address.

    >>> check_alias("v3")
    Traceback (most recent call last):
    weft.errors.ConfigError: invalid alias 'v3': v and a number is the name of a version
    """
    if isinstance(alias, str) and _VERSION.fullmatch(alias):
        raise ConfigError(f"invalid alias {alias!r}: v and a number is the name of a version")
    if isinstance(alias, str) and alias in {".", ".."}:
        raise ConfigError(f"invalid alias {alias!r}: it names a folder", field="aliases")
    return _check_label("alias", alias, "aliases")


def _check_label(kind: str, text: object, field: str) -> str:
    if not isinstance(text, str):
        raise ConfigError(f"{kind} must be a string, not {type(text).__name__}")
    if not 0 < len(text) <= MAX_ID_BYTES or not text.isprintable() or set(text) & set("/:"):
        raise ConfigError(
            f"invalid {kind} {text[:200]!r}: use 1 to {MAX_ID_BYTES} printable characters without "
            "/ and :",
            field=field,
        )
    return text


def check_tag(tag: object) -> str:
    """Return `tag` if a version can be given it. ConfigError if it has other than 1 to 128
    letters, digits, `_`, `-` and inner spaces.
    """
    if not isinstance(tag, str):
        raise ConfigError(f"tag must be a string, not {type(tag).__name__}")
    if not _TAG.fullmatch(tag):
        raise ConfigError(
            f"invalid tag {tag[:200]!r}: use 1 to 128 letters, digits, _ - and spaces inside",
            field="tags",
        )
    return tag


def version_number(ref: str) -> int | None:
    """The number of a version's name such as `v3`; None if it is something else.

    >>> version_number("v3"), version_number("v03"), version_number("best")
    (3, None, None)
    """
    return int(ref[1:]) if _VERSION.fullmatch(ref) else None


class ArtifactPath(NamedTuple):
    """Names a version: `entity/project/name:ref`, where `ref` is a version, alias or digest."""

    entity: str
    project: str
    name: str
    ref: str

    def __str__(self) -> str:
        return f"{self.entity}/{self.project}/{self.name}:{self.ref}"


def parse_artifact_path(text: str, entity: str = "", project: str = "") -> ArtifactPath:
    """Read the name of a version. Without a version or alias it is the latest one.

    The project `wandb-registry-model`, of any entity, is W&B's name of the registry `model`, and
    `model-registry` the one it had before.

    Args:
        entity, project: stand for what the text leaves out.

    Raises:
        ConfigError: the text is no such name, or leaves out what has no stand-in.

    >>> str(parse_artifact_path("mnist:best", "lab", "digits"))
    'lab/digits/mnist:best'
    >>> str(parse_artifact_path("wandb-registry-model/digits:production"))
    'registry/model/digits:production'
    """
    before, colon, ref = text.partition(":")
    parts = before.split("/")
    if len(parts) > 3:
        raise ConfigError(
            f"{text[:200]!r} is not the name of an artifact: name:v3, project/name:v3"
        )
    name = check_artifact_name(parts[-1])
    project = parts[-2] if len(parts) > 1 else project
    entity = parts[0] if len(parts) > 2 else entity
    if project.startswith(REGISTRY_PREFIX):
        entity, project = REGISTRY, project.removeprefix(REGISTRY_PREFIX)
    elif project == MODEL_REGISTRY:
        entity, project = REGISTRY, DEFAULT_REGISTRIES[0]
    check_name("entity", entity)
    check_name("project", project)
    ref = ref if colon else LATEST
    if version_number(ref) is None:
        check_alias(ref)
    return ArtifactPath(entity, project, name, ref)


class LinkTarget(NamedTuple):
    """Names a collection that versions are linked to. `str()` is `entity/project/name`.

    A registry is a project of the entity `registry`.
    """

    entity: str
    project: str
    name: str

    def __str__(self) -> str:
        return f"{self.entity}/{self.project}/{self.name}"


def parse_link_target(text: str) -> LinkTarget:
    """Read the name of a collection that versions are linked to.

    Two parts name a collection of a registry, three one of any project. ConfigError if the text is
    no such name.

    >>> str(parse_link_target("registry/model/digits")), str(parse_link_target("model/digits"))
    ('registry/model/digits', 'registry/model/digits')
    >>> str(parse_link_target("lab/wandb-registry-model/digits"))
    'registry/model/digits'
    >>> str(parse_link_target("lab/vision/portfolio"))
    'lab/vision/portfolio'
    """
    parts = text.split("/")
    if len(parts) not in {2, 3} or ":" in text:
        raise ConfigError(
            f"{text[:200]!r} is not a collection: name one of a registry as model/digits, or one "
            "of a project as entity/project/digits",
            field="target",
        )
    entity, project = parts[0] if len(parts) == 3 else REGISTRY, parts[-2]
    if project.startswith(REGISTRY_PREFIX):
        entity, project = REGISTRY, project.removeprefix(REGISTRY_PREFIX)
    elif project == MODEL_REGISTRY:
        entity, project = REGISTRY, DEFAULT_REGISTRIES[0]
    kind = "registry" if entity == REGISTRY else "project"
    check_name("entity", entity)
    return LinkTarget(entity, check_name(kind, project), check_artifact_name(parts[-1]))


def token_of(path: str) -> str:
    """The token of the version that a file of a run belongs to; '' if it is the run's own.

    >>> token_of("artifacts/0196/train/a.csv"), token_of("artifacts/0196.json")
    ('0196', '')
    """
    token, _, below = path.removeprefix(ARTIFACTS_FOLDER).partition("/")
    return token if path.startswith(ARTIFACTS_FOLDER) and below else ""


def check_manifest_path(path: str) -> str:
    """Return the folder of the contents that belong to a manifest's path. ConfigError if the path
    is not a manifest's.

    >>> check_manifest_path("artifacts/0196.json")
    'artifacts/0196'
    """
    folder = path.removesuffix(MANIFEST_SUFFIX)
    if folder == path or not folder.startswith(ARTIFACTS_FOLDER) or folder.count("/") != 1:
        raise ConfigError(f"{path[:200]!r} is not the path of a manifest")
    check_file_path(path)
    return folder
