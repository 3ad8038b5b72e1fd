"""`weft.login()`, and the keys that runs take along, against servers that ask for one."""

from __future__ import annotations

import os
import pty
import socket
import socketserver
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import weft
from at_length import at_length, case_at_length
from certificates import untrusted_context
from live_runs import LiveServer, await_no_sidecar
from sdk_script import run_script, run_well, script_environment
from weft.errors import Forbidden
from weft_command import run_weft

pytestmark = pytest.mark.timeout(300)


# -- keys ---


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that asks everybody for its token."""
    with LiveServer(tmp_path_factory.mktemp("closed"), "--host", "0.0.0.0") as server:
        server.url = f"http://127.0.0.1:{server.port}"
        server.environment["WEFT_BASE_URL"] = server.url
        yield server


def test_a_token_file_is_the_key(tmp_path: Path, closed: LiveServer) -> None:
    token = tmp_path / "token"
    token.write_text(f"{closed.process.token}\n")
    code = "import weft; weft.init(id='by-token').log({'a': 1})"
    run_well(tmp_path, code, closed.environment, WANDB_IDENTITY_TOKEN_FILE=str(token))
    assert closed.values("by-token", "a") == [1]
    await_no_sidecar()


@pytest.mark.parametrize("arguments", [[], case_at_length(["--key", "-"]), case_at_length(["-"])])
@pytest.mark.parametrize("is_known", [False, True])
def test_a_key_is_piped_to_login(
    tmp_path: Path, closed: LiveServer, arguments: list[str], is_known: bool
) -> None:
    netrc = tmp_path / "netrc"
    if is_known:
        netrc.write_text(
            f"machine 127.0.0.1:{closed.port}\n  login user\n  password {'old' * 20}\n"
        )
    done = run_weft(
        *("login", "--host", closed.url, *arguments),
        env={"NETRC": str(netrc), "WEFT_CONFIG_DIR": str(tmp_path)},
        stdin=f"{closed.process.token}\n",
    )
    assert done.exit_code == 0, done.stderr
    assert f"Logged in to {closed.url}" in done.stderr
    assert closed.process.token in netrc.read_text()
    assert closed.process.token not in done.stderr + done.stdout


def test_a_key_that_login_took_serves_later_scripts(tmp_path: Path, closed: LiveServer) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("# mine\nmachine other login me password secret")
    variables = {"NETRC": str(netrc), "WEFT_BASE_URL": "", "WEFT_PROJECT": "tests"}
    code = f"""
        import weft

        assert weft.login(key={closed.process.token!r}, host={closed.url!r}) is True
        weft.init(id="same-process").log({{"a": 1}})
        """
    stderr = run_well(tmp_path, code, WEFT_MODE="online", **variables).stderr
    assert f"Logged in to {closed.url}" in stderr
    assert closed.process.token not in stderr
    assert "machine other login me password secret\n" in netrc.read_text()
    assert stat.S_IMODE(netrc.stat().st_mode) == 0o600
    # The address is kept in the user's settings file, the key in the netrc file.
    run_well(
        tmp_path,
        "import weft; weft.init(id='later').log({'a': 2})",
        WEFT_MODE="online", **variables,
    )  # fmt: skip
    assert closed.values("same-process", "a") == [1]
    assert closed.values("later", "a") == [2]
    await_no_sidecar()


def test_a_wrong_key_is_refused_and_not_kept(tmp_path: Path, closed: LiveServer) -> None:
    script = run_script(
        tmp_path,
        f"import weft; weft.login(key='wrong', host={closed.url!r})",
        {"WEFT_MODE": "online", "NETRC": str(tmp_path / "netrc")},
    )
    assert script.exit_code == 1
    assert (
        f"Forbidden: {closed.url} refuses this key: its key is the text of `token`"
        in script.stderr
    )
    assert not (tmp_path / "netrc").exists()


def test_api_uses_the_kept_key(
    tmp_path: Path, closed: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login user password {closed.process.token}\n")
    netrc.chmod(0o600)
    api = weft.Api(closed.url)
    with pytest.raises(Forbidden):
        list(api.runs("local/tests"))
    api.close()
    monkeypatch.setenv("NETRC", str(netrc))
    api = weft.Api(closed.url)
    list(api.runs("local/tests"))
    api.close()


@at_length
def test_logging_in_offline_or_with_an_active_run_does_nothing(tmp_path: Path) -> None:
    script = run_well(
        tmp_path,
        "import weft; print(weft.login()); weft.init(); print(weft.login(key='x'))",
    )
    assert script.stdout == "False\nFalse\n"
    assert not (tmp_path / "netrc").exists()


@at_length
def test_logging_in_without_a_server_needs_nothing(tmp_path: Path) -> None:
    script = run_well(tmp_path, "import weft; print(weft.login())", WEFT_MODE="online")
    assert script.stdout == "True\n"
    assert "No server is known, and none is needed" in script.stderr


def test_nobody_is_asked_without_a_terminal(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        "import weft; weft.login(host='http://192.0.2.1', timeout=5)",
        {"WEFT_MODE": "online"},
    )
    assert script.exit_code == 1
    assert "UsageError: no key is known for http://192.0.2.1, and there is no terminal" in (
        script.stderr
    )


@at_length
def test_a_server_that_is_away_does_not_stop_a_login(tmp_path: Path) -> None:
    for key, message in (
        ("key='k', ", "could not check the key"),
        ("", "could not check whether a key is needed"),
    ):
        script = run_well(
            tmp_path,
            f"import weft; print(weft.login({key}host='http://127.0.0.1:9'))",
            WEFT_MODE="online", NETRC=str(tmp_path / f"netrc{len(key)}"),
        )  # fmt: skip
        assert script.stdout == "True\n"
        assert f"WARNING {message}: nothing listens" in script.stderr
        assert "weft: Runs go to http://127.0.0.1:9 once it answers" in script.stderr
        assert "Logged in" not in script.stderr
        assert "needs no login" not in script.stderr


# -- certificates and waits ---


@contextmanager
def tls_proxy(port: int) -> Iterator[str]:
    """A way to the server at `port` behind a certificate that nobody vouches for."""

    class Forward(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", port)) as inner:
                back = threading.Thread(target=copy, args=(inner, self.request), daemon=True)
                back.start()
                copy(self.request, inner)
                back.join()

    def copy(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # one of the two has hung up

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

        def get_request(self) -> tuple[socket.socket, Any]:
            connection, address = super().get_request()
            return context.wrap_socket(connection, server_side=True), address

        def handle_error(self, request: Any, client_address: Any) -> None: ...

    context = untrusted_context()
    with Server(("127.0.0.1", 0), Forward) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_certificate_that_nobody_vouches_for_is_taken_where_that_is_asked_for(
    tmp_path: Path, closed: LiveServer
) -> None:
    code = "import weft; weft.init(id={!r}).log({{'a': 1}})"
    with tls_proxy(closed.port) as url:
        variables = {
            **closed.environment,
            "WEFT_BASE_URL": url,
            "WEFT_API_KEY": closed.process.token,
        }
        refused = run_well(tmp_path, code.format("unsafe"), **variables)
        assert "is not trusted" in refused.stderr
        variables["WANDB_INSECURE_DISABLE_SSL"] = "true"
        run_well(tmp_path, code.format("taken"), **variables)
        by_setting = "import weft; weft.init(id='set', settings={'insecure_disable_ssl': True})"
        variables["WANDB_INSECURE_DISABLE_SSL"] = ""
        run_well(tmp_path, by_setting, **variables)
    assert closed.ended("taken").state == closed.ended("set").state == "finished"
    assert not closed.has("unsafe")
    await_no_sidecar()


# -- somebody at a terminal ---

PASTE = "Paste the key"


def at_a_terminal(
    folder: Path, code: str, answers: Mapping[str, str], *, command: Sequence[str] = ()
) -> tuple[int, str]:
    """Run a script at a pseudo-terminal, and type what it asks for: its exit code and output.

    Args:
        answers: what is typed at each question, in their order.
        command: arguments of the interpreter, in place of the script.
    """
    primary, secondary = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, *(command or ["-c", code])], cwd=folder,
        env=script_environment({"WEFT_MODE": "online"}),
        stdin=secondary, stdout=secondary, stderr=secondary, start_new_session=True,
    )  # fmt: skip
    os.close(secondary)
    shown = b""
    left = dict(answers)
    while True:
        try:
            part = os.read(primary, 4096)
        except OSError:  # Linux's way to say that nobody has it open any more
            break
        if not part:
            break
        shown += part
        question = next(iter(left), None)
        if question is not None and question in shown.decode(errors="replace"):
            os.write(primary, f"{left.pop(question)}\n".encode())
    os.close(primary)
    return process.wait(120), shown.decode()


def test_the_key_is_asked_for_and_not_shown(tmp_path: Path, closed: LiveServer) -> None:
    # To weft this is no address of this machine, and Linux takes it for one.
    url = f"http://0.0.0.0:{closed.port}"
    code = f"import weft; print(weft.login(host={url!r}))"
    exit_code, shown = at_a_terminal(tmp_path, code, {PASTE: closed.process.token})
    assert exit_code == 0, shown
    hint = "the text of `token` in the server's data directory, or your own"
    assert f"{PASTE} of {url} ({hint}):" in shown
    assert f"{url}/authorize" in shown
    assert closed.process.token not in shown
    assert f"password {closed.process.token}" in Path(os.environ["NETRC"]).read_text()
    # The kept key serves now, and nobody is asked, unless that is asked for.
    assert "Paste" not in at_a_terminal(tmp_path, code, {})[1]
    again = f"import weft; weft.login(host={url!r}, relogin=True)"
    exit_code, shown = at_a_terminal(tmp_path, again, {PASTE: "wrong"})
    assert exit_code == 1
    assert "refuses this key" in shown


@at_length
def test_a_question_that_nobody_answers_is_given_up(tmp_path: Path, closed: LiveServer) -> None:
    code = f"import weft; weft.login(host='http://0.0.0.0:{closed.port}', timeout=0.2)"
    exit_code, shown = at_a_terminal(tmp_path, code, {})
    assert exit_code == 1
    assert "no key was given for" in shown
    assert "set WEFT_API_KEY" in shown


# -- the command ---


def kept(netrc: Path) -> str:
    return netrc.read_text() if netrc.exists() else ""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who has never logged in."""
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("WEFT_MODE", "online")
    return tmp_path


