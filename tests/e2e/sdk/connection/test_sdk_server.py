"""Scripts in processes of their own against a real server, read back through `weft.Api`."""

from __future__ import annotations

import http.server
import json
import math
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

import weft
from at_length import at_length, case_at_length
from live_runs import await_no_sidecar, kill_sidecars, sidecars
from sdk_script import DESCRIBED, run_script, same, start_script
from server_process import ServerProcess, wait_until
from weft.errors import ConfigError, NotFound, Unavailable
from weft.runlog.platform import PORTABLE
from weft_command import run_weft

pytestmark = pytest.mark.timeout(300)


# -- round trip ---


def test_everything_logged_comes_back_in_kind_and_value(
    tmp_path: Path, environment: dict[str, str], api: weft.Api, server: ServerProcess
) -> None:
    script = run_script(
        tmp_path,
        """
        import math, weft
        config = {"lr": 0.1, "model": {"depth": 2}, "seed": 2**70, "seeds": [-2**64, 1]}
        run = weft.init(id="roundtrip", name="my run", config=config)
        run.log({"f": 1.0, "i": 5, "b": True, "s": "text", "n": None, "list": [1, "a"],
                 "nan": math.nan, "inf": -math.inf, "nested": {"a": {"b": 3}}, "big": 2**70,
                 "max": 2**63 - 1})
        run.log({"f": 2.5}, step=2.5)
        run.log({"f": 1.5}, step=-3)
        run.log({"open": 1}, commit=False)
        run.log({"open too": 2})
        run.summary["best"] = {"epoch": 7}
        run.config.update({"lr": 0.2}, allow_val_change=True)
        """,
        environment,
    )
    assert script.exit_code == 0, script.stderr
    run = api.run("local/tests/roundtrip")
    assert (run.id, run.name, run.state, run.exit_code) == ("roundtrip", "my run", "finished", 0)
    assert run.config == {
        "lr": 0.2, "model": {"depth": 2}, "seed": 2**70, "seeds": [-(2**64), 1]
    }  # fmt: skip
    assert f"View run my run at {run.url}" in script.stderr
    rows = list(run.scan_history())
    assert [row["_step"] for row in rows] == [-3, -3, 0, 2.5] or [
        row["_step"] for row in rows
    ] == [-3, 0, 2.5]
    first = next(row for row in rows if row["_step"] == 0)
    expected: dict[str, Any] = {
        "f": 1.0, "i": 5, "b": True, "s": "text", "n": None, "list": [1, "a"], "nan": math.nan,
        "inf": -math.inf, "nested.a.b": 3, "max": 2**63 - 1, "big": 2**70,
    }  # fmt: skip
    assert all(same(first[key], value) for key, value in expected.items()), first
    assert 0 <= first["_runtime"] < 60
    assert abs(first["_timestamp"] - time.time()) < 120
    summary = run.summary
    assert summary["best"] == {"epoch": 7}
    assert (summary["f"], summary["i"], summary["inf"]) == (1.5, 5, -math.inf)
    assert math.isnan(summary["nan"])
    assert summary["big"] == 2**70
    answer = httpx.get(
        f"{api.url}/api/v1/projects/local/tests/runs/roundtrip",
        headers={"Authorization": f"Bearer {server.token}"},
    )
    assert answer.json()["config"]["seed"] == {"_type": "int", "value": str(2**70)}


