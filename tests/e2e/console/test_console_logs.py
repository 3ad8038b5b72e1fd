"""Console output that real scripts printed, read back by HTTP, `weft logs` and `weft.Api`."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import weft
from live_runs import PROJECT, LiveServer
from sdk_script import run_well, start_script
from server_process import wait_until
from weft.errors import ConfigError, NotFound
from weft_command import run_weft, start_weft

RANKS = """
    import os, sys, time, weft
    rank = os.environ.get("RANK", "0")
    run = weft.init(id="ranks", resume="allow")
    print(f"\\x1b[32mrank {rank} begins\\x1b[0m")
    for step in range(101):
        sys.stderr.write(f"\\r{step:3}%|{'#' * (step // 10):10}| rank {rank}")
        run.log({"loss": 1 / (step + 1)})
    sys.stderr.write("\\n")
    print("loss", 0.25)
    if rank == "1":
        print("ERROR: late rank")
    run.finish()
    """

LIVE = """
    import os, time, weft
    run = weft.init(id="live")
    print("first")
    while not os.path.exists("go"):
        time.sleep(0.05)
    for n in range(3):
        print("later", n)
    run.finish()
    """

RUN = f"/api/v1/projects/local/{PROJECT}/runs/ranks/logs"
CONSOLE = {"WEFT_CONSOLE": "wrap"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("server")) as server:
        folder = tmp_path_factory.mktemp("ranks")
        shared = {**server.environment, **CONSOLE, "WORLD_SIZE": "2"}
        ranks = [start_script(folder, RANKS, {**shared, "RANK": str(rank)}) for rank in (0, 1)]
        for process in ranks:
            _, stderr = process.communicate(timeout=120)
            assert process.returncode == 0, stderr
        server.ended("ranks")
        yield server


@pytest.fixture(scope="module")
def filled_client(filled: LiveServer) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {filled.process.token}"}
    with httpx.Client(base_url=filled.url, timeout=30, headers=headers, trust_env=False) as http:
        yield http


@pytest.fixture
def weft_env(filled: LiveServer) -> dict[str, str]:
    return {"WEFT_BASE_URL": filled.url, "WEFT_API_KEY": str(filled.process.token)}


def get(client: httpx.Client, path: str, **query: Any) -> Any:
    reply = client.get(path, params=query)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_two_ranks_are_read_as_in_a_terminal(filled_client: httpx.Client) -> None:
    streams = get(filled_client, f"{RUN}/streams")["streams"]
    named = {(stream["labels"]["rank"], stream["stream"]): stream for stream in streams}
    assert {name: stream["n_lines"] for name, stream in named.items()} == {
        ("0", "stdout"): 2, ("0", "stderr"): 1, ("1", "stdout"): 3, ("1", "stderr"): 1,
    }  # fmt: skip
    page = get(filled_client, RUN)
    assert page["total"] == 7
    assert [line["position"] for line in page["lines"]] == list(range(7))
    writer = named["1", "stdout"]["writer"]
    lines = get(filled_client, RUN, writer=writer)["lines"]
    assert [line["text"] for line in lines] == [
        "\x1b[32mrank 1 begins\x1b[0m", "100%|##########| rank 1", "loss 0.25", "ERROR: late rank",
    ]  # fmt: skip
    assert [line["stream"] for line in lines] == ["stdout", "stderr", "stdout", "stdout"]
    bars = get(filled_client, RUN, stream="stderr")["lines"]
    assert sorted(line["text"][-6:] for line in bars) == ["rank 0", "rank 1"]
    assert get(filled_client, RUN, start=5, limit=9)["lines"] == page["lines"][5:]
    assert get(filled_client, RUN, start=2**53)["lines"] == []
    assert get(filled_client, RUN, tail=True, limit=2)["lines"] == page["lines"][-2:]


def test_a_log_is_searched_and_downloaded(filled_client: httpx.Client) -> None:
    hits = get(filled_client, f"{RUN}/hits", search="error")
    (position,) = hits["positions"]
    (line,) = get(filled_client, RUN, search="error")["lines"]
    assert (line["position"], line["text"]) == (position, "ERROR: late rank")
    assert get(filled_client, f"{RUN}/hits", search="error", regex=True)["positions"] == []
    numbers = get(filled_client, f"{RUN}/hits", search=r"^loss \d", regex=True, limit=1)
    assert (len(numbers["positions"]), numbers["complete"], numbers["total"]) == (1, False, 7)
    text = filled_client.get(f"{RUN}/text")
    assert text.headers["content-disposition"] == 'attachment; filename="ranks.log"'
    assert sorted(text.text.splitlines())[0] == "[rank 0] 100%|##########| rank 0"
    assert "\x1b[32m" in filled_client.get(f"{RUN}/text", params={"codes": True}).text


@pytest.mark.parametrize(
    ("path", "query", "status", "says"),
    [
        (f"{RUN}/hits", {"search": "(", "regex": True}, 400, "not a regular expression"),
        (f"{RUN}/hits", {"search": ""}, 400, "search"),
        (RUN, {"limit": 10_001}, 400, "limit"),
        (RUN, {"limit": 10**30}, 400, "limit"),
        (RUN, {"tail": True, "search": "x"}, 400, "tail can't be combined"),
        (RUN, {"stream": "stdin"}, 400, "stream"),
        (RUN, {"writer": "unknown"}, 404, "unknown"),
        (f"{RUN}/moment", {"step": 1, "time_micros": 1}, 400, "time_micros"),
        (f"{RUN}/moment", {"step": 1, "writer": "unknown"}, 404, "unknown"),
        (RUN.replace("ranks", "unknown"), {}, 404, "unknown"),
    ],
)
def test_bad_requests_are_problems(
    filled_client: httpx.Client, path: str, query: dict[str, Any], status: int, says: str
) -> None:
    reply = filled_client.get(path, params=query)
    assert reply.status_code == status
    assert says in reply.text


def test_a_moment_has_its_step_and_its_line(filled_client: httpx.Client) -> None:
    lines = get(filled_client, RUN)["lines"]
    streams = get(filled_client, f"{RUN}/streams")["streams"]
    writer = next(stream["writer"] for stream in streams if stream["labels"]["rank"] == "1")
    printed = get(filled_client, RUN, writer=writer, stream="stdout")["lines"]
    times = [line["time_micros"] for line in printed]
    for time in times:
        query = {"writer": writer, "stream": "stdout"}
        moment = get(filled_client, f"{RUN}/moment", time_micros=time, **query)
        assert (moment["line"], moment["total"]) == (times.index(time), len(times))
    last = get(filled_client, f"{RUN}/moment", time_micros=lines[-1]["time_micros"] + 10**9)
    assert last["line"] == len(lines)
    assert get(filled_client, f"{RUN}/moment", time_micros=0) == {
        "step": None, "time_micros": 0, "line": 0, "total": len(lines),
    }  # fmt: skip
    assert get(filled_client, f"{RUN}/moment")["line"] == len(lines)
    begin = get(filled_client, f"{RUN}/moment", step=0)
    end = get(filled_client, f"{RUN}/moment", step=99.5)
    beyond = get(filled_client, f"{RUN}/moment", step=10**6)
    assert [answer["step"] for answer in (begin, end)] == [0, 100]
    # a rank that begins when the other has ended continues its steps
    assert 100 <= last["step"] <= beyond["step"] <= 201
    assert begin["time_micros"] < end["time_micros"] <= beyond["time_micros"]
    assert begin["line"] <= end["line"]


def test_the_command_prints_what_was_asked(weft_env: dict[str, str]) -> None:
    done = run_weft("logs", "tests/ranks", env=weft_env)
    assert (done.exit_code, len(done.stdout.splitlines())) == (0, 7), done.stderr
    assert "[rank 1] ERROR: late rank\n" in done.stdout
    line = run_weft(
        "logs", "tests/ranks", "--grep", "^loss|ERR", "--rank", 1, "--tail", 1, "--json",
        env=weft_env,
    )  # fmt: skip
    assert json.loads(line.stdout)["text"] == "ERROR: late rank"
    followed = run_weft("logs", "tests/ranks", "-f", "--stream", "stderr", env=weft_env)
    assert len(followed.stdout.splitlines()) == 2
    for arguments, says in (
        (("tests/unknown",), "unknown"),
        (("tests/ranks", "--rank", 7), "has no rank 7; its ranks are 0, 1"),
        (("tests/ranks", "--grep", "("), "not a regular expression"),
        (("tests/ranks", "-f", "--grep", "x"), "can't be combined"),
    ):
        refused = run_weft("logs", *arguments, env=weft_env)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert says in refused.stderr


def test_a_live_run_is_followed_to_its_end(
    filled: LiveServer, weft_env: dict[str, str], tmp_path: Path
) -> None:
    script = start_script(tmp_path, LIVE, {**filled.environment, **CONSOLE})
    wait_until(lambda: filled.has("live"), secs=60, what="the live run")
    following = start_weft("logs", "-f", "tests/live", env=weft_env)
    stopped = start_weft("logs", "-f", "tests/live", env=weft_env)
    assert following.stdout is not None
    assert stopped.stdout is not None
    assert following.stdout.readline() == "first\n"
    assert stopped.stdout.readline() == "first\n"
    stopped.send_signal(signal.SIGINT)
    assert (*stopped.communicate(timeout=60), stopped.returncode) == ("", "", 130)
    timer = threading.Timer(120, following.kill)
    timer.start()
    (tmp_path / "go").touch()
    stdout, stderr = following.communicate()
    timer.cancel()
    assert (stdout, stderr) == ("later 0\nlater 1\nlater 2\n", "")
    assert following.returncode == 0
    script.communicate(timeout=60)


def test_a_closed_pipe_ends_the_command(weft_env: dict[str, str]) -> None:
    with start_weft("logs", "-f", "tests/ranks", env=weft_env) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_the_api_reads_a_server_and_a_directory(filled: LiveServer, tmp_path: Path) -> None:
    run = filled.run("ranks")
    assert len(list(run.console_logs())) == 7
    (line,) = run.console_logs(rank=1, search="error")
    assert (line.text, line.stream) == ("ERROR: late rank", "stdout")
    assert [line.text for line in run.console_logs(regex="^loss", rank=0)] == ["loss 0.25"]
    with pytest.raises(ConfigError, match=r"missing \): \($"):
        run.console_logs(regex="(")
    with pytest.raises(NotFound, match="no rank 5"):
        run.console_logs(rank=5)
    for wrong in ({"last": 0}, {"last": 3, "search": "x"}, {"search": ""}, {"stream": "stdin"}):
        with pytest.raises(ConfigError):
            run.console_logs(**wrong)  # type: ignore[arg-type]
    run_well(tmp_path, 'import weft\nwith weft.init(id="here"):\n    print("local")', CONSOLE)
    (local_run,) = weft.Api(tmp_path).runs()
    assert [line.text for line in local_run.console_logs(last=5)] == ["local"]
