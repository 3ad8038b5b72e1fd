"""Signing in on a real server: by password, invitation, provider, mail and key."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from oidc_provider import CLIENT_ID, CLIENT_SECRET, OidcServer
from server_process import ServerProcess, start_server, wait_until
from weft_command import run_weft

PASSWORD = "correct horse battery"
HTML = {"Accept": "text/html"}


class Inbox:
    """The mails that an SMTP server took."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _: object, __: object, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def link_to(self, address: str) -> str:
        """The link in the newest mail to an address."""

        def mail() -> EmailMessage | None:
            return next((mail for mail in reversed(self.mails) if mail["To"] == address), None)

        message = wait_until(mail, what=f"a mail to {address}")
        assert isinstance(message, EmailMessage)
        self.mails.remove(message)
        match = re.search(r"https?://\S+", message.get_content())
        assert match is not None
        return match[0]


class Site:
    """A server with an administrator, its provider and its mails."""

    def __init__(self, server: ServerProcess, provider: OidcServer, inbox: Inbox) -> None:
        self.server = server
        self.provider = provider
        self.inbox = inbox

    def browser(self) -> httpx.Client:
        """A browser without cookies, as one of another machine: it asks for pages."""
        # A proxy's header: the server's own user is not let in without signing in.
        headers = {**HTML, "Via": "test", "User-Agent": "Firefox/150"}
        return httpx.Client(base_url=self.server.url, headers=headers, timeout=30, trust_env=False)

    def owner(self) -> httpx.Client:
        """The server's own user, an administrator."""
        headers = {"Authorization": f"Bearer {self.server.token}"}
        return httpx.Client(base_url=self.server.url, headers=headers, timeout=30, trust_env=False)

    def add(self, name: str, *, email: str | None = None, is_admin: bool = False) -> None:
        """Add a user with a password, by an invitation."""
        with self.owner() as owner, self.browser() as browser:
            link = invite(owner, email=email, is_admin=is_admin)
            if email is not None:
                assert self.inbox.link_to(email) == link
            answer = accept(browser, link, name)
            assert answer.status_code == 303, answer.text[-2000:]

    @contextlib.contextmanager
    def signed_in(self, name: str) -> Iterator[httpx.Client]:
        with self.browser() as browser:
            answer = sign_in(browser, name)
            assert answer.status_code == 303, answer.text[-2000:]
            yield browser


def invite(client: httpx.Client, **new: Any) -> str:
    answer = client.post("/api/v1/invitations", json=new)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["link"])


