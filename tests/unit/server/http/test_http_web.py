"""The web app's files: cached, packed, and never anything outside of the bundle."""

from __future__ import annotations

import asyncio
import gzip
import shutil
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from weft.server.http.answers.web import BUNDLE, WebApp


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<html><script>theme()</script></html>")
    (folder / "assets/app-1a2b.js").write_text("app()")
    (folder / "assets/app-1a2b.js.br").write_bytes(b"packed")
    (folder / "icon.svg").write_text("<svg/>")
    (tmp_path / "secret").write_text("secret")
    return folder


@pytest.fixture
def built_app() -> Path:
    if not (BUNDLE / "index.html").exists():
        pytest.skip("the web app is not built")
    return BUNDLE


def scope_of(path: str, accept_encoding: str = "") -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"accept-encoding", accept_encoding.encode()), (b"host", b"localhost")],
        "state": {},
    }


def find(app: WebApp, path: str) -> Response | None:
    return app.answer(Request(scope_of(path)))


def get(app: WebApp, path: str, accept_encoding: str = "") -> tuple[int, dict[str, str], bytes]:
    """Send one request, and hear the answer."""
    scope = scope_of(path, accept_encoding)
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()  # the browser stays and has nothing more to say

    async def send(message: Any) -> None:
        sent.append(message)

    answer = app.answer(Request(scope))
    assert answer is not None
    asyncio.run(answer(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], headers, body


def test_every_other_address_is_the_page_and_never_kept(bundle: Path) -> None:
    app = WebApp(bundle)
    for path in ("/", "/local/mnist", "/local/mnist/runs/ab12cd34", "/index.html"):
        status, headers, body = get(app, path)
        assert (status, headers["cache-control"]) == (200, "no-store")
        assert b"theme()" in body
        assert "content-encoding" not in headers
        _, packed_headers, packed = get(app, path, "gzip, br")
        assert packed_headers.pop("content-encoding") == "gzip"
        assert gzip.decompress(packed) == body
        assert int(packed_headers.pop("content-length")) == len(packed)
        assert packed_headers == {k: v for k, v in headers.items() if k != "content-length"}


def test_a_document_as_text_has_the_address_of_its_page(bundle: Path) -> None:
    (bundle / "docs/guide").mkdir(parents=True)
    (bundle / "docs/guide/web.md").write_text("# The web app")
    app = WebApp(bundle)
    status, headers, _ = get(app, "/docs/web.md")
    assert (status, headers["location"]) == (307, "guide/web.md")
    assert get(app, "/docs/guide/web.md")[2] == b"# The web app"
    assert find(app, "/docs/other.md") is None
    assert find(app, "/docs/web.txt") is None


def test_scripts_written_in_the_page_are_allowed_by_hash_only(bundle: Path) -> None:
    policy = get(WebApp(bundle), "/")[1]["content-security-policy"]
    assert "script-src 'self' 'sha256-" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]


def test_hashed_files_are_kept_for_ever_and_sent_packed(bundle: Path) -> None:
    app = WebApp(bundle)
    status, headers, body = get(app, "/assets/app-1a2b.js")
    assert (status, body) == (200, b"app()")
    assert "immutable" in headers["cache-control"]
    assert "javascript" in headers["content-type"]
    status, headers, body = get(app, "/assets/app-1a2b.js", "gzip, br")
    assert (headers["content-encoding"], body) == ("br", b"packed")
    assert "javascript" in headers["content-type"]


def test_packed_scripts_are_unpacked_for_clients_without_codings(
    bundle: Path,
) -> None:
    script = b"large()" * 100
    (bundle / "assets/large-5e6f.mjs.br").write_bytes(b"packed")
    (bundle / "assets/large-5e6f.mjs.gz").write_bytes(gzip.compress(script))
    app = WebApp(bundle)
    for accepted, coding, sent in (
        ("gzip, br", "br", b"packed"),
        ("gzip", "gzip", gzip.compress(script)),
        ("", None, script),
        ("zstd", None, script),
    ):
        status, headers, body = get(app, "/assets/large-5e6f.mjs", accepted)
        assert (status, headers.get("content-encoding")) == (200, coding)
        assert gzip.decompress(body) == script if coding == "gzip" else body == sent
        assert headers["content-length"] == str(len(body))
        assert "javascript" in headers["content-type"]
        assert "immutable" in headers["cache-control"]


def test_the_built_app_is_small(built_app: Path) -> None:
    files = [file for file in built_app.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 20_000_000
    names = {file.name for file in files}
    scripts = {name for name in names if name.endswith((".js", ".mjs", ".css"))}
    assert not {name for name in scripts if f"{name}.gz" in names}
    assert not {name for name in names if name.endswith((".map", ".ttf", ".woff"))}


def test_a_new_build_under_a_running_server_is_served(bundle: Path) -> None:
    app = WebApp(bundle)
    assert get(app, "/assets/app-1a2b.js", "br")[2] == b"packed"
    shutil.rmtree(bundle)
    assert find(app, "/assets/app-1a2b.js") is None
    assert get(app, "/")[0] == 503
    (bundle / "assets").mkdir(parents=True)
    (bundle / "index.html").write_text("<html>new</html>")
    (bundle / "assets/app-3c4d.js").write_text("new()")
    (bundle / "icon.svg").write_text("<svg new/>")
    assert get(app, "/")[2] == b"<html>new</html>"
    assert get(app, "/assets/app-3c4d.js")[2] == b"new()"
    assert get(app, "/icon.svg")[2] == b"<svg new/>"
    assert find(app, "/assets/app-1a2b.js") is None


def test_other_files_are_kept_a_while(bundle: Path) -> None:
    _, headers, _ = get(WebApp(bundle), "/icon.svg")
    assert headers["content-type"] == "image/svg+xml"
    assert "immutable" not in headers["cache-control"]


@pytest.mark.parametrize("path", ["/assets/none.js", "/assets/../../secret"])
def test_missing_files_are_not_the_page(bundle: Path, path: str) -> None:
    assert find(WebApp(bundle), path) is None


@pytest.mark.parametrize("path", ["/../secret", "/..%2fsecret", "//secret"])
def test_no_path_leads_out_of_the_bundle(bundle: Path, path: str) -> None:
    assert b"secret" not in get(WebApp(bundle), path)[2]


def test_without_a_bundle_the_page_says_how_to_build_it(tmp_path: Path) -> None:
    status, _, body = get(WebApp(tmp_path / "none"), "/")
    assert status == 503
    assert b"make setup" in body


def test_documents_are_text_and_a_missing_one_is_no_page(bundle: Path) -> None:
    (bundle / "docs/guide").mkdir(parents=True)
    (bundle / "docs/guide/web.md").write_text("# The web app")
    app = WebApp(bundle)
    status, headers, body = get(app, "/docs/guide/web.md")
    assert (status, body) == (200, b"# The web app")
    assert headers["content-type"] == "text/plain; charset=utf-8"
    for page in ("/docs", "/docs/web", "/docs/nothing"):
        assert b"theme()" in get(app, page)[2]
    assert find(app, "/docs/guide/nothing.md") is None
