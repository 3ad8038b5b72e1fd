"""The five ways in which signing in to self-hosted servers is known to fail, and `weft doctor`."""

from __future__ import annotations

import html
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from at_length import at_length
from oidc_provider import CLIENT_ID, CLIENT_SECRET, OidcServer
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server
from weft_command import run_weft

PAGE = {"Accept": "text/html"}
PASSWORD = "correct horse battery"


def path_of(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


def owner(server: ServerProcess) -> httpx.Client:
    headers = {"Authorization": f"Bearer {server.token}"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=30, trust_env=False)


def browser(server: ServerProcess) -> httpx.Client:
    """A browser of another machine."""
    headers = {"Via": "test", "Accept": "text/html"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=30, trust_env=False)


def findings(server: ServerProcess) -> list[dict[str, str]]:
    with owner(server) as client:
        answer: list[dict[str, str]] = client.get("/api/v1/server/sign-in").json()["findings"]
        return answer


def remedy(server: ServerProcess, text: str) -> str:
    """The remedy of the finding that has a text."""
    (finding,) = [finding for finding in findings(server) if text in finding["text"]]
    return finding["remedy"]


@pytest.fixture
def provider() -> Iterator[OidcServer]:
    with OidcServer() as provider:
        provider.change(
            accounts={
                "eve": {
                    "preferred_username": "eve",
                    "email": "eve@lab.example",
                    "email_verified": True,
                    "groups": ["vision-leads"],
                }
            }
        )
        yield provider


def start_with(provider: OidcServer, folder: Path, **more: Any) -> ServerProcess:
    (folder / "data").mkdir(exist_ok=True)
    lines = [
        f"issuer = {json.dumps(provider.issuer)}",
        f"client_id = {json.dumps(CLIENT_ID)}",
        f"client_secret = {json.dumps(CLIENT_SECRET)}",
        *(f"{key} = {value}" for key, value in more.items()),
    ]
    (folder / "data" / "weft.toml").write_text("[oidc.lab]\n" + "\n".join(lines))
    server = start_server(folder)
    provider.change(redirect_uris=[f"{server.url}/sign-in/with/lab/back"])
    return server


def by_provider(provider: OidcServer, client: httpx.Client, login: str) -> httpx.Response:
    begun = client.get("/sign-in/with/lab")
    assert begun.status_code == 303, begun.text[-2000:]
    return client.get(path_of(provider.sign_in(begun.headers["location"], login)))


def test_the_first_account_is_within_reach_and_gets_what_was_local(tmp_path: Path) -> None:
    with start_server(tmp_path) as server:
        log = HandMadeLog(run="ab12cd34", writer="k3p9x0q2m7ds", project="mnist")
        log.finish()
        with owner(server) as client:
            assert log.upload(client).status_code == 200
        assert findings(server) == [], "one person alone is told nothing"
        command = ("server", "init-admin", "ada", "--data", server.data, "--local-to", "ada")
        weak = run_weft(*command, "--password", "-", stdin="password1234\n")
        assert weak.exit_code != 0
        assert "easily guessed" in weak.stderr
        done = run_weft(*command, "--email", "ada@lab.example", "--password", "-",
                        stdin=f"{PASSWORD}\n")  # fmt: skip
        assert done.exit_code == 0, done.stderr
        assert "1 project of `local` now under ada" in done.stdout
        with browser(server) as client:
            form = {"user": "ada@lab.example", "password": PASSWORD}
            assert client.post("/sign-in", data=form).status_code == 303
            assert client.get("/api/v1/account").json()["is_admin"]
            run = client.get("/api/v1/projects/ada/mnist/runs/ab12cd34")
            assert run.json()["id"] == "ab12cd34"
            old_link = client.get(
                "/api/v1/projects/local/mnist/runs/ab12cd34", follow_redirects=True
            )
            assert old_link.json()["id"] == "ab12cd34"
        with owner(server) as client:
            script = client.get(
                "/api/v1/projects/local/mnist/runs/ab12cd34", follow_redirects=True
            )
            assert script.json()["id"] == "ab12cd34", "scripts of the server's own user, too"
        second = run_weft("server", "init-admin", "eve", "--data", server.data)
        assert second.exit_code != 0
        assert "ada is an administrator already" in second.stderr
        assert remedy(server, "ada can sign in by password") == ""


def test_a_first_administrator_without_a_terminal_chooses_the_password_by_a_link(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    done = run_weft("server", "init-admin", "ada", "--data", data, "--json")
    link = done.report["link"]
    with start_server(tmp_path) as server, browser(server) as client:
        assert "password-link ada" in remedy(server, "no administrator has a password")
        assert client.post(path_of(link), data={"password": PASSWORD}).status_code == 303
        assert client.get("/api/v1/account").json()["name"] == "ada"
        again = run_weft("server", "user", "password-link", "ada", "--data", data)
        assert again.stdout.startswith(f"{server.url}/sign-in/new-password?code=")


def test_the_address_in_the_log_makes_the_first_administrator_once(tmp_path: Path) -> None:
    def log_address(server: ServerProcess) -> str:
        _, _, rest = server.stderr.partition("make the first administrator, once, within a day: ")
        return path_of(rest.splitlines()[0])

    with start_server(tmp_path, "--host", "0.0.0.0") as server, browser(server) as client:
        with owner(server) as sender:
            for project in ("mnist", "cifar", "scratch"):
                log = HandMadeLog(run="ab12cd34", writer="k3p9x0q2m7ds", project=project)
                log.finish()
                assert log.upload(sender).status_code == 200
        link = log_address(server)
        assert "Its log has an address" in client.get("/", headers=PAGE).text
        forged = client.get(f"{link[:-4]}0000", headers=PAGE)
        assert forged.status_code == 403
        assert "weft server init-admin NAME" in html.unescape(forged.text)
        assert client.get("/sign-in/first-administrator").status_code == 403
        page = client.get(link)
        assert page.status_code == 200
        assert 'name="project:scratch"' in page.text
        form = {"name": "ada", "password": PASSWORD, "project:mnist": "yes",
                "project:cifar": "yes", "owner": "team", "team": "ada"}  # fmt: skip
        weak = client.post(link, data={**form, "password": "password1234"})
        assert weak.status_code == 400
        assert "easily guessed" in weak.text
        assert client.post(link, data=form).status_code == 400, "a team that is called as she is"
        cross_site = {"Origin": "https://elsewhere.example"}
        assert client.post(link, data=form, headers=cross_site).status_code == 403
        form["team"] = "vision"
        assert client.post(link, data=form).status_code == 303
        assert client.get("/api/v1/account").json()["is_admin"]
        assert client.get("/api/v1/teams/vision").json()["team"]["role"] == "admin"
        projects = client.get("/api/v1/projects").json()["projects"]
        assert sorted((row["entity"], row["project"]) for row in projects) == [
            ("local", "scratch"), ("vision", "cifar"), ("vision", "mnist"),
        ]  # fmt: skip
        for old, new in (("local/mnist", "vision/mnist"), ("local/scratch", "local/scratch")):
            answer = client.get(f"/api/v1/projects/{old}/runs/ab12cd34", follow_redirects=True)
            assert answer.url.path.startswith(f"/api/v1/projects/{new}/")
            assert answer.json()["id"] == "ab12cd34"
        reused = client.get(link)
        assert reused.status_code == 403
        assert "was used before, and works once" in reused.text
        with owner(server) as sender:
            entries = sender.get("/api/v1/audit").json()["entries"]
        actions = [entry["action"] for entry in entries]
        assert actions.count("project.move") == 2
        assert "user.add" in actions
        done = run_weft("server", "project", "move", "local/scratch", "local/none", "--to", "ada",
                        "--dry-run", "--data", server.data)  # fmt: skip
        assert done.exit_code == 1
        assert "local/scratch would be ada/scratch" in done.stdout
        assert "no project local/none" in done.stdout
        done = run_weft("server", "project", "move", "local/scratch", "--to", "ada",
                        "--data", server.data)  # fmt: skip
        assert done.stdout == "local/scratch is ada/scratch now\n"
        port = server.url.rpartition(":")[2]
        server.stop()
        with start_server(tmp_path, "--host", "0.0.0.0", "--port", port) as again:
            assert "make the first administrator" not in again.stderr, "there is one"


def test_a_second_person_joins_by_a_link_without_mail(tmp_path: Path) -> None:
    with start_server(tmp_path) as server, browser(server) as client:
        run_weft("server", "init-admin", "ada", "--data", server.data)
        assert "set public_url" in remedy(server, "links of invitations work here alone")
        assert remedy(server, "no mail is sent") == ""
        done = run_weft("server", "user", "invite", "--email", "bob@lab.example",
                        "--data", server.data)  # fmt: skip
        assert "it was not mailed: this server sends no mail, so pass the link on" in done.stderr
        (invitation,) = run_weft(
            "server", "user", "invitations", "--data", server.data, "--json"
        ).report
        assert (invitation["email"], invitation["state"]) == ("bob@lab.example", "open")
        again = run_weft(
            "server", "user", "invite-again", str(invitation["id"]), "--data", server.data
        )
        form = {"name": "bob", "password": PASSWORD}
        assert client.post(path_of(done.stdout.strip()), data=form).status_code == 403
        assert client.post(path_of(again.stdout.strip()), data=form).status_code == 303
        listed = run_weft("server", "user", "invitations", "--data", server.data).stdout
        assert re.search(r"bob@lab.example +user +used", listed)
        assert "was used" in run_weft(
            "server", "user", "invite-again", listed.splitlines()[-1].split()[0],
            "--data", server.data,
        ).stderr  # fmt: skip
        assert client.get("/api/v1/account").json()["name"] == "bob"
        for verb, status in (("disable", 401), ("enable", 303)):
            done = run_weft("server", "user", verb, "bob", "--data", server.data)
            assert done.stdout == f"bob is {verb}d\n"
            form = {"user": "bob", "password": PASSWORD}
            assert client.post("/sign-in", data=form).status_code == status


@at_length
def test_expired_links_and_sessions_are_refused_with_the_next_step(tmp_path: Path) -> None:
    with start_server(tmp_path) as server, browser(server) as client:
        done = run_weft("server", "init-admin", "ada", "--data", server.data, "--json")
        invitation = run_weft("server", "user", "invite", "--data", server.data)
        form = {"name": "bob", "password": PASSWORD}
        assert client.post(path_of(invitation.stdout.strip()), data=form).status_code == 303
        late = run_weft("server", "user", "invite", "--data", server.data)
        server.stop()
        with sqlite3.connect(server.data / "metadata.db") as database:
            database.execute("UPDATE invitation SET expires_micros = 1")
            database.execute("UPDATE session SET expires_micros = 1")
        database.close()
        with start_server(tmp_path, "--port", server.url.rpartition(":")[2]):
            assert client.get("/api/v1/account").status_code == 401
            for link in (done.report["link"], late.stdout.strip()):
                refused = client.get(path_of(link))
                assert refused.status_code == 403
                assert "This link has expired; ask " in refused.text


def test_people_of_a_provider_are_let_in_or_told_the_way(
    tmp_path: Path, provider: OidcServer
) -> None:
    with start_with(provider, tmp_path) as server, browser(server) as client:
        assert "sign_up = true" in remedy(server, "need an account or an invitation")
        refused = by_provider(provider, client, "eve")
        assert refused.status_code == 403
        assert "knows you as eve@lab.example" in refused.text
        assert "ask an administrator for an invitation" in refused.text
        run_weft("server", "user", "invite", "--email", "eve@lab.example", "--data", server.data)
        assert by_provider(provider, client, "eve").status_code == 303, "invited by mail address"
        assert client.get("/api/v1/account").json()["name"] == "eve"


@at_length
def test_a_provider_that_verifies_no_mail_links_nothing_and_is_named(
    tmp_path: Path, provider: OidcServer
) -> None:
    options = {"scopes": '["openid", "profile"]', "sign_up": "true"}
    with start_with(provider, tmp_path, **options) as server, browser(server) as client:
        run_weft("server", "init-admin", "ada", "--email", "eve@lab.example",
                 "--data", server.data)  # fmt: skip
        assert 'add "email" to scopes' in remedy(server, "existing accounts are not linked")
        assert by_provider(provider, client, "eve").status_code == 303
        account = client.get("/api/v1/account").json()
        assert (account["name"], account["email"], account["is_admin"]) == ("eve", None, False)


@at_length
def test_roles_follow_groups_and_a_missing_claim_is_named(
    tmp_path: Path, provider: OidcServer
) -> None:
    options = {
        "sign_up": "true",
        "groups_claim": '"teams"',
        "admin_groups": '["root"]',
        "groups": '{vision-leads = "vision:admin", vision-people = "vision:member"}',
    }
    with start_with(provider, tmp_path, **options) as server, browser(server) as client:
        assert "groups_claim in [oidc.lab]" in remedy(server, "does not list the claim teams")
        assert by_provider(provider, client, "eve").status_code == 303
        assert "have it send teams" in remedy(server, "came without the claim teams")
        with sqlite3.connect(server.data / "metadata.db") as database:
            database.execute("INSERT INTO team (name, created_micros) VALUES ('vision', 0)")
        database.close()
        server.stop()
    options["groups_claim"] = '"groups"'
    with start_with(provider, tmp_path, **options) as server, browser(server) as client:
        roles: list[list[tuple[str]]] = []
        for groups in (["vision-leads"], ["other"], ["vision-leads"]):
            eve = {"preferred_username": "eve", "groups": groups}
            provider.change(accounts={"eve": eve})
            assert by_provider(provider, client, "eve").status_code == 303
            with sqlite3.connect(server.data / "metadata.db") as database:
                roles.append(database.execute("SELECT role FROM team_member").fetchall())
            database.close()
        # The last admin of a team stays one.
        assert roles == [[("admin",)]] * 3
        of_dan: list[list[tuple[str]]] = []
        for groups in (["vision-people"], ["vision-people", "other"], ["other"]):
            provider.change(accounts={"dan": {"preferred_username": "dan", "groups": groups}})
            assert by_provider(provider, client, "dan").status_code == 303
            with sqlite3.connect(server.data / "metadata.db") as database:
                query = "SELECT role FROM team_member JOIN user ON id = user_id WHERE name = 'dan'"
                of_dan.append(database.execute(query).fetchall())
            database.close()
        assert of_dan == [[("member",)], [("member",)], []], "who left the group leaves the team"


@at_length
def test_doctor_has_a_line_for_each_way_in_which_signing_in_fails(
    tmp_path: Path, provider: OidcServer
) -> None:
    def doctor() -> dict[str, str]:
        done = run_weft("server", "doctor", "--json", "--data", tmp_path / "data")
        return {finding["what"]: finding["remedy"] for finding in json.loads(done.stdout)}

    fails = {
        "no administrator has an account": "weft server init-admin NAME",
        "only this machine reaches the server": "set public_url",
        "need an account or an invitation": "set sign_up = true in [oidc.lab]",
        "existing accounts are not linked": 'add "email" to scopes in [oidc.lab]',
        "does not list the claim teams": "groups_claim in [oidc.lab]",
    }
    options = {
        "sign_up": "false",
        "scopes": '["openid", "profile"]',
        "groups_claim": '"teams"',
        "admin_groups": '["root"]',
    }
    with start_with(provider, tmp_path, **options) as server:
        remedies = doctor()
        for words, remedy_words in fails.items():
            (remedy_of,) = [remedies[text] for text in remedies if words in text]
            assert remedy_words in remedy_of, words
        command = ("server", "init-admin", "ada", "--data", server.data, "--password", "-")
        assert run_weft(*command, stdin=f"{PASSWORD}\n").exit_code == 0
        server.stop()
    options |= {"sign_up": "true", "scopes": '["openid", "profile", "email"]'}
    options["groups_claim"] = '"groups"'
    with start_with(provider, tmp_path, **options):
        remedies = doctor()
        # This server has no public address, as its only user's needs none.
        left = [words for words in fails if any(words in text for text in remedies)]
        assert left == ["only this machine reaches the server"]
        assert any("ada can sign in by password" in text for text in remedies)