def path_of(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


def accept(
    browser: httpx.Client, link: str, name: str, password: str = PASSWORD
) -> httpx.Response:
    form = {"name": name, "display_name": name.title(), "password": password}
    return browser.post(path_of(link), data=form)


def sign_in(
    browser: httpx.Client, name: str, password: str = PASSWORD, path: str = "/sign-in"
) -> httpx.Response:
    return browser.post(path, data={"user": name, "password": password})


def account(browser: httpx.Client) -> str | None:
    answer = browser.get("/api/v1/account")
    return answer.json()["name"] if answer.status_code == 200 else None


def by_provider(site: Site, browser: httpx.Client, login: str, path: str = "/") -> httpx.Response:
    """Click on the provider's button, sign in there, and come back."""
    begun = browser.get("/sign-in/with/lab", params={"path": path})
    assert begun.status_code == 303, begun.text
    back = site.provider.sign_in(begun.headers["location"], login)
    return browser.get(path_of(back))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    inbox = Inbox()
    with (
        socket.create_server(("127.0.0.1", 0)) as free,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        mail_port, port = free.getsockname()[1], other.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=mail_port)
    controller.start()
    (folder / "data").mkdir()
    with OidcServer() as provider:
        (folder / "data" / "weft.toml").write_text(
            f"""
public_url = "http://127.0.0.1:{port}"
trusted_proxies = ["127.0.0.77/32"]
sign_in_header = "X-Remote-User"
[smtp]
host = "127.0.0.1"
port = {mail_port}
sender = "weft@lab.example"
security = "none"
[oidc.lab]
title = "Lab account"
issuer = "{provider.issuer}"
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
scopes = ["openid", "profile", "email"]
sign_up = true
allowed_domains = ["lab.example"]
admin_groups = ["root"]
"""
        )
        with start_server(folder, "--port", str(port)) as server:
            provider.change(
                redirect_uris=[f"{server.url}/sign-in/with/lab/back"],
                accounts={
                    "new": person("new.person", groups=["ml"]),
                    "outside": person("outside", domain="evil.example"),
                    "unverified": person("liar", verified=False),
                    "boss": person("boss", groups=["root"]),
                    "bare": {},
                },
            )
            site = Site(server, provider, inbox)
            site.add("root", email="root@lab.example", is_admin=True)
            yield site
    controller.stop()


def person(
    name: str,
    *,
    domain: str = "lab.example",
    verified: bool = True,
    groups: list[str] | None = None,
) -> dict[str, Any]:
    return {
        "preferred_username": name,
        "name": name.title(),
        "email": f"{name}@{domain}",
        "email_verified": verified,
        "groups": groups or [],
    }


# --- passwords and sessions --------------------------------------------------------------------


def test_a_password_signs_in_at_the_page_that_was_asked_for(site: Site) -> None:
    with site.browser() as browser:
        page = browser.get("/lab/mnist?view=1")
        assert page.status_code == 401
        assert 'name="password"' in page.text
        assert "Continue with Lab account" in page.text
        answer = sign_in(browser, "root", path="/lab/mnist?view=1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/lab/mnist?view=1")
        cookie = answer.headers.get_list("set-cookie")[0]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert account(browser) == "root"
    with site.browser() as browser:
        assert sign_in(browser, "Root@Lab.Example").status_code == 303, "by mail, in any case"


def test_a_wrong_password_and_an_unknown_name_answer_alike(site: Site) -> None:
    answers: set[str] = set()
    for name in ("root", "nobody", "root@lab.example", "nobody@lab.example", ""):
        with site.browser() as browser:
            answer = sign_in(browser, name, "wrong password")
            assert answer.status_code == 401
            assert not browser.cookies
            answers.add(answer.text.replace(f'value="{name}"', 'value=""'))
    assert len(answers) == 1
    page = answers.pop()
    assert "The name or the password is wrong." in page
    (focused,) = re.findall(r'<input id="(\w+)"[^>]* autofocus', page)
    assert focused == "password", "what is to be typed again"


def test_guesses_are_slowed_and_the_owners_browser_is_not(site: Site) -> None:
    site.add("slow")
    with site.browser() as owner, site.browser() as attacker:
        assert sign_in(owner, "slow").status_code == 303
        codes = [sign_in(attacker, "slow", "wrong").status_code for _ in range(8)]
        assert codes[:5] == [401] * 5
        assert codes[-1] == 429
        refused = sign_in(attacker, "slow")
        assert refused.status_code == 429, "the right password waits, too"
        assert int(refused.headers["retry-after"]) >= 1
        assert "Too many tries: wait" in refused.text
        owner.cookies = httpx.Cookies(
            {name: value for name, value in owner.cookies.items() if name.endswith("-device")}
        )
        assert account(owner) is None
        assert sign_in(owner, "slow").status_code == 303


def test_sessions_are_listed_and_ended(site: Site) -> None:
    site.add("ada", email="ada@lab.example")
    with site.signed_in("ada") as here, site.signed_in("ada") as there:
        sessions = here.get("/api/v1/sessions").json()["sessions"]
        assert {session["method"] for session in sessions} == {"invitation", "password"}
        assert {session["agent"] for session in sessions} == {"Firefox/150"}
        (own,) = [session for session in sessions if session["is_current"]]
        own_there = next(
            session
            for session in there.get("/api/v1/sessions").json()["sessions"]
            if session["is_current"]
        )
        assert here.delete(f"/api/v1/sessions/{own_there['id']}").status_code == 204
        assert account(there) is None
        assert account(here) == "ada"
        with site.signed_in("root") as other:
            refused = other.delete(f"/api/v1/sessions/{own['id']}")
            assert refused.status_code == 404, "not even by an administrator's browser"
        with site.signed_in("ada") as third:
            assert here.delete("/api/v1/sessions").status_code == 204
            assert account(third) is None
        assert [s["id"] for s in here.get("/api/v1/sessions").json()["sessions"]] == [own["id"]]
        out = here.post("/sign-in/out")
        assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
        assert account(here) is None


def test_a_copied_session_ends_with_it_and_forged_ones_are_refused(site: Site) -> None:
    with site.signed_in("root") as browser:
        name, token = next(
            (name, value)
            for name, value in browser.cookies.items()
            if not name.endswith("-device")
        )
        browser.delete("/api/v1/sessions/current")
        user, _, random = token.rpartition(".")
        for forged in (token, f"{user}.{random[:-1]}x", f"ada.{random}", user, "", "."):
            with site.browser() as thief:
                thief.cookies.set(name, forged)
                assert account(thief) is None


def test_another_site_signs_no_one_in_or_out(site: Site) -> None:
    with site.signed_in("root") as browser:
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert browser.post("/sign-in/out", headers=headers).status_code == 403
            form = {"user": "root", "password": PASSWORD}
            assert browser.post("/sign-in", data=form, headers=headers).status_code == 403
        assert account(browser) == "root"


def test_a_new_password_ends_all_other_sessions(site: Site) -> None:
    site.add("eve")
    url = "/api/v1/account/password"
    with site.signed_in("eve") as here, site.signed_in("eve") as there:
        wrong = here.put(url, json={"password": "another good phrase", "old_password": "x"})
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "old_password")
        weak = here.put(url, json={"password": "password1234", "old_password": PASSWORD})
        assert "easily guessed" in weak.json()["detail"]
        body = {"password": "another good phrase", "old_password": PASSWORD}
        assert here.put(url, json=body).status_code == 204
        assert account(here) == "eve"
        assert account(there) is None
    with site.browser() as browser:
        assert sign_in(browser, "eve").status_code == 401
        assert sign_in(browser, "eve", "another good phrase").status_code == 303


