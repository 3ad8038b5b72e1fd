"""The page that makes the first administrator, which only the link in the server's log opens."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from starlette.responses import Response

from weft.server.http.sign_in.layout import field, page
from weft.server.services.users import FirstAdminChoices
from weft.wire.server.accounts import FirstAdmin

MAX_LISTED: Final = 1000
"""The most projects that the page lists, each with a checkbox; of more, all or none are chosen."""

_PROJECT: Final = "project:"
"""The beginning of a checkbox's name: a form has each name once."""


def first_admin_page(
    choices: FirstAdminChoices,
    form: Mapping[str, str] | None = None,
    *,
    error: tuple[str, str] | None = None,
) -> Response:
    """Ask for the first administrator's name and password, and who gets the projects.

    `form` is what was filled in, to correct; `error` a field's name and what is wrong with it.
    """
    values = form or {}
    errors = dict([error]) if error else {}
    parts = [
        "<p>This server has no administrator yet. You make the first one, who invites others. "
        "This address works once.</p>",
        '<form method="post">',
        field("name", "User name", complete="username", value=values.get("name", ""),
              error=errors.get("name"), is_first=not errors),
        '<p class="hint">Letters, digits, - _ and . It is in the addresses of your runs.</p>',
        field("email", "E-mail (optional)", kind="email", complete="email",
              value=values.get("email", ""), error=errors.get("email"), is_required=False),
        field("password", "Password", kind="password", complete="new-password",
              error=errors.get("password")),
        '<p class="hint">12 characters or more; several unrelated words are good.</p>',
    ]  # fmt: skip
    if choices.projects:
        parts.append(_projects(choices, form, errors.get("local_to")))
    parts.append("<button>Make the administrator</button></form>")
    return page("First administrator", "".join(parts), 400 if error else 200)


def _projects(
    choices: FirstAdminChoices, form: Mapping[str, str] | None, team_error: str | None
) -> str:
    n = len(choices.projects)
    if n <= MAX_LISTED:
        boxes = "".join(
            _choice(
                "checkbox", _PROJECT + name, "yes", name, form is None or _PROJECT + name in form
            )
            for name in choices.projects
        )
    else:
        is_all = form is None or "all" in form
        boxes = _choice("checkbox", "all", "yes", f"All {n} projects", is_all)
    team = "" if form is None else form.get("team", "")
    is_team = form is not None and form.get("owner") == "team"
    names = "".join(f'<option value="{escape(name)}">' for name in choices.teams)
    counted = "1 project is" if n == 1 else f"{n} projects are"
    return (
        f"<fieldset><legend>{counted} here already</legend>"
        f'<div class="choices">{boxes}</div>'
        + _choice("radio", "owner", "me", "The chosen ones become mine", not is_team)
        + _choice("radio", "owner", "team", "They become a team's", is_team)
        + field("team", "Team", value=team, error=team_error, is_required=False,
                suggestions="teams")
        + f'<datalist id="teams">{names}</datalist>'
        '<p class="hint">A team that is there, or the name of a new one, of which you are the '
        "admin. Links to the projects lead on. What you leave stays under <code>local</code>, for "
        "administrators, and can be moved later.</p></fieldset>"
    )  # fmt: skip


def first_admin_of(form: Mapping[str, str], choices: FirstAdminChoices) -> FirstAdmin:
    """The administrator that a form of the page describes."""
    name, team = form.get("name", "").strip(), form.get("team", "").strip()
    is_team = form.get("owner") == "team"
    owner = team if is_team else name
    projects = [project for project in choices.projects if _PROJECT + project in form]
    has_none = bool(choices.projects) and not projects and "all" not in form
    return FirstAdmin(
        name=name,
        email=form.get("email", "").strip() or None,
        password=form.get("password", ""),
        local_to=None if has_none else owner,
        projects=None if "all" in form else projects,
        new_team=is_team and not has_none and team not in choices.teams,
    )


def _choice(kind: str, name: str, value: str, text: str, is_on: bool) -> str:
    checked = " checked" if is_on else ""
    return (
        f'<label class="choice"><input type="{kind}" name="{escape(name)}" value="{value}"'
        f"{checked}>{escape(text)}</label>"
    )
