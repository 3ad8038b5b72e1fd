"""The pages by which a browser is signed in, and their texts."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple
from urllib.parse import quote, urlencode

from starlette.responses import Response

from weft.server.http.sign_in.layout import alert, field, page, with_code

ROOT = "/sign-in"

_KEY_FORM = """<form method="post">{field}<button>Sign in</button></form>
<p class="hint">Your key begins with <code>weft-</code>. The server's token is the text of the file
<code>token</code> in its data directory. The owner can also run <code>weft status</code>, which
prints a sign-in link. Each link works once.</p>"""

_NEW_SERVER = """<p class="hint">Is this server new? Its log has an address that makes the first
administrator, once.</p>"""

_FOOT = """<p class="foot"><a href="/docs/server#who-may-see-it">Who may see a server</a> ·
<a href="/docs">All documents</a></p>"""


class SignInOptions(NamedTuple):
    """The ways in which a browser can sign in.

    Attributes:
        has_passwords: whether a user has a password.
        providers: name and title of each provider.
        sends_mail: whether a link for a new password can be mailed.
        lacks_admin: whether the first administrator is still to be made.
    """

    has_passwords: bool
    providers: Sequence[tuple[str, str]]
    sends_mail: bool
    lacks_admin: bool = False


def sign_in_page(
    options: SignInOptions,
    *,
    path: str = "/",
    user: str = "",
    error: str | None = None,
    key_error: str | None = None,
    status: int = 401,
) -> Response:
    """Ask a browser that asked for `path` to sign in, again if there are errors: of name and
    password, or of the key. The status is 401 unless it may not try again now.
    """
    if not options.has_passwords and not options.providers:
        intro = "<p>This server is private. You need a key, or a sign-in link from its owner.</p>"
        key = field("token", "Key or token", kind="password", complete="current-password",
                    error=key_error, is_first=True)  # fmt: skip
        new = _NEW_SERVER if options.lacks_admin else ""
        return page("Sign in", intro + _KEY_FORM.format(field=key) + new + _FOOT, status)
    parts = [_provider_links(options.providers, path)]
    if options.providers:
        parts.append('<div class="or">or</div>')
    parts.append(
        '<form method="post">'
        + field("user", "User name or e-mail", complete="username", value=user,
                is_first=not (options.providers or error or key_error))
        + field("password", "Password", kind="password", complete="current-password", error=error)
        + "<button>Sign in</button></form>"
    )  # fmt: skip
    key = field("token", "Key or token", kind="password", error=key_error)
    is_open = " open" if key_error else ""
    parts.append(
        f"<details{is_open}><summary>Sign in with a key</summary>"
        f"{_KEY_FORM.format(field=key)}</details>"
    )
    forgotten = (
        f'<a href="{ROOT}/forgotten">Forgotten password</a> · ' if options.sends_mail else
        "Forgotten password: an administrator can give you a link for a new one · "
    )  # fmt: skip
    parts.append(f'<p class="foot">{forgotten}<a href="/docs">Documents</a></p>')
    return page("Sign in", "".join(parts), status)


def invitation_page(
    options: SignInOptions,
    code: str,
    *,
    team: str | None,
    by: str,
    signed_in: str | None,
    name: str = "",
    display_name: str = "",
    field_error: tuple[str, str] | None = None,
) -> Response:
    """Ask an invited person for a name and a password, or to join as who they are.

    `field_error` is a field's name and what is wrong with it.
    """
    target = f"the team <b>{escape(team)}</b>" if team else "this server"
    who = f"<b>{escape(by)}</b> invites you" if by else "You are invited"
    parts = [f"<p>{who} to {target}.</p>"]
    if signed_in is not None:
        parts.append(
            f'<form method="post"><input type="hidden" name="join" value="yes">'
            f"<button>Join as {escape(signed_in)}</button></form>"
            '<div class="or">or make another account</div>'
        )
    elif options.providers:
        parts.append(_provider_links(options.providers, "/", invitation=code))
        parts.append('<div class="or">or</div>')
    errors = dict([field_error]) if field_error else {}
    parts.append(
        '<form method="post">'
        + field("name", "User name", complete="username", value=name, error=errors.get("name"),
                is_first=not errors)
        + '<p class="hint">Letters, digits, - _ and . It is in the addresses of your runs.</p>'
        + field("display_name", "Full name (optional)", complete="name", value=display_name,
                is_required=False)
        + field("password", "Password", kind="password", complete="new-password",
                error=errors.get("password"))
        + '<p class="hint">12 characters or more; several unrelated words are good.</p>'
        + "<button>Make the account</button></form>"
    )  # fmt: skip
    if options.has_passwords and signed_in is None:
        back = f"{ROOT}?{urlencode({'path': f'{ROOT}/invitation?' + urlencode({'code': code})})}"
        parts.append(
            f'<p class="foot">You have an account? <a href="{escape(back)}">Sign in</a> first, '
            "then join.</p>"
        )
    return page("You are invited", "".join(parts), 400 if field_error else 200)


def new_password_page(user: str, *, error: str | None = None) -> Response:
    """Ask for a new password."""
    body = (
        f"<p>For the account <b>{escape(user)}</b>. Other browsers in which you are signed in "
        'will be signed out.</p><form method="post">'
        f'<input type="hidden" name="username" autocomplete="username" value="{escape(user)}">'
        + field("password", "New password", kind="password", complete="new-password",
                error=error, is_first=True)
        + '<p class="hint">12 characters or more; several unrelated words are good.</p>'
        "<button>Change the password</button></form>"
    )  # fmt: skip
    return page("New password", body, 400 if error else 200)


def forgotten_page(*, is_sent: bool, sends_mail: bool) -> Response:
    """Ask whose password is forgotten, or tell what happens next."""
    if not sends_mail:
        return message_page(
            "Forgotten password",
            "This server sends no mail. An administrator can give you a link for a new password: "
            "`weft server user password-link NAME`",
            status=404,
        )
    if is_sent:
        return message_page(
            "Look into your mail",
            "If there is an account with this name or address, a link for a new password is on "
            "its way. It works once, for a day. Nothing came? Ask an administrator for a link",
        )
    body = (
        "<p>You get a link for a new password by mail.</p>"
        '<form method="post">'
        + field("user", "User name or e-mail", complete="username", is_first=True)
        + "<button>Send the link</button></form>"
    )
    return page("Forgotten password", body)


def message_page(title: str, text: str, *, status: int = 200, is_error: bool = False) -> Response:
    """Tell something, and lead back to the sign-in page."""
    body = alert(text) if is_error else f"<p>{with_code(text)}.</p>"
    return page(title, f'{body}<a class="button" href="{ROOT}">To the sign-in page</a>', status)


def _provider_links(
    providers: Sequence[tuple[str, str]], path: str, *, invitation: str | None = None
) -> str:
    query = {"path": path} if invitation is None else {"invitation": invitation}
    return "".join(
        f'<a class="button" href="{ROOT}/with/{quote(name, safe="")}?{escape(urlencode(query))}">'
        f"Continue with {escape(title)}</a>"
        for name, title in providers
    )