def test_a_disabled_user_is_refused_at_once_and_their_work_stays(site: Site) -> None:
    site.add("gone")
    url = "/api/v1/users/gone/account"
    with site.signed_in("gone") as browser, site.owner() as owner:
        assert browser.patch(url, json={"is_disabled": True}).status_code == 403
        assert owner.patch(url, json={"is_disabled": True}).json()["is_disabled"]
        assert account(browser) is None
        refused = sign_in(browser, "gone")
        assert refused.status_code == 401
        assert "disabled" in refused.text
        assert "is wrong" in sign_in(browser, "gone", "wrong").text
        owner.patch(url, json={"is_disabled": False})
        assert account(browser) is None, "old sessions do not come back"
        assert sign_in(browser, "gone").status_code == 303


def test_the_last_administrator_stays_one(site: Site) -> None:
    url = "/api/v1/users/root/account"
    with site.owner() as owner:
        for edit in ({"is_admin": False}, {"is_disabled": True}):
            refused = owner.patch(url, json=edit)
            assert refused.status_code == 409
            assert "last administrator" in refused.json()["detail"]
        site.add("second", is_admin=True)
        assert owner.patch(url, json={"is_admin": False}).status_code == 200
        assert owner.patch(url, json={"is_admin": True}).status_code == 200
        owner.patch("/api/v1/users/second/account", json={"is_admin": False})


def test_a_key_with_limits_opens_no_session(site: Site) -> None:
    with site.owner() as owner, site.browser() as browser:
        key = owner.put("/api/v1/users/root/key", json={}).json()["api_key"]
        answer = browser.post("/lab?x=1", data={"token": f" {key} "})
        assert (answer.status_code, answer.headers["location"]) == (303, "/lab?x=1")
        assert account(browser) == "root"
        owner.put("/api/v1/users/root/key", json={})
        assert account(browser) is None, "what a key opened ends with it"
        assert "Wrong key or token" in browser.post("/", data={"token": "x" * 50}).text