def test_the_command_saves_what_the_server_accepts(home: Path, closed: LiveServer) -> None:
    token = closed.process.token
    done = run_weft("login", "--base-url", closed.url, "--key", token, "--json")
    assert (done.exit_code, done.report) == (
        0,
        {"url": closed.url, "key_file": str(home / "netrc")},
    )
    assert f"password {token}" in kept(home / "netrc")
    assert token not in done.stdout + done.stderr
    # Later commands and scripts find the server and its key by themselves.
    status = run_weft("status")
    assert status.exit_code == 0
    assert status.stdout.startswith(f"{closed.url} (weft ")
    code = "import weft; weft.init(id='after-login', project='tests').log({'a': 3})"
    run_well(home, code, WEFT_MODE="online")
    assert closed.values("after-login", "a") == [3]
    await_no_sidecar()


@at_length
def test_the_command_saves_the_key_of_the_environment(
    home: Path, closed: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEFT_API_KEY", closed.process.token)
    done = run_weft("login", "--base-url", closed.url)
    assert done.exit_code == 0
    assert f"password {closed.process.token}" in kept(home / "netrc")
    assert "is saved in" in done.stdout + done.stderr
    monkeypatch.delenv("WEFT_API_KEY")
    assert run_weft("status").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--key", "wrong"], "refuses this key: its key is the text of `token`"),
        ([], "no key is known for"),
        (["--base-url", "http://127.0.0.1:9", "--key", "k"], "nothing listens at"),
        (["--base-url", "https://api.wandb.ai", "--key", "k"], "W&B's own cloud"),
        case_at_length(["--base-url", "nowhere", "--key", "k"], "write it as http://host:port"),
    ],
)
def test_the_command_saves_nothing_that_does_not_work(
    home: Path, closed: LiveServer, arguments: list[str], says: str
) -> None:
    if "--base-url" not in arguments:
        arguments = ["--base-url", closed.url, *arguments]
    done = run_weft("login", *arguments)
    assert done.exit_code == 2
    assert says in done.stderr
    assert kept(home / "netrc") == ""
    assert not (home / "config" / "weft" / "settings").exists()


