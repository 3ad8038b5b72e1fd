"""References to files that are kept elsewhere: noted with size and hash, fetched, checked."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

import weft
from live_runs import PROJECT, LiveServer
from sdk_script import run_well
from weft.errors import ConfigError, Forbidden, NotFound, Unavailable, UsageError

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def log(live: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[weft.Run]:
    """A run in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name, value in live.environment.items():
        monkeypatch.setenv(name, value)
    with weft.init(project=PROJECT, settings=weft.Settings(console="off")) as run:
        yield run


class WebFiles(BaseHTTPRequestHandler):
    """A web server of files; those below `/no-head/` are only sent, not described."""

    files: ClassVar[dict[str, bytes]] = {}

    def do_HEAD(self) -> None:
        if self.path.startswith("/no-head/"):
            self.send_error(405)
        else:
            self._describe()

    def do_GET(self) -> None:
        content = self._describe()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(content)

    def _describe(self) -> bytes:
        content = self.files.get(self.path)
        if content is None or self.path.startswith("/secret/"):
            self.send_error(404 if content is None else 403)
            return b""
        self.send_response(200)
        if not self.path.startswith("/untold/"):
            self.send_header("ETag", f'"{hashlib.md5(content).hexdigest()}"')
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return content

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[str]:
    WebFiles.files.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), WebFiles)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_files_of_a_web_server(log: weft.Run, web: str, tmp_path: Path) -> None:
    WebFiles.files |= {
        "/data/a%20b.csv": b"x,y", "/no-head/b": b"bb", "/untold/c": b"ccc", "/secret/d": b"d",
    }  # fmt: skip
    artifact = weft.Artifact("from-web", "dataset")
    [first] = artifact.add_reference(f"{web}/data/a%20b.csv")
    assert (first.path, first.size) == ("a b.csv", 3)
    assert first.digest == hashlib.md5(b"x,y").hexdigest()
    assert artifact.add_reference(f"{web}/no-head/b")[0].size == 2
    [untold] = artifact.add_reference(f"{web}/untold/c", "in/c")
    assert (untold.size, untold.digest) == (0, f"{web}/untold/c")
    [unasked] = artifact.add_reference(f"{web}/nothing", checksum=False)
    assert (unasked.size, unasked.ref_target()) == (0, f"{web}/nothing")
    with pytest.raises(Forbidden, match="/secret/d answers 403"):
        artifact.add_reference(f"{web}/secret/d")
    with pytest.raises(NotFound, match="/none answers 404"):
        artifact.add_reference(f"{web}/none")
    with pytest.raises(Unavailable, match="can't be reached"):
        artifact.add_reference("http://127.0.0.1:1/x")
    artifact.remove("nothing")
    stored = log.log_artifact(artifact).wait(60)

    folder = Path(stored.download())
    assert [(folder / name).read_bytes() for name in ("a b.csv", "b", "in/c")] == [
        b"x,y", b"bb", b"ccc",
    ]  # fmt: skip
    assert Path(stored.get_entry("b").download(tmp_path / "one")).read_bytes() == b"bb"
    stored.verify()
    WebFiles.files["/data/a%20b.csv"] = b"z,y"
    del WebFiles.files["/no-head/b"]
    with pytest.raises(ValueError, match=r"a b\.csv was changed: .*; b is gone: "):
        stored.verify()
    with pytest.raises(weft.CommError, match="was changed since the artifact was logged"):
        stored.download(tmp_path / "again", path_prefix="a")
    assert not list((tmp_path / "again").iterdir())
    stored.download(tmp_path / "again", allow_missing_references=True)


def test_local_files_that_were_changed_are_named(log: weft.Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for name in ("a", "b", "c"):
        (data / name).write_text(name)
    artifact = weft.Artifact("local-files", "dataset")
    with pytest.raises(UsageError, match="more than max_objects=2"):
        artifact.add_reference(data.as_uri(), max_objects=2)
    assert len(artifact.add_reference(data.as_uri())) == 3
    stored = log.log_artifact(artifact).wait(60)
    stored.download()
    stored.verify()
    (data / "a").write_text("changed")
    (data / "b").unlink()
    with pytest.raises(ValueError, match=r"a was changed: file://.*; b is gone: file://"):
        stored.verify()


def test_a_missing_library_names_the_extra(tmp_path: Path) -> None:
    run_well(
        tmp_path,
        """
        import sys
        sys.modules["obstore"] = None
        import weft
        artifact = weft.Artifact("a", "dataset")
        try:
            artifact.add_reference("s3://bucket/key")
        except ImportError as error:
            assert "pip install obstore" in str(error), error
        else:
            raise AssertionError
        artifact.add_reference("s3://bucket/key", checksum=False)
        """,
    )


@pytest.mark.parametrize("address", ["weft-artifact://", "weft-artifact://a/b"])
def test_malformed_addresses_are_refused(address: str) -> None:
    with pytest.raises((ConfigError, UsageError)):
        weft.Artifact("a", "dataset").add_reference(address)