# --- invitations and resets --------------------------------------------------------------------


def test_an_invitation_by_mail_makes_an_account_once(site: Site) -> None:
    with site.owner() as owner, site.browser() as browser:
        link_answer = owner.post("/api/v1/invitations", json={"email": "Bob@lab.example"}).json()
        assert (link_answer["is_mailed"], link_answer["mail_problem"]) == (True, None)
        link = site.inbox.link_to("bob@lab.example")
        assert link == link_answer["link"]
        assert "You are invited" in browser.get(path_of(link)).text
        for name, password, words in (
            ("bob", "short", "12 characters"),
            ("bob", "password1234", "easily guessed"),
            ("b b", PASSWORD, "characters of"),
            ("ROOT", PASSWORD, "looks like the name"),
            ("local", PASSWORD, "choose another name"),
        ):
            refused = accept(browser, link, name, password)
            assert refused.status_code == 400
            assert words in refused.text
        answer = accept(browser, link, "bob")
        assert answer.status_code == 303
        assert account(browser) == "bob"
        again = accept(browser, link, "mallory")
        assert again.status_code == 403
        assert "used before, and works once; ask who invited you" in again.text
        assert browser.get("/api/v1/account").json()["is_email_verified"]


@pytest.mark.parametrize("page", ["invitation", "new-password"])
@pytest.mark.parametrize("code", ["", "forged", "x" * 43])
def test_forged_links_are_refused_with_the_next_step(site: Site, page: str, code: str) -> None:
    with site.browser() as browser:
        for answer in (
            browser.get(f"/sign-in/{page}", params={"code": code}),
            accept(browser, f"/sign-in/{page}?code={code}", "mallory"),
        ):
            assert answer.status_code == 403
            assert "This link is not valid" in answer.text
            assert "ask " in answer.text


def test_an_invitation_is_no_link_for_a_password_and_the_reverse(site: Site) -> None:
    with site.owner() as owner, site.browser() as browser:
        invitation = invite(owner)
        reset = owner.post("/api/v1/users/root/password-link").json()["link"]
        for link, other in ((invitation, "new-password"), (reset, "invitation")):
            path = re.sub(r"(?<=/sign-in/)[a-z-]+", other, path_of(link))
            assert browser.get(path).status_code == 403


def test_withdrawn_invitations_and_those_of_others_do_not_work(site: Site) -> None:
    with site.owner() as owner, site.signed_in("root") as root, site.browser() as browser:
        link_answer = owner.post("/api/v1/invitations", json={}).json()
        listed = root.get("/api/v1/invitations").json()["invitations"]
        assert link_answer["id"] in [entry["id"] for entry in listed]
        assert "link" not in listed[0]
        assert root.delete(f"/api/v1/invitations/{link_answer['id']}").status_code == 204
        assert "was withdrawn" in browser.get(path_of(link_answer["link"])).text
        assert root.delete(f"/api/v1/invitations/{link_answer['id']}").status_code == 404


def test_an_invitation_is_sent_again_until_it_is_used(site: Site) -> None:
    def states(root: httpx.Client) -> dict[int, str]:
        listed = root.get("/api/v1/invitations").raise_for_status().json()["invitations"]
        return {entry["id"]: entry["state"] for entry in listed}

    with site.signed_in("root") as root, site.browser() as browser:
        first = root.post("/api/v1/invitations", json={"email": "ina@lab.example"}).json()
        assert states(root)[first["id"]] == "open"
        root.delete(f"/api/v1/invitations/{first['id']}")
        assert states(root)[first["id"]] == "revoked"
        second = root.post(f"/api/v1/invitations/{first['id']}/again").raise_for_status().json()
        assert second["is_mailed"]
        assert site.inbox.link_to("ina@lab.example") == second["link"]
        assert states(root)[second["id"]] == "open"
        third = root.post(f"/api/v1/invitations/{second['id']}/again").raise_for_status().json()
        assert browser.get(path_of(second["link"])).status_code == 403, "the new link replaces it"
        account_fields = {"name": "ina", "display_name": "", "password": "a phrase of ina here"}
        assert browser.post(path_of(third["link"]), data=account_fields).status_code == 303
        assert states(root)[third["id"]] == "used"
        assert root.post(f"/api/v1/invitations/{third['id']}/again").status_code == 409
        assert root.delete(f"/api/v1/invitations/{third['id']}").status_code == 404


