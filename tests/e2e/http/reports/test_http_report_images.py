"""Images of reports through HTTP: what is taken, who gets it, and how safely it is served."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator

import httpx
import pytest

from lab_server import Lab, start_lab
from report_pictures import picture
from server_process import ServerProcess

PROJECT = "images-of-http"
PATH = f"/api/v1/projects/local/{PROJECT}"


@pytest.fixture(scope="module")
def http(server: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        client.delete(PATH, params={"permanently": True})
        client.put(PATH, json={}).raise_for_status()
        yield client


def new_report(http: httpx.Client, path: str = PATH) -> str:
    """The address of a new report."""
    created = http.post(f"{path}/reports", json={"title": "A"}).raise_for_status()
    return f"{path}/reports/{created.json()['id']}"


def add(http: httpx.Client, report: str, content: bytes) -> httpx.Response:
    return http.post(f"{report}/images", content=content)


def publish(http: httpx.Client, report: str, *hashes: str) -> None:
    blocks = [
        {"id": f"i{n}", "kind": "image", "sha256": sha256} for n, sha256 in enumerate(hashes)
    ]
    http.patch(report, json={"blocks": blocks}).raise_for_status()
    http.post(f"{report}/publish").raise_for_status()


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "GIF", "WEBP"])
def test_an_image_comes_back_as_it_was_sent(http: httpx.Client, file_format: str) -> None:
    report = new_report(http)
    content = picture(file_format=file_format)
    answer = add(http, report, content)
    assert answer.status_code == 201, answer.text
    info = answer.json()
    media_type = f"image/{file_format.lower()}"
    assert (info["media_type"], info["n_bytes"]) == (media_type, len(content))
    assert (info["width_px"], info["height_px"]) == (120, 80)
    assert add(http, report, content).json() == info

    address = f"{report}/images/{info['sha256']}"
    image = http.get(address).raise_for_status()
    assert image.content == content
    assert image.headers["content-type"] == media_type
    assert image.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in image.headers["content-security-policy"]
    assert image.headers["content-disposition"].startswith("inline; filename")
    assert image.headers["cache-control"] == "private, max-age=86400, immutable"
    again = http.get(address, headers={"If-None-Match": image.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    part = http.get(address, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, content[:10])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        picture()[:-30],
        picture(file_format="JPEG")[:200],
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_what_is_no_image_is_refused(http: httpx.Client, content: bytes) -> None:
    report = new_report(http)
    # what it says of itself does not count
    answer = http.post(f"{report}/images", content=content, headers={"Content-Type": "image/png"})
    assert answer.status_code == 400, answer.text
    assert "image" in answer.json()["detail"]


def test_a_page_in_an_image_stays_an_image(http: httpx.Client) -> None:
    report = new_report(http)
    content = picture() + b"<!doctype html><script>alert(1)</script>"
    sha256 = add(http, report, content).raise_for_status().json()["sha256"]
    image = http.get(f"{report}/images/{sha256}")
    assert image.headers["content-type"] == "image/png"
    assert image.headers["x-content-type-options"] == "nosniff"


def test_a_large_image_is_refused(http: httpx.Client) -> None:
    report = new_report(http)
    largest = picture() + b"\0" * ((10 << 20) - len(picture()))
    assert add(http, report, largest).status_code == 201
    answer = add(http, report, largest + b"\0")
    assert answer.status_code == 413
    assert str(10 << 20) in answer.json()["detail"]


def test_an_image_is_of_its_report_alone(http: httpx.Client) -> None:
    report, other = new_report(http), new_report(http)
    sha256 = add(http, report, picture()).json()["sha256"]
    # a block that names a hash gives no one the image
    publish(http, other, sha256)
    assert http.get(f"{other}/images/{sha256}").status_code == 404
    for name in ("0" * 64, "x", sha256.upper(), "..%2f" + sha256):
        assert http.get(f"{report}/images/{name}").status_code == 404
    absent = f"{PATH}/reports/absent"
    assert add(http, absent, picture()).status_code == 404
    assert http.get(f"{absent}/images/{sha256}").status_code == 404


def test_a_deleted_report_has_no_images(http: httpx.Client) -> None:
    report = new_report(http)
    sha256 = add(http, report, picture()).json()["sha256"]
    http.delete(report).raise_for_status()
    assert http.get(f"{report}/images/{sha256}").status_code == 410
    assert add(http, report, picture()).status_code == 410
    http.delete(report, params={"permanently": True}).raise_for_status()
    assert http.get(f"{report}/images/{sha256}").status_code == 404
    assert add(http, report, picture()).status_code == 404


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with start_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def test_who_may_not_write_gets_the_images_of_what_is_published(lab: Lab) -> None:
    mia, vic, olga, log_key = (lab.clients[name] for name in ("mia", "vic", "olga", "mia-log"))
    report = new_report(mia, "/api/v1/projects/lab/runs")
    shown = add(mia, report, picture()).raise_for_status().json()
    assert shown["added_by"] == "mia"
    hidden = add(mia, report, picture("blue")).json()["sha256"]
    address = f"{report}/images/{shown['sha256']}"
    assert add(vic, report, picture("green")).status_code == 403
    assert add(log_key, report, picture("green")).status_code == 403
    assert vic.get(address).status_code == 404
    publish(mia, report, shown["sha256"])
    assert vic.get(address).content == picture()
    assert vic.get(f"{report}/images/{hidden}").status_code == 404
    assert mia.get(f"{report}/images/{hidden}").status_code == 200
    assert olga.get(address).status_code == 403
    assert lab.clients["unknown"].get(address).status_code == 401


def test_everyone_gets_the_images_of_a_public_project(lab: Lab) -> None:
    mia = lab.clients["mia"]
    report = new_report(mia, "/api/v1/projects/lab/paper")
    sha256 = add(mia, report, picture()).json()["sha256"]
    draft = add(mia, report, picture("blue")).json()["sha256"]
    publish(mia, report, sha256)
    assert lab.clients["dan"].get(f"{report}/images/{sha256}").content == picture()
    assert lab.clients["dan"].get(f"{report}/images/{draft}").status_code == 404


def test_a_link_shows_the_images_of_what_is_published(http: httpx.Client) -> None:
    report = new_report(http)
    shown = add(http, report, picture()).json()["sha256"]
    hidden = add(http, report, picture("blue")).json()["sha256"]
    other = new_report(http)
    foreign = add(http, other, picture("green")).json()["sha256"]
    publish(http, report, shown)
    share = {"kind": "report", "report": report.rpartition("/")[2]}
    created = http.post(f"{PATH}/shares", json=share).raise_for_status().json()
    link = f"/api/v1/shared/{created['path'].rpartition('/')[2]}"
    document = http.get(f"{link}/report").raise_for_status().json()["document"]
    assert document["blocks"] == [{"id": "i0", "kind": "image", "sha256": shown}]
    image = http.get(f"{link}/report/images/{shown}").raise_for_status()
    assert image.content == picture()
    assert image.headers["cache-control"] == "private, no-cache"
    assert image.headers["x-robots-tag"] == "noindex"
    assert image.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in image.headers["content-security-policy"]
    again = http.get(
        f"{link}/report/images/{shown}", headers={"If-None-Match": image.headers["etag"]}
    )
    assert again.status_code == 304
    for sha256 in (hidden, foreign, "0" * 64):
        assert http.get(f"{link}/report/images/{sha256}").status_code == 404
    # the next version has none
    publish(http, report)
    assert http.get(f"{link}/report/images/{shown}").status_code == 404
    publish(http, report, shown)
    http.delete(f"{PATH}/shares/{created['id']}").raise_for_status()
    assert http.get(f"{link}/report/images/{shown}").status_code == 404


def test_files_of_a_report_have_its_images(http: httpx.Client) -> None:
    report, other = new_report(http), new_report(http)
    shown = add(http, report, picture()).json()["sha256"]
    add(http, report, picture("blue")).raise_for_status()
    linked = add(http, other, picture("green")).json()["sha256"]
    address = f"{other}/images/{linked}"
    inner = [{"kind": "image", "id": "in", "sha256": shown, "alt": "Red"}]
    blocks = [
        {"id": "c", "kind": "columns", "columns": [{"blocks": inner}]},
        {"id": "u", "kind": "image", "url": address},
        {"id": "f", "kind": "image", "sha256": linked},
    ]
    http.patch(report, json={"blocks": blocks}).raise_for_status()
    http.post(f"{report}/publish").raise_for_status()
    page = http.get(f"{report}/export").raise_for_status().text
    data = re.search(r'id="weft-report">(.+?)</script>', page)
    assert data is not None
    # what another report has is inside by its address, not by a hash
    assert json.loads(data[1])["images"] == {
        shown: f"data:image/png;base64,{base64.b64encode(picture()).decode()}",
        address: f"data:image/png;base64,{base64.b64encode(picture('green')).decode()}",
    }
    text = http.get(f"{report}/export", params={"format": "markdown"}).raise_for_status().text
    assert f"![Red]({report}/images/{shown})" in text


def test_a_file_has_no_images_that_its_maker_may_not_see(lab: Lab) -> None:
    mia, vic = lab.clients["mia"], lab.clients["vic"]
    secret = new_report(mia, "/api/v1/projects/lab/secret")
    hidden = add(mia, secret, picture("blue")).json()["sha256"]
    report = new_report(mia, "/api/v1/projects/lab/runs")
    block = {"id": "a", "kind": "image", "url": f"{secret}/images/{hidden}"}
    mia.patch(report, json={"blocks": [block]}).raise_for_status()
    mia.post(f"{report}/publish").raise_for_status()
    content = base64.b64encode(picture("blue")).decode()
    assert content in mia.get(f"{report}/export").raise_for_status().text
    assert content not in vic.get(f"{report}/export").raise_for_status().text
