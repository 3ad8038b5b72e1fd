"""The owner of a run on a server with accounts: output of scripts, and links that say `local`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

import weft
from at_length import at_length
from sdk_script import latest_run, run_script, run_well
from server_process import ServerProcess, start_server
from web_pages import OpenApp
from weft_command import run_weft


class Lab:
    """A server with users; `keys` by name."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        self.keys: dict[str, str] = {}

    def add(self, name: str, *more: str) -> None:
        done = run_weft("server", "user", "add", name, *more, "--data", self.server.data, "--json")
        self.keys[name] = done.report["api_key"]

    def variables(self, user: str, home: Path) -> dict[str, str]:
        """The environment of a script of a user on a machine of their own."""
        return {
            "WEFT_MODE": "online",
            "WEFT_BASE_URL": self.server.url,
            "WEFT_API_KEY": self.keys[user],
            "XDG_STATE_HOME": str(home),
        }

    def get(self, user: str, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys[user]}"}
        url = f"{self.server.url}/api/v1/projects/{path}"
        return httpx.get(url, headers=headers, timeout=30, trust_env=False, follow_redirects=True)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with start_server(tmp_path_factory.mktemp("server")) as server:
        lab = Lab(server)
        for name in ("ada", "bob"):
            lab.add(name)
        lab.add("eve", "--admin")
        yield lab


TELLS = """
import weft
run = weft.init(project="steps", id={id!r})
run.log({{"a": 1}})
print(run.entity, run.url)
run.finish()
print(run.entity, run.path, run.url, run.project_url)
"""


def test_a_run_is_its_users_once_the_server_has_told(lab: Lab, tmp_path: Path) -> None:
    url = lab.server.url
    variables = lab.variables("ada", tmp_path / "home")
    done = run_well(tmp_path, TELLS.format(id="first001"), variables)
    path = "ada/steps/first001"
    page = f"{url}/ada/steps/runs/first001"
    assert done.stdout.splitlines()[1] == f"ada {path} {page} {url}/ada/steps"
    assert page in done.stderr, "the last lines name it"
    # The second run knows it from the first one.
    done = run_well(tmp_path, TELLS.format(id="second02"), variables)
    page = f"{url}/ada/steps/runs/second02"
    assert done.stdout.splitlines()[0] == f"ada {page}"
    assert "/local/" not in done.stderr
    # But not for another key.
    other = variables | {"WEFT_API_KEY": lab.keys["bob"]}
    done = run_well(tmp_path, TELLS.format(id="third003"), other)
    assert done.stdout.splitlines()[1].startswith("bob bob/steps/third003 ")


@at_length
def test_a_login_tells_it_before_the_first_run(lab: Lab, tmp_path: Path) -> None:
    home = {
        "NETRC": str(tmp_path / "netrc"),
        "WEFT_CONFIG_DIR": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
    }
    run_weft("login", "--base-url", lab.server.url, "--key", lab.keys["ada"], env=home)
    done = run_well(tmp_path, TELLS.format(id="login004"), {"WEFT_MODE": "online", **home})
    assert done.stdout.splitlines()[0].startswith("ada ")
    status = run_weft("status", "--json", env=home).report
    assert (status["account"], status["entity"]) == ("ada", "ada")


@at_length
def test_an_offline_run_is_its_users_once_it_is_sent(lab: Lab, tmp_path: Path) -> None:
    offline = {"WEFT_MODE": "offline"}
    done = run_well(tmp_path, TELLS.format(id="later005"), offline)
    assert done.stdout.splitlines()[1].startswith("local local/steps/later005 ")
    sent = run_weft("sync", latest_run(tmp_path), env=lab.variables("ada", tmp_path / "home"))
    assert f"{lab.server.url}/ada/steps/runs/later005" in sent.stderr
    api = weft.Api(lab.server.url, api_key=lab.keys["ada"])
    assert api.default_entity == "ada"
    assert api.run("steps/later005").path == ["ada", "steps", "later005"]


@at_length
def test_a_link_that_says_local_leads_whoever_may_see_it_to_the_run(
    lab: Lab, tmp_path: Path, page: Page, app: OpenApp
) -> None:
    for user, run in (("ada", "only0006"), ("ada", "both0007"), ("bob", "both0007")):
        run_well(tmp_path, TELLS.format(id=run), lab.variables(user, tmp_path / user))
    runs = {
        (user, run): lab.get(user, f"local/steps/runs/{run}")
        for user in ("ada", "bob", "eve")
        for run in ("only0006", "both0007")
    }
    entities = {key: answer.json().get("entity") for key, answer in runs.items()}
    assert entities == {
        ("ada", "only0006"): "ada",
        ("ada", "both0007"): "ada",
        ("bob", "only0006"): None,
        ("bob", "both0007"): "bob",
        ("eve", "only0006"): "ada",
        ("eve", "both0007"): None,
    }
    assert "ada" not in runs["bob", "only0006"].text, "it does not tell that there is one"
    detail = runs["eve", "both0007"].json()["detail"]
    assert "it may be ada/steps/both0007 or bob/steps/both0007" in detail
    eve = weft.Api(lab.server.url, api_key=lab.keys["eve"])
    assert eve.run("local/steps/only0006").entity == "ada"

    # What an administrator sends there is a run of `local`, not of ada.
    run_well(tmp_path, TELLS.format(id="only0006"), lab.variables("eve", tmp_path / "eve"))
    assert lab.get("eve", "local/steps/runs/only0006").json()["entity"] == "local"
    run_well(tmp_path, TELLS.format(id="page0008"), lab.variables("ada", tmp_path / "ada"))
    page.goto(f"{app(lab.server)}/local/steps/runs/page0008")
    expect(page).to_have_url(f"{lab.server.url}/ada/steps/runs/page0008")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_refused_entity_is_an_error_where_it_is_told_in_time(lab: Lab, tmp_path: Path) -> None:
    variables = lab.variables("ada", tmp_path / "home")
    code = "import weft; weft.init(project='p', entity='bob')"
    done = run_script(tmp_path, code, variables)
    assert done.exit_code == 1
    assert "weft.errors.Forbidden" in done.stderr
    assert "bob" in done.stderr
    assert "ada" in done.stderr, "it names the user"
    assert not list(tmp_path.glob("weft/run-*")), "nothing is left of it"
    done = run_script(tmp_path, code.replace("bob", "ada"), variables)
    assert done.exit_code == 0, done.stderr