def test_only_administrators_invite_and_reset(site: Site) -> None:
    site.add("plain")
    with site.signed_in("plain") as browser:
        for request in (
            ("POST", "/api/v1/invitations", {}),
            ("POST", "/api/v1/invitations", {"is_admin": True}),
            ("GET", "/api/v1/invitations", None),
            ("DELETE", "/api/v1/invitations/1", None),
            ("POST", "/api/v1/invitations/1/again", None),
            ("POST", "/api/v1/users/root/password-link", None),
            ("GET", "/api/v1/users/root/account", None),
            ("PATCH", "/api/v1/users/root/account", {"email": None}),
            ("DELETE", "/api/v1/users/root/picture", None),
            ("GET", "/api/v1/server/sign-in", None),
        ):
            method, url, body = request
            answer = browser.request(method, url, json=body)
            assert answer.status_code == 403, (method, url, answer.text)


def test_a_forgotten_password_is_replaced_by_mail(site: Site) -> None:
    site.add("fay", email="fay@lab.example")
    with site.browser() as browser, site.signed_in("fay") as old:
        assert "Forgotten password" in browser.get("/sign-in").text
        texts = {
            browser.post("/sign-in/forgotten", data={"user": name}).text
            for name in ("fay@lab.example", "unknown@lab.example", "unknown")
        }
        assert len(texts) == 1
        link = site.inbox.link_to("fay@lab.example")
        assert "fay" in browser.get(path_of(link)).text
        assert browser.post(path_of(link), data={"password": "short"}).status_code == 400
        answer = browser.post(path_of(link), data={"password": "yet another phrase"})
        assert answer.status_code == 303
        assert account(browser) == "fay"
        assert account(old) is None
        assert "used before" in browser.get(path_of(link)).text
        assert sign_in(browser, "fay", "yet another phrase").status_code == 303
    assert not [mail for mail in site.inbox.mails if "unknown" in mail["To"]]


def test_only_the_newest_link_for_a_password_works(site: Site) -> None:
    with site.owner() as owner, site.browser() as browser:
        first, second = (
            owner.post("/api/v1/users/root/password-link").json()["link"] for _ in range(2)
        )
        assert browser.get(path_of(first)).status_code == 403
        assert browser.get(path_of(second)).status_code == 200


def test_a_user_who_is_there_joins_by_an_invitation(site: Site) -> None:
    site.add("joiner")
    with site.owner() as owner, site.signed_in("joiner") as browser:
        link = invite(owner, is_admin=True)
        assert "Join as joiner" in browser.get(path_of(link)).text
        assert browser.post(path_of(link), data={"join": "yes"}).status_code == 303
        assert browser.get("/api/v1/account").json()["is_admin"]
        owner.patch("/api/v1/users/joiner/account", json={"is_admin": False})


# --- providers ---------------------------------------------------------------------------------


def test_a_first_sign_in_by_a_provider_makes_the_account(site: Site) -> None:
    with site.browser() as browser:
        answer = by_provider(site, browser, "new", "/lab/mnist?x=1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/lab/mnist?x=1")
        info = browser.get("/api/v1/account").json()
        assert info["name"] == "new.person"
        assert (info["email"], info["is_email_verified"]) == ("new.person@lab.example", True)
        assert not info["has_password"]
        assert [identity["title"] for identity in info["identities"]] == ["Lab account"]
        refused = browser.delete(
            "/api/v1/account/identities", params={"issuer": site.provider.issuer}
        )
        assert refused.status_code == 409
    with site.browser() as browser:
        assert by_provider(site, browser, "new").status_code == 303
        assert account(browser) == "new.person", "the same account again"


