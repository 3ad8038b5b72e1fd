"""Each endpoint of the API, tried by each kind of person: who may, and who is refused.

`RIGHTS` has a line for each operation of the API's description; one without a line fails. Who may
not is tried on things that are there, who may on things that are not: so no check that is missing
hides behind a 404, and nothing is destroyed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest

from lab_requests import Operation, describe_operations
from lab_server import READ, RUN, UNKNOWN, WITH_WHOLE_KEY, Lab, rights_of, start_lab

TABLE: Final = """
read: export_project list_artifacts get_collection get_artifact_history list_versions get_version
read: compare_versions list_artifact_files download_artifact_file look_at_artifact_file
read: get_artifact_folder download_artifact_folder get_lineage list_content_links list_columns
read: follow_project export_history note_export query_histograms latest_values query_media
read: list_media_steps
read: list_metrics list_metric_names query_run_events list_runs group_runs query_runs get_run
read: list_alerts get_run_artifacts get_continuation list_files download_file look_at_file
read: get_folder download_folder get_history get_run_lineage get_log_lines find_log_lines
read: get_moment list_log_streams download_log get_run_sizes list_writers query_series
read: get_project_sizes query_sql list_sweeps check_sweep get_sweep list_agents list_sweep_runs
read: list_trials
read: query_table query_tables list_trash list_views get_view get_project put_default_view
read: list_reports get_report get_figure list_comments export_report note_report_view
read: star_report unstar_report export_view get_report_thumbnail get_report_image
write: create_report edit_report delete_report undelete_report update_report sync_report
write: send_awareness follow_report publish_report list_report_versions restore_report_version
write: capture_figure add_thread add_reply edit_comment delete_comment resolve_thread
write: reopen_thread pin_report unpin_report add_report_image
log: upload_contents upload_piece upload_file list_lacking_ahead upload_log
log: list_lacking_contents beat_agent link_version
write: edit_project put_project import_project edit_collection delete_collection delete_version
write: edit_version delete_metrics change_runs delete_run edit_run delete_file delete_metric
write: stop_run undelete_run create_sweep delete_sweep edit_sweep empty_trash
write: enqueue_trial
write: create_view delete_view edit_view undelete_view list_shares create_share revoke_share
read: get_project_access list_project_activity list_project_locks
team: get_team list_team_activity
admin: delete_project undelete_project edit_project_access explain_access move_project edit_team
admin: see_project_as move_projects list_team_locks
admin: delete_team put_team_member remove_team_member
admin: add_service_account remove_service_account
server: back_up_server migrate_server check_server collect_garbage get_server_key list_users
server: add_user
server: remove_user change_user_key server_metrics edit_registry delete_registry
user: read_api_docs list_chart_presets parse_filter describe_api list_projects list_activity
user: list_registries get_registry get_server list_trashed_projects import_archive
user: stop_seeing_as upload_small_logs empty_trashed_projects catch_up
user: list_report_gallery
user: match_users get_account get_picture list_audit export_audit list_keys edit_key revoke_key
user: list_teams list_notifications
person: change_password
itself: put_registry new_login_address unlink_identity list_sessions end_session
itself: end_other_sessions create_key read_notifications
team: list_service_accounts
server: get_user_account edit_account set_picture remove_picture create_password_link
server: list_invitations invite check_sign_in withdraw_invitation add_first_admin
server: invite_again
entity: get_usage
read: get_retention preview_retention
admin: set_project_quota set_retention
server: set_entity_quota
server: add_team undelete_team
"""

RIGHTS: Final = rights_of(
    TABLE,
    entity=READ | {"mia-shared"},
    team=READ | {"mia-shared"},
    person=WITH_WHOLE_KEY - {"bot"},
)
"""By the words of `TABLE`. `itself`: all users, with a key that may as much as they; `person`:
those of them who are no service accounts."""

OPEN: Final = {
    *("healthz", "readyz", "get_shared", "get_shared_run", "query_shared_runs"),
    *("list_shared_metric_names", "latest_shared_values", "query_shared_series"),
    *("query_shared_histograms", "list_shared_files", "download_shared_file"),
    *("get_shared_lines", "get_shared_report", "get_shared_figure", "get_shared_picture"),
    *("get_shared_embed", "group_shared_runs", "get_shared_image"),
}
"""Answered for everyone, shares by the code in their links."""

NOT_TRIED: Final = {
    "back_up_server": "writes to any folder of the server's machine",
    "migrate_server": "ends what the server of all others takes",
    "delete_team": "takes the team of all others away",
}
"""For those who may."""

CREATING: Final = {"put_project", "follow_project", "check_sweep"}
"""They also take the name of a project that is to be made: that of a hidden one is refused."""

ABSENT: Final = {
    "run": "absent00",
    "artifact": "absent",
    "view": "absent",
    "report": "absent",
    "comment": "absent",
    "sweep": "absent",
    "share": "absent",
    "user": "absent",
    "path": "absent",
    "key_id": "999999",
    "account": "absent",
}
"""Names of things that are not there, for those who may change them."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with start_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="module")
def operations(lab: Lab) -> list[Operation]:
    return describe_operations(lab)


