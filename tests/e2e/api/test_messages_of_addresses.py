"""Messages about wrong addresses, proxies and keys name the remedy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import weft
import weft.errors
from at_length import at_length
from live_runs import LiveServer, kill_sidecars
from sdk_script import run_script, run_well
from server_process import start_server, wait_until
from weft_command import run_weft, start_weft

ONE_ROW = "import weft; run = weft.init(project='p'); run.log({'a': 1}); run.finish()"


def last_line(folder: Path, **variables: str) -> str:
    """The last line of a script whose server is wrong."""
    script = run_script(folder, ONE_ROW, {"WEFT_MODE": "online", **variables})
    kill_sidecars()
    assert script.exit_code == 0, script.stderr
    return script.stderr.splitlines()[-1]


def test_a_dead_proxy_is_named_with_its_variable(tmp_path: Path) -> None:
    message = last_line(
        tmp_path, WEFT_BASE_URL="http://weft.example.org", http_proxy="http://127.0.0.1:9"
    )
    assert "the proxy http://127.0.0.1:9 (http_proxy) refuses connections" in message
    assert "no_proxy names hosts" in message


def test_https_to_a_server_of_http_is_said_at_once(tmp_path: Path, live: LiveServer) -> None:
    message = last_line(tmp_path, WEFT_BASE_URL=live.url.replace("http:", "https:"))
    # Not "no progress": `finish` did not wait its 30 s for it.
    assert f"does not speak HTTPS: write {live.url}." in message


@at_length
def test_the_address_of_a_page_is_no_base_url(tmp_path: Path, live: LiveServer) -> None:
    variables = {"WEFT_BASE_URL": f"{live.url}/local/mnist", "WEFT_API_KEY": live.process.token}
    assert f"the address has a path; did you mean {live.url}?" in last_line(tmp_path, **variables)
    listed = run_weft("runs", "p", env=variables)
    assert f"did you mean {live.url}?" in listed.stderr


@at_length
def test_a_link_to_a_server_that_never_answered_says_so(
    tmp_path: Path, unused_url: str, live: LiveServer
) -> None:
    variables = {"WEFT_MODE": "online", "WEFT_BASE_URL": unused_url}
    first = run_script(tmp_path, ONE_ROW, variables)
    assert "(once the server answers)" in first.stderr
    # A server of this machine that is up is seen to be so, also by its other name.
    for host in ("127.0.0.1", "localhost"):
        reached = run_well(
            tmp_path,
            ONE_ROW,
            live.environment,
            WEFT_BASE_URL=live.url.replace("127.0.0.1", host),
            XDG_STATE_HOME=str(tmp_path / host),
        )
        assert f"{host}:" in reached.stderr
        assert "(once the server answers)" not in reached.stderr


def test_a_key_that_is_not_known_is_said_in_short_sentences(tmp_path: Path) -> None:
    with start_server(tmp_path / "server") as server:
        run_weft("server", "user", "add", "ada", "--data", server.data)
        key = "local-" + "0" * 40
        variables = {"WANDB_BASE_URL": server.url, "WANDB_API_KEY": key, "WEFT_BASE_URL": ""}
        message = last_line(tmp_path, **variables)
        start = f"weft: The key in WANDB_API_KEY is not known to {server.url}. Set another one,"
        assert message.startswith(start)
        assert " are safe in ./weft/run-" in message
        assert message.count("weft login") == 1
        doctor = run_weft("doctor", env=variables)
        assert "refuses the key in WANDB_API_KEY" in doctor.stdout
        assert "unset WANDB_API_KEY; then, if a key is needed: weft login" in doctor.stdout


def test_the_doctor_names_the_variable_of_a_server_that_is_away(unused_url: str) -> None:
    done = run_weft("doctor", env={"WANDB_BASE_URL": unused_url, "WEFT_BASE_URL": ""})
    assert "start the server, or unset WANDB_BASE_URL" in done.stdout


@at_length
def test_the_shell_of_the_guide_for_wandbs_client_serves_weft_too(tmp_path: Path) -> None:
    with start_server(tmp_path / "server") as server:
        # The lines of docs/guide/wandb-client.md.
        shell = {
            "WEFT_BASE_URL": "",
            "WANDB_BASE_URL": server.url,
            "WANDB_API_KEY": "local-0000000000000000000000000000000000000000",
        }
        run_well(tmp_path, ONE_ROW, {"WEFT_MODE": "online", **shell})
        assert run_weft("runs", "p", env=shell).exit_code == 0
        assert run_weft("status", env=shell).exit_code == 0
        assert run_weft("doctor", env=shell).exit_code == 0
        code = "import weft; print(len(weft.Api().runs('p')))"
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **shell},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout, done.stderr) == ("1\n", "")
        # With users, both doors refuse it.
        run_weft("server", "user", "add", "ada", "--data", server.data)
        assert "WANDB_API_KEY" in run_weft("doctor", env=shell).stdout
        assert run_weft("runs", "p", env=shell).exit_code != 0


def test_logging_to_a_deleted_run_says_what_to_do(tmp_path: Path, live: LiveServer) -> None:
    code = ONE_ROW.replace("project='p'", "id='gone0001'")
    run_well(tmp_path, code, live.environment)
    live.ended("gone0001").delete()
    done = run_script(tmp_path, code, live.environment)
    message = done.stderr.splitlines()[-1]
    assert (
        "Begin a new run, under another id; or restore this one in the project's trash" in message
    )
    assert "weft sync" in message


@at_length
def test_watching_tells_of_each_run_and_counts_at_its_end(
    tmp_path: Path, live: LiveServer
) -> None:
    watch = start_weft("sync", "--watch", tmp_path, env=live.environment)
    try:
        for run in ("watch001", "watch002"):
            run_well(tmp_path, f"import weft; weft.init(id={run!r}, project='w').finish()")
        page = f"{live.url}/local/w/runs"

        def is_there(run: str) -> bool:
            try:
                return live.api.run(f"local/w/{run}").state == "finished"
            except weft.errors.NotFound:
                return False

        wait_until(lambda: all(map(is_there, ("watch001", "watch002"))))
    finally:
        watch.send_signal(2)
        _, stderr = watch.communicate(timeout=60)
    assert f"{page}/watch001" in stderr
    assert f"{page}/watch002" in stderr
    assert "2 runs (" in stderr.splitlines()[-1]


def test_small_mistakes_of_the_command_line() -> None:
    done = run_weft("server", env={"WEFT_SERVER_PORT": "tcp://10.0.0.7:8080"})
    assert done.exit_code == 2
    assert "Kubernetes sets WEFT_SERVER_PORT" in done.stderr
    done = run_weft("sql")
    assert 'weft sql PROJECT "SELECT' in done.stderr
    assert done.exit_code != 0