@pytest.mark.parametrize("login", ["outside", "unverified", "bare"])
def test_only_verified_mails_of_allowed_domains_sign_up(site: Site, login: str) -> None:
    with site.browser() as browser:
        answer = by_provider(site, browser, login)
        assert answer.status_code == 403
        assert "verified mail addresses of lab.example" in answer.text
        assert account(browser) is None


def test_an_account_is_linked_by_a_mail_that_both_sides_have_verified(site: Site) -> None:
    site.add("mia", email="mia@lab.example")
    site.add("max")
    accounts = {
        "mia": person("mia"),
        "liar": {**person("mia"), "email_verified": False},
        "max": person("max"),
    }
    site.provider.change(accounts=accounts)
    with site.signed_in("max") as browser:
        browser.patch("/api/v1/users/max/account", json={"email": "max@lab.example"})
        assert not browser.get("/api/v1/account").json()["is_email_verified"]
    with site.browser() as browser:
        refused = by_provider(site, browser, "liar")
        assert refused.status_code == 403
        assert "has verified yours; sign in as before, and link Lab account" in refused.text
        refused = by_provider(site, browser, "max")
        assert "not verified here; sign in as before" in refused.text
        assert by_provider(site, browser, "mia").status_code == 303
        assert account(browser) == "mia"
        assert browser.get("/api/v1/account").json()["has_password"]