THERE: Final = {
    "entity": "lab",
    "project": "runs",
    "run": RUN,
    "artifact": "digits",
    "user": "eve",
    "team": "lab",
    "session": "1",
}


def test_each_operation_has_a_line(operations: list[Operation]) -> None:
    assert {operation.name for operation in operations} == RIGHTS.keys() | OPEN


def test_who_may_not_is_refused(lab: Lab, operations: list[Operation]) -> None:
    faults: list[str] = []
    for operation in operations:
        if operation.name in OPEN:
            continue
        for name, client in lab.clients.items():
            if name in RIGHTS[operation.name]:
                continue
            answer = operation.try_as(client, **THERE)
            expected = 401 if name in UNKNOWN else 403
            if answer.status_code != expected:
                faults.append(f"{operation.name} as {name}: {answer.status_code}, not {expected}")
    assert not faults, "\n".join(faults[:20])


@pytest.fixture(scope="module")
def refusals(lab: Lab, operations: list[Operation]) -> list[str]:
    """Operations that were refused to a person who may, each tried by each of them."""
    faults: list[str] = []
    for operation in operations:
        if operation.name in NOT_TRIED:
            continue
        for name in RIGHTS.get(operation.name, lab.clients.keys()):
            names = {
                "entity": "lab",
                "project": "runs",
                **ABSENT,
                "registry": f"of-{name}",
                "team": "lab",
            }
            if operation.name in {"delete_project", "undelete_project", "move_project"}:
                names["project"] = "absent"
            answer = operation.try_as(lab.clients[name], **names)
            if answer.status_code in {401, 403} or answer.status_code >= 500:
                faults.append(f"{operation.name} as {name}: {answer.status_code} {answer.text}")
    return faults


def test_who_may_is_not_refused(refusals: list[str]) -> None:
    assert not refusals, "\n".join(refusals[:20])


def test_a_hidden_project_is_like_one_that_is_not_there(
    lab: Lab, operations: list[Operation]
) -> None:
    """For a member of its team, whom it is hidden from, and for someone of another."""
    faults: list[str] = []
    for operation in operations:
        if "{project}" not in operation.path or operation.name in CREATING:
            continue
        for name in ("vic", "olga"):
            answers = [
                operation.try_as(lab.clients[name], **{**THERE, "project": project})
                for project in ("secret", "absent")
            ]
            texts = [
                re.sub(r'secret|absent|"request_id":"[^"]+"', "", answer.text)
                for answer in answers
            ]
            if answers[0].status_code != answers[1].status_code or texts[0] != texts[1]:
                faults.append(f"{operation.name} as {name}: {texts}")
    assert not faults, "\n".join(faults[:20])


def test_lists_leave_out_what_is_hidden(lab: Lab, operations: list[Operation]) -> None:
    for name in ("vic", "bot", "olga", "dan", "mia-shared"):
        for operation in operations:
            if operation.method == "get" and "{" not in operation.path:
                path = (
                    f"{operation.path}?days=30" if "activity" in operation.path else operation.path
                )
                assert "secret" not in lab.clients[name].get(path).text, (operation.name, name)


@pytest.mark.usefixtures("refusals")
def test_the_audit_log_of_all_that_has_no_secret(lab: Lab) -> None:
    text = lab.clients["root"].get("/api/v1/audit/export").raise_for_status().text
    assert len(text.splitlines()) > 20
    for secret in (*lab.keys.values(), "correct horse battery"):
        assert secret not in text
    assert re.search(r"[0-9a-f]{40}", text) is None
