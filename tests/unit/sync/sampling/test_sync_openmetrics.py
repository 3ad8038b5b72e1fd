"""Metrics of other programs, read from real HTTP servers."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer

import pytest

from weft.sync.sampling.exposition import read_exposition
from weft.sync.sampling.openmetrics import MAX_BYTES, MAX_SERIES, OpenMetrics

TEXT = """\
# HELP DCGM_FI_DEV_GPU_TEMP GPU temperature (in C).
# TYPE DCGM_FI_DEV_GPU_TEMP gauge
DCGM_FI_DEV_GPU_TEMP{gpu="0",modelName="NVIDIA H100, 80GB"} 41
DCGM_FI_DEV_GPU_TEMP{gpu="1",modelName="NVIDIA H100, 80GB"} 43.5 1700000000
# TYPE requests counter
requests_total{path="/a\\"}b\\\\"} 1e3 # {trace_id="x"} 0.5
# TYPE latency histogram
latency_bucket{le="+Inf"} 3
latency_count 3
untyped_metric 1
# TYPE broken gauge
broken NaN
broken{a="b"} many
# TYPE plain gauge
plain -2
# EOF
"""


class Endpoint(ThreadingTCPServer):
    """Answers `text`; says what it was asked with."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.text = TEXT.encode()
        self.status = 200
        self.seen_headers: Mapping[str, str] = {}
        self.path = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/metrics?node=a"


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_GET(self) -> None:
        self.server.seen_headers, self.server.path = dict(self.headers), self.path
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it
        pass


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_gauges_and_counters_have_the_keys_of_wandb(
    endpoint: Endpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    source = OpenMetrics("node", endpoint.url, {}, {"Authorization": "Bearer s3cret"})
    expected = {
        "system.openmetrics.node.DCGM_FI_DEV_GPU_TEMP.0": 41.0,
        "system.openmetrics.node.DCGM_FI_DEV_GPU_TEMP.1": 43.5,
        "system.openmetrics.node.requests_total.0": 1000.0,
        "system.openmetrics.node.plain.0": -2.0,
    }
    assert source.figures() == expected
    assert endpoint.seen_headers["Authorization"] == "Bearer s3cret"
    assert endpoint.path == "/metrics?node=a"
    output = capsys.readouterr().err
    assert "DCGM_FI_DEV_GPU_TEMP.1 is gpu=1, modelName=NVIDIA H100, 80GB\n" in output
    lines = TEXT.splitlines()
    endpoint.text = "\n".join([*lines[:2], lines[3], lines[2], *lines[4:]]).encode()
    assert source.figures() == expected, "numbers stay with their labels"
    assert capsys.readouterr().err == "", "each is told of once"


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"node.DCGM_.*": {}}, {"DCGM_FI_DEV_GPU_TEMP.0", "DCGM_FI_DEV_GPU_TEMP.1"}),
        ({"DCGM": {"gpu": "[1-3]"}}, {"DCGM_FI_DEV_GPU_TEMP.0"}),
        ({"DCGM": {"gpu": "0", "host": ".*"}, "plain$": {}}, {"plain.0"}),
        ({"^other": {}}, set[str]()),
    ],
)
def test_filters_choose_by_name_and_labels(
    endpoint: Endpoint, filters: dict[str, dict[str, str]], names: set[str]
) -> None:
    figures = OpenMetrics("node", endpoint.url, filters, {}).figures()
    assert set(figures) == {f"system.openmetrics.node.{name}" for name in names}


def test_an_endpoint_that_fails_is_told_of_once_and_asked_again(
    endpoint: Endpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    source = OpenMetrics("node", endpoint.url, {}, {})
    endpoint.status = 503
    assert source.figures() == source.figures() == {}
    assert capsys.readouterr().err.count("it answers 503 Service Unavailable") == 1
    endpoint.status = 200
    assert len(source.figures()) == 4
    endpoint.text = b"# TYPE a gauge\na 1\n" + b"#" * MAX_BYTES
    assert source.figures() == {}
    assert f"longer than {MAX_BYTES:,} bytes" in capsys.readouterr().err
    endpoint.text = b"\xff\xfe<html>{}"
    assert source.figures() == {}


def test_an_endpoint_with_ever_new_labels_is_bounded(
    endpoint: Endpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = "".join(f'a{{pod="{number}"}} 1\n' for number in range(MAX_SERIES + 10))
    endpoint.text = f"# TYPE a gauge\n{lines}".encode()
    source = OpenMetrics("node", endpoint.url, {}, {})
    assert len(source.figures()) == len(source.figures()) == MAX_SERIES
    assert capsys.readouterr().err.count("more than 1,000 series: filter them") == 1


def test_nothing_listens(capsys: pytest.CaptureFixture[str]) -> None:
    assert OpenMetrics("node", "http://127.0.0.1:1/metrics", {}, {}).figures() == {}
    assert "the endpoint node: ConnectionRefusedError" in capsys.readouterr().err


def test_labels_keep_commas_quotes_and_line_ends() -> None:
    (reading,) = read_exposition('# TYPE a gauge\na{x="1,\\"2\\"}",y="b\\nc",} 5')
    assert (reading.labels, reading.value) == ({"x": '1,"2"}', "y": "b\nc"}, 5.0)
