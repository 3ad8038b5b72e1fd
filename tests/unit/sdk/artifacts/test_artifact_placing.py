"""Files of an artifact in the run's directory: may they change until they are hashed?"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
from pathlib import Path

import msgspec
import pytest

from weft.records.files.artifacts import Manifest
from weft.runlog.reader import open_file
from weft.sdk.artifacts.making.draft_files import DraftFile, Policy
from weft.sdk.artifacts.making.placing import place_files
from weft.sync.files.encoders.manifest import DraftManifest, encode


def placed(folder: Path, source: Path, policy: Policy) -> bytes:
    """Place a file; the manifest for the file worker."""
    [file] = place_files([DraftFile("a.txt", source, policy)], folder)
    return msgspec.msgpack.encode(DraftManifest(Manifest([file.entry]), [file.changed_nanos]))


def hashed(draft: bytes, folder: Path) -> str:
    def open_entry(path: str) -> int:
        return open_file(folder / path)

    manifest = io.BytesIO()
    encode(memoryview(draft), {"open_entry": open_entry}, manifest)
    (entry,) = json.loads(manifest.getvalue())["entries"]
    return str(entry["sha256"])


def test_a_copy_in_a_moved_directory_is_hashed(tmp_path: Path) -> None:
    """As `scp -r` and many archives move it: with new times."""
    source = tmp_path / "source.txt"
    source.write_bytes(b"logged")
    draft = placed(tmp_path / "run", source, "mutable")
    source.write_bytes(b"overwritten")
    shutil.copytree(tmp_path / "run", tmp_path / "moved", copy_function=shutil.copyfile)
    os.utime(tmp_path / "moved" / "a.txt", (1, 1))
    assert hashed(draft, tmp_path / "moved") == hashlib.sha256(b"logged").hexdigest()


@pytest.mark.parametrize("content", [b"change", b"another size"])
def test_a_link_whose_file_was_changed_is_refused(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "source.txt"
    source.write_bytes(b"logged")
    draft = placed(tmp_path / "run", source, "immutable")
    assert hashed(draft, tmp_path / "run") == hashlib.sha256(b"logged").hexdigest()
    source.write_bytes(content)
    os.utime(source, (1, 1))
    with pytest.raises(ValueError, match=r"a\.txt was changed after it was logged"):
        hashed(draft, tmp_path / "run")


def test_a_copy_of_another_size_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "source.txt"
    source.write_bytes(b"logged")
    draft = placed(tmp_path / "run", source, "mutable")
    (tmp_path / "run" / "a.txt").write_bytes(b"cut")
    with pytest.raises(ValueError, match=r"a\.txt was changed after it was logged"):
        hashed(draft, tmp_path / "run")