def test_the_command_without_a_terminal_needs_an_address(home: Path) -> None:
    done = run_weft("login")
    assert done.exit_code == 2
    assert "weft login --base-url http://host:port" in done.stderr


@at_length
def test_the_command_takes_the_key_as_wandb_does_and_the_known_address(
    home: Path, closed: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEFT_BASE_URL", closed.url)
    done = run_weft("login", closed.process.token)
    assert done.exit_code == 0, done.stderr
    assert f"password {closed.process.token}" in kept(home / "netrc")
    refused = run_weft("login", "mistyped")
    assert refused.exit_code == 2
    assert "mistyped" not in refused.stderr


@at_length
def test_the_command_asks_for_a_new_key_where_the_saved_one_is_refused(
    home: Path, closed: LiveServer
) -> None:
    host = f"127.0.0.1:{closed.port}"
    (home / "netrc").write_text(f"machine {host} login user password old\n")
    (home / "netrc").chmod(0o600)
    command = ["-m", "weft.cli.main", "login", "--base-url", closed.url]
    answers = {PASTE: closed.process.token}
    exit_code, shown = at_a_terminal(home, "", answers, command=command)
    assert exit_code == 0, shown
    assert "refuses the key that is saved for it" in shown
    assert kept(home / "netrc").endswith(f"password {closed.process.token}\n")
    assert "old" not in kept(home / "netrc")


def test_init_asks_for_the_key_first_where_the_server_needs_one(
    home: Path, closed: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://0.0.0.0:{closed.port}"
    monkeypatch.setenv("WEFT_BASE_URL", url)
    answers = {PASTE: closed.process.token, "weft: project": "first-steps", "weft: entity": ""}
    command = ["-m", "weft.cli.main", "init"]
    exit_code, shown = at_a_terminal(home, "", answers, command=command)
    assert exit_code == 0, shown
    assert f"password {closed.process.token}" in kept(home / "netrc")
    code = "import weft; weft.init(id='after-init').log({'a': 5})"
    run_well(home, code, WEFT_BASE_URL=url, WEFT_MODE="online")
    assert closed.api.run("local/first-steps/after-init").summary["a"] == 5
    await_no_sidecar()