def test_an_account_is_linked_from_the_settings_and_from_no_other_site(site: Site) -> None:
    site.add("lin")
    site.provider.change(accounts={"lin-at-lab": person("someone")})
    with site.signed_in("lin") as browser:
        for headers in ({}, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate",
                             "Sec-Fetch-Dest": "document"}):  # fmt: skip
            refused = browser.get("/sign-in/with/lab", params={"link": "yes"}, headers=headers)
            assert refused.status_code == 403
        begun = browser.get(
            "/sign-in/with/lab",
            params={"link": "yes", "path": "/settings"},
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        back = browser.get(path_of(site.provider.sign_in(begun.headers["location"], "lin-at-lab")))
        assert (back.status_code, back.headers["location"]) == (303, "/settings")
    with site.browser() as browser:
        by_provider(site, browser, "lin-at-lab")
        assert account(browser) == "lin"
        issuer = site.provider.issuer
        answer = browser.delete("/api/v1/account/identities", params={"issuer": issuer})
        assert answer.status_code == 204


def test_an_answer_for_another_browser_is_refused(site: Site) -> None:
    with site.browser() as browser, site.browser() as other:
        begun = browser.get("/sign-in/with/lab")
        back = path_of(site.provider.sign_in(begun.headers["location"], "new"))
        refused = other.get(back)
        assert refused.status_code == 403
        assert "another browser or window" in refused.text
        forged = re.sub(r"state=[^&]*", "state=forged", back)
        assert browser.get(forged).status_code == 403
        assert browser.get(back).status_code == 303
        assert browser.get(back).status_code == 403, "once"


def test_groups_make_administrators_and_take_it_back(site: Site) -> None:
    with site.browser() as browser:
        for groups in (["root"], [], ["root"]):
            site.provider.change(accounts={"boss": person("boss", groups=groups)})
            assert by_provider(site, browser, "boss").status_code == 303
            assert browser.get("/api/v1/account").json()["is_admin"] == bool(groups)


def test_an_invited_person_signs_up_by_the_provider_wherever_their_mail_is(site: Site) -> None:
    site.provider.change(
        accounts={
            "invited": person("invited", domain="other.example"),
            "link": person("holder", domain="third.example"),
        }
    )
    with site.owner() as owner, site.browser() as browser, site.browser() as holder:
        invite(owner, email="invited@other.example")
        assert by_provider(site, browser, "invited").status_code == 303
        assert account(browser) == "invited"
        code = invite(owner).partition("code=")[2]
        begun = holder.get("/sign-in/with/lab", params={"invitation": code})
        back = site.provider.sign_in(begun.headers["location"], "link")
        assert holder.get(path_of(back)).status_code == 303
        assert account(holder) == "holder"


def test_a_provider_that_is_down_is_named_and_passwords_still_work(site: Site) -> None:
    with site.browser() as browser, site.owner() as owner:
        begun = browser.get("/sign-in/with/lab")
        back = path_of(site.provider.sign_in(begun.headers["location"], "new"))
        site.provider.stop()
        try:
            refused = browser.get(back)
            assert refused.status_code == 503
            assert "Lab account can&#x27;t be reached" in refused.text
            assert "To the sign-in page" in refused.text
            assert sign_in(browser, "root").status_code == 303
            findings = owner.get("/api/v1/server/sign-in").json()["findings"]
            assert any(
                "Lab account can't be reached" in finding["text"] and finding["remedy"]
                for finding in findings
            )
        finally:
            site.provider.start()
            site.provider.change(redirect_uris=[f"{site.server.url}/sign-in/with/lab/back"])
        assert browser.get("/sign-in/with/none").status_code == 404


# --- proxies -----------------------------------------------------------------------------------


def test_a_header_signs_in_from_a_trusted_proxy_alone(site: Site) -> None:
    header = {"X-Remote-User": "proxied"}
    trusted = httpx.HTTPTransport(local_address="127.0.0.77")
    with httpx.Client(base_url=site.server.url, transport=trusted, timeout=30) as proxy:
        assert proxy.get("/api/v1/account", headers={"Via": "x"}).status_code == 401
        assert proxy.get("/api/v1/account", headers=header).json()["name"] == "proxied"
        # Of a client's and the proxy's own, none is believed.
        both = [("X-Remote-User", "root"), ("x-remote-user", "proxied")]
        assert proxy.get("/api/v1/account", headers=both).status_code == 400
        by_mail = {"X-Remote-User": "root@lab.example"}
        assert proxy.get("/api/v1/account", headers=by_mail).json()["name"] == "root"
        for name in ("", "local", "a b", "../x"):
            answer = proxy.get("/api/v1/account", headers={"X-Remote-User": name, "Via": "x"})
            assert answer.status_code == 401
    with site.browser() as browser:
        assert browser.get("/api/v1/account", headers={"X-Remote-User": "root"}).status_code == 401


# --- accounts ----------------------------------------------------------------------------------


def test_a_profile_has_a_name_and_a_picture(site: Site) -> None:
    site.add("pia")
    png = b"\x89PNG\r\n\x1a\n" + b"x" * 100
    with site.signed_in("pia") as browser:
        edit = {"display_name": "Pia  van <b> Dam"}
        answer = browser.patch("/api/v1/users/pia/account", json=edit)
        assert answer.json()["display_name"] == "Pia van <b> Dam"
        url = "/api/v1/users/pia/picture"
        initials = browser.get(url)
        assert initials.headers["content-type"].startswith("image/svg+xml")
        assert ">PD<" in initials.text
        assert browser.put(url, content=b"<svg onload=alert(1)>").status_code == 400
        assert browser.put(url, content=png + b"x" * 300_000).status_code == 413
        assert browser.put(url, content=png).status_code == 204
        assert browser.get(url).content == png
        assert browser.delete(url).status_code == 204
        refused = browser.patch("/api/v1/users/pia/account", json={"email": "root@lab.example"})
        assert refused.status_code == 409


def test_the_way_in_is_checked_for_the_administrator(site: Site) -> None:
    with site.owner() as owner:
        findings = owner.get("/api/v1/server/sign-in").json()["findings"]
    shown = json.dumps(findings, indent=1)
    assert "can sign in by password: an administrator" in shown
    assert "the mail server takes mails" in shown
    assert "the provider Lab account answers" in shown
    assert "get an account by themselves" in shown


def test_a_person_alone_is_asked_nothing(tmp_path: Path) -> None:
    with start_server(tmp_path) as server, httpx.Client(base_url=server.url) as browser:
        assert browser.get("/api/v1/server", headers=HTML).status_code == 200
        assert browser.get("/api/v1/server/sign-in").json() == {"findings": []}
        page = browser.get("/", headers={**HTML, "Via": "x"})
        assert 'name="token"' in page.text
        assert 'name="password"' not in page.text
    assert run_weft("server", "user", "list", "--data", server.data).exit_code == 0