def test_what_a_run_notes_of_its_machine_is_among_its_files(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    def noted_by(program: str, **others: str) -> dict[str, Any]:
        script = run_script(
            tmp_path,
            f"""
            import sys, weft
            sys.argv = ["{program}", "--lr", "0.1"]
            weft.init(id="noted", resume="allow").log({{"a": 1}})
            """,
            {**environment, **DESCRIBED, **others},
        )
        assert script.exit_code == 0, script.stderr
        file = api.run("local/tests/noted").file("metadata.json")
        with file.download(str(tmp_path / "out"), replace=True) as downloaded:
            noted: dict[str, Any] = json.load(downloaded)
        return noted

    noted = noted_by("train.py")
    assert (noted["program"], noted["args"]) == ("train.py", ["--lr", "0.1"])
    assert all(noted[fact] for fact in ("host", "python", "cpu_count", "cwd"))
    # one process speaks for the whole run, and who goes on with it says how
    assert noted_by("other.py", RANK="1", WORLD_SIZE="2")["program"] == "train.py"
    assert noted_by("again.py")["program"] == "again.py"


def test_scan_history_gives_every_row_of_the_keys_asked_for(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    script = run_script(
        tmp_path,
        """
        import weft
        run = weft.init(id="manyrows")
        for n in range(25_000):
            run.log({"n": n} if n % 5 else {"n": n, "a,b": n})
        """,
        environment,
    )
    assert script.exit_code == 0, script.stderr
    run = api.run("local/tests/manyrows")
    assert [row["n"] for row in run.scan_history(page_size=999)] == list(range(25_000))
    fifth = list(run.scan_history(keys=["a,b"]))
    assert [row["a,b"] for row in fifth] == list(range(0, 25_000, 5))
    assert all("n" not in row for row in fifth)


def test_an_offline_run_arrives_whole_by_weft_sync(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    offline = environment | {"WEFT_MODE": "offline"}
    script = run_script(
        tmp_path,
        """
        import sys, weft
        run = weft.init(id="offline", config={"lr": 0.1})
        for n in range(100):
            run.log({"n": n})
        sys.exit(2)
        """,
        offline,
    )
    with pytest.raises(NotFound):
        api.run("local/tests/offline")
    command = re.search(r"`weft (sync \./weft/run-\S+)`", script.stderr)
    assert command is not None
    done = run_weft(*command[1].split(), env=environment, cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    run = api.run("local/tests/offline")
    assert (run.state, run.exit_code, run.config) == ("failed", 2, {"lr": 0.1})
    assert [row["n"] for row in run.scan_history()] == list(range(100))


# -- states ---


@pytest.mark.parametrize(
    ("ending", "state", "code"),
    [
        ("pass", "finished", 0),
        ("raise ValueError", "failed", 1),
        case_at_length("sys.exit(3)", "failed", 3),
        case_at_length("raise KeyboardInterrupt", "killed", 130),
        case_at_length("os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)", "killed", 143),
        case_at_length("os.kill(os.getpid(), signal.SIGKILL); time.sleep(60)", "crashed", None),
        case_at_length("os._exit(0)", "crashed", None),
    ],
)
def test_the_state_says_how_the_process_ended(
    tmp_path: Path,
    environment: dict[str, str],
    api: weft.Api,
    ending: str,
    state: str,
    code: int | None,
) -> None:
    run_id = f"end-{state}-{code}-{len(ending)}"
    script = run_script(
        tmp_path,
        f"import os, signal, sys, time, weft\n"
        f'run = weft.init(id="{run_id}")\nrun.log({{"a": 1}})\n{ending}',
        environment,
    )

    def ended() -> bool:
        try:
            return api.run(f"local/tests/{run_id}").state not in {"running", "pending"}
        except NotFound:
            return False

    wait_until(ended, what="end of the run")
    run = api.run(f"local/tests/{run_id}")
    assert (run.state, run.exit_code) == (state, code), script.stderr
    assert [row["a"] for row in run.scan_history()] == [1]
    wait_until(lambda: not sidecars(), what="end of the sidecar")


def test_a_run_is_seen_live_and_is_stopped_by_a_request(
    tmp_path: Path, environment: dict[str, str], api: weft.Api, server: ServerProcess
) -> None:
    code = """
        import time, weft
        with weft.init(id="stopme") as run:
            for n in range(10_000):
                run.log({"n": n})
                time.sleep(0.02)
        """
    script = start_script(tmp_path, code, environment)

    def rows() -> list[Any]:
        try:
            return list(api.run("local/tests/stopme").scan_history())
        except NotFound:
            return []

    wait_until(lambda: len(rows()) > 20, what="rows of a running run")
    assert api.run("local/tests/stopme").state == "running"
    answer = httpx.post(f"{server.url}/api/v1/projects/local/tests/runs/stopme/stop")
    assert answer.status_code == 202, answer.text
    _, stderr = script.communicate(timeout=180)
    assert script.returncode == -signal.SIGINT, stderr
    assert "KeyboardInterrupt" in stderr
    assert api.run("local/tests/stopme").state == "killed"
    assert "Run stopme was stopped by a user of the web page or the API" in stderr
    assert api.run("local/tests/stopme").stopped_by == "a user of the web page or the API"


def test_a_run_is_stopped_by_a_file_in_its_directory(tmp_path: Path) -> None:
    code = """
        import time, weft
        with weft.init(id="stopfile", mode="offline") as run:
            for n in range(10_000):
                run.log({"n": n})
                time.sleep(0.02)
        """
    script = start_script(tmp_path, code, {"WEFT_DIR": str(tmp_path)})
    wait_until(lambda: any(tmp_path.glob("weft/run-*-stopfile/*.weft")), what="its directory")
    (directory,) = tmp_path.glob("weft/run-*-stopfile")
    (directory / "stop").write_text("the queue closes\n")
    _, stderr = script.communicate(timeout=180)
    assert script.returncode == -signal.SIGINT, stderr
    assert "the queue closes" in stderr


@at_length
def test_a_stop_reaches_the_main_thread_when_another_one_logs(
    tmp_path: Path, environment: dict[str, str], api: weft.Api, server: ServerProcess
) -> None:
    code = """
        import threading, time, weft
        run = weft.init(id="stopthread")
        def work():
            while not run.finished:
                run.log({"n": 1})
                time.sleep(0.02)
        threading.Thread(target=work, daemon=True).start()
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            print("interrupted")
        """
    script = start_script(tmp_path, code, environment)

    def known() -> bool:
        try:
            return bool(api.run("local/tests/stopthread").summary)
        except NotFound:
            return False

    wait_until(known, what="the run's first row")
    httpx.post(f"{server.url}/api/v1/projects/local/tests/runs/stopthread/stop")
    stdout, stderr = script.communicate(timeout=180)
    assert stdout == "interrupted\n", stderr
    assert api.run("local/tests/stopthread").state == "killed"


# -- processes ---


def test_a_clean_exit_leaves_no_process(tmp_path: Path, environment: dict[str, str]) -> None:
    script = run_script(
        tmp_path,
        'import weft\nfor n in range(3):\n    weft.init().log({"n": n})',
        environment,
    )
    assert script.exit_code == 0, script.stderr
    await_no_sidecar()


@at_length
def test_rows_of_forked_children_arrive(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    script = run_script(
        tmp_path,
        """
        import multiprocessing, weft
        def work(n):
            weft.log({"worker": n})
        run = weft.init(id="forked")
        run.log({"main": 1})
        with multiprocessing.get_context("fork").Pool(3) as pool:
            pool.map(work, range(60))
        run.log({"main": 2})
        """,
        environment,
    )
    assert script.exit_code == 0, script.stderr
    run = api.run("local/tests/forked")
    rows = list(run.scan_history())
    assert sorted(row["worker"] for row in rows if "worker" in row) == list(range(60))
    assert [row["main"] for row in rows if "main" in row] == [1, 2]
    assert run.state == "finished"


@pytest.mark.parametrize("is_freed", [case_at_length(True), False])
def test_a_full_disk_costs_rows_but_no_wait_at_the_end(
    tmp_path: Path, environment: dict[str, str], api: weft.Api, is_freed: bool
) -> None:
    run_id = f"fulldisk{int(is_freed)}"
    script = run_script(
        tmp_path,
        f"""
        import resource, sys, weft

        def frees(event, arguments):
            # What a disk does when a file on it goes: there is room of that size.
            if {is_freed} and event == "os.remove" and str(arguments[0]).endswith(".reserve"):
                resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))

        sys.addaudithook(frees)
        run = weft.init(id="{run_id}")
        run.log({{"n": 0}})
        (log,) = run.directory.glob("*.weft")
        resource.setrlimit(
            resource.RLIMIT_FSIZE, (log.stat().st_size, resource.RLIM_INFINITY)
        )
        for n in range(1, 100):
            run.log({{"n": n}})
        """,
        environment,
        is_forked=False,
    )
    assert script.exit_code == 0, script.stderr
    assert "ERROR 99 rows were lost" in script.stderr
    assert f"runs/{run_id}" in script.stderr.splitlines()[-3]
    assert "not uploaded" not in script.stderr
    run = api.run(f"local/tests/{run_id}")
    assert [row["n"] for row in run.scan_history()] == [0]
    if is_freed:
        assert (run.state, run.exit_code) == ("finished", 0)


def test_two_clients_with_one_run_id_are_one_run(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    clients = []
    for name in ("a", "b"):
        code = f"""
            import weft
            with weft.init(id="joint", config={{"{name}": 1}}) as run:
                for n in range(300):
                    run.log({{"{name}": n}})
            """
        clients.append(start_script(tmp_path, code, environment))
    for client in clients:
        _, stderr = client.communicate(timeout=180)
        assert client.returncode == 0, stderr
    run = api.run("local/tests/joint")
    rows = list(run.scan_history())
    for name in ("a", "b"):
        assert [row[name] for row in rows if name in row] == list(range(300))
    assert (run.state, run.config) == ("finished", {"a": 1, "b": 1})


def test_a_killed_sidecar_is_replaced_and_nothing_is_lost_or_doubled(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = """
        import select, sys, weft
        run = weft.init(id="respawn")
        n = 0
        print("ready", flush=True)
        while not select.select([sys.stdin], [], [], 0.001)[0]:
            run.log({"n": n}); n += 1
        run.finish()
        print(n)
        """
    script = start_script(tmp_path, code, environment, stdin=-1)
    assert script.stdout is not None
    assert script.stdout.readline() == "ready\n"
    (first,) = wait_until(sidecars, what="sidecar")  # type: ignore[misc]
    first.kill()
    wait_until(lambda: [s for s in sidecars() if s.pid != first.pid], what="new sidecar")
    stdout, stderr = script.communicate("\n", timeout=180)
    assert script.returncode == 0, stderr
    rows = [row["n"] for row in api.run("local/tests/respawn").scan_history()]
    assert rows == list(range(int(stdout)))


@at_length
def test_a_script_piped_to_cat_ends_with_the_script_and_has_no_child(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    script = run_script(
        tmp_path,
        """
        import os, weft
        run = weft.init()
        run.log({"a": 1})
        try:
            # Where the sidecar is a child, waiting for it would take as long as it lives.
            os.waitpid(-1, os.WNOHANG if os.environ.get("WEFT_PORTABLE") else 0)
            print("a child", flush=True)
        except ChildProcessError:
            print("no child", flush=True)
        os.kill(os.getpid(), 9)
        """,
        environment,
    )
    # `communicate` has read both pipes to their end: nobody else holds them.
    assert script.stdout == ("a child\n" if PORTABLE else "no child\n")


# -- servers that are none, or not there ---


ONE_ROW = 'import weft\nrun = weft.init()\nrun.log({"a": 1})\n'


def test_without_any_server_the_run_stays_here_and_says_how_to_look(tmp_path: Path) -> None:
    script = run_script(tmp_path, ONE_ROW, {"WEFT_MODE": "online"})
    assert script.exit_code == 0
    assert "No server is known" in script.stderr
    assert "`weft ui`" in script.stderr.splitlines()[-1]
    assert "WARNING" not in script.stderr


def test_a_server_that_refuses_is_said_at_the_end(tmp_path: Path, unused_url: str) -> None:
    script = run_script(tmp_path, ONE_ROW, {"WEFT_MODE": "online", "WEFT_BASE_URL": unused_url})
    assert script.exit_code == 0
    last = script.stderr.splitlines()[-1]
    assert "No server answered" in last
    assert unused_url in last
    assert "weft sync ./weft/run-" in last


@contextmanager
def bad_server(status: int, content_type: str, body: bytes) -> Iterator[str]:
    """Gives the same answer to everything."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def problem(code: str) -> bytes:
    return b'{"title": "x", "status": 0, "code": "%s", "detail": "as the server says"}' % (
        code.encode()
    )


@pytest.mark.parametrize(
    ("status", "content_type", "body", "says"),
    [
        (200, "text/html", b"<html>It works!</html>", "No weft server at http://"),
        (404, "text/html", b"<html>Not here</html>", "No weft server at http://"),
        (501, "text/html", b"<html>No POST</html>", "No weft server at http://"),
        (
            401,
            "application/problem+json",
            problem("forbidden"),
            "needs a key. `weft login` saves one. ",
        ),
        (410, "application/problem+json", problem("gone"), "The run was deleted on the server"),
        (413, "application/problem+json", problem("limit"), "The server refused the run's data: "),
        (429, "application/problem+json", problem("unavailable"), "No progress of the upload"),
        (500, "application/problem+json", problem("error"), "No progress of the upload"),
    ],
)
def test_a_server_that_will_not_take_the_run_is_said_at_the_end(
    tmp_path: Path, status: int, content_type: str, body: bytes, says: str
) -> None:
    code = ONE_ROW
    if status in {429, 500}:  # may pass by: waited for, and what else is said has to come first
        code = code.replace("init()", 'init(settings={"finish_timeout_secs": 1})')
    with bad_server(status, content_type, body) as url:
        script = run_script(tmp_path, code, {"WEFT_MODE": "online", "WEFT_BASE_URL": url})
        kill_sidecars()
    assert script.exit_code == 0
    last = script.stderr.splitlines()[-1]
    assert says in last, script.stderr
    assert "./weft/run-" in last


@pytest.fixture
def mute_server() -> Iterator[str]:
    """Takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_finish_is_bounded_when_a_server_never_answers(tmp_path: Path, mute_server: str) -> None:
    code = ONE_ROW.replace("init()", 'init(settings={"finish_timeout_secs": 0.5})')
    script = run_script(tmp_path, code, {"WEFT_MODE": "online", "WEFT_BASE_URL": mute_server})
    assert script.exit_code == 0
    assert "No progress of the upload" in script.stderr
    assert "continues in the background" in script.stderr
    kill_sidecars()


def test_ctrl_c_detaches_a_waiting_finish(tmp_path: Path, mute_server: str) -> None:
    code = """
        import weft
        from weft.sync.handle import SidecarHandle
        finish = SidecarHandle.finish
        def finish_and_say(*arguments, **options):
            print("waiting", flush=True)
            return finish(*arguments, **options)
        SidecarHandle.finish = finish_and_say
        run = weft.init()
        run.log({"a": 1})
        run.finish()
        print("after", flush=True)
        """
    environment = {
        "WEFT_MODE": "online", "WEFT_BASE_URL": mute_server, "WEFT_FINISH_TIMEOUT": "600"
    }  # fmt: skip
    script = start_script(tmp_path, code, environment)
    assert script.stdout is not None
    assert script.stdout.readline() == "waiting\n"
    wait_until(sidecars, what="sidecar")
    script.send_signal(signal.SIGINT)
    stdout, stderr = script.communicate(timeout=180)
    assert stdout == "after\n"
    assert "Stopped waiting" in stderr
    assert script.returncode == 0
    kill_sidecars()


@pytest.mark.parametrize(
    "url", ["not an address", case_at_length("ftp://x"), case_at_length("http://x:99999")]
)
def test_a_wrong_address_warns_and_the_training_goes_on(tmp_path: Path, url: str) -> None:
    environment = {"WEFT_MODE": "online", "WEFT_BASE_URL": url}
    script = run_script(tmp_path, ONE_ROW + 'print("done", run.url)', environment)
    assert script.stdout == "done None\n"
    assert script.exit_code == 0
    warning, *others = [line for line in script.stderr.splitlines() if "WARNING" in line]
    assert others == []
    assert "server address" in warning
    assert url in warning
    last = script.stderr.splitlines()[-1]
    assert "server address" in last
    assert "no weft server" not in last


def test_runs_of_one_process_may_differ_in_mode_and_server(
    tmp_path: Path,
    environment: dict[str, str],
    api: weft.Api,
    server: ServerProcess,
    unused_url: str,
) -> None:
    script = run_script(
        tmp_path,
        f"""
        import os, weft
        for n, url in enumerate(["{server.url}", "{unused_url}", "{server.url}"]):
            os.environ["WEFT_BASE_URL"] = url
            for mode in ("online", "disabled", "offline", "online"):
                with weft.init(id=f"mix-{{n}}-{{mode}}", mode=mode) as run:
                    run.log({{"n": n}})
        """,
        environment,
    )
    assert script.exit_code == 0, script.stderr
    assert "WARNING" not in script.stderr
    for n in (0, 2):
        run = api.run(f"local/tests/mix-{n}-online")
        assert (run.state, run.summary["n"]) == ("finished", n)
    for missing in ("mix-1-online", "mix-0-offline", "mix-0-disabled"):
        with pytest.raises(NotFound):
            api.run(f"local/tests/{missing}")


# -- weft.Api ---


@at_length
def test_api_finds_the_server_as_a_run_does(
    tmp_path: Path,
    environment: dict[str, str],
    server: ServerProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert run_script(tmp_path, ONE_ROW.replace("()", '(id="found")', 1), environment)
    monkeypatch.setenv("WEFT_BASE_URL", server.url)
    monkeypatch.setenv("WEFT_PROJECT", "tests")
    api = weft.Api()
    for path in ("found", "tests/found", "local/tests/found", "/local/tests/runs/found"):
        assert api.run(path).path == ["local", "tests", "found"]


def test_api_errors_name_the_thing(
    api: weft.Api, unused_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotFound, match="nothere"):
        api.run("local/tests/nothere")
    with pytest.raises(ConfigError, match="entity/project/id"):
        api.run("a/b/c/d")
    with pytest.raises(Unavailable, match="nothing listens"):
        weft.Api(unused_url).run("local/p/x")
    monkeypatch.delenv("WEFT_BASE_URL", raising=False)
    with pytest.raises(Unavailable, match="weft server"):
        weft.Api()


@at_length
def test_keys_as_text_is_a_mistake_that_is_named(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    assert run_script(tmp_path, ONE_ROW.replace("()", '(id="keys")', 1), environment)
    with pytest.raises(ConfigError, match="list of names"):
        api.run("local/tests/keys").scan_history(keys="loss")
