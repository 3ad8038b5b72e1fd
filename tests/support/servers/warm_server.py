"""Makes the app of a server once as it is imported, for what libraries remember of that: the types
of all requests and answers, and the tables of a new database. See `fork_parent`."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

import compiled_statements as compiled_statements
import new_databases as new_databases
from weft.server.app import create_app
from weft.server.http.admission.credentials import Credentials
from weft.server.services.opening.services import open_services
from weft.server.services.opening.struct_types import prepare_structs
from weft.server.settings.server_settings import ServerSettings


def make_app() -> None:
    with tempfile.TemporaryDirectory() as folder:
        services = open_services(Path(folder), jobs=False)
        settings = ServerSettings(data=Path(folder))
        create_app(settings, services, Credentials("token"), version="0")
        services.close()
    prepare_structs()  # what services with jobs do
    assert threading.active_count() == 1, "a fork would lack the threads"


make_app()
