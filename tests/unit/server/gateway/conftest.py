from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from service_gateway import Ask
from weft.server.services.access.actors import LOCAL, Actor
from weft.server.services.opening.services import Services
from weft.wandb_gateway.gateway import Gateway
from weft.wandb_gateway.graphql.execution import Executor
from weft.wandb_gateway.graphql.request import Context, GraphQLRequest

executor = cache(Executor)
"""Reading the schema takes longer than any test."""


@pytest.fixture
def ask_as(services: Services, tmp_path: Path) -> Callable[[Actor], Ask]:
    """Runs documents with variables as a user: their data, or their first error."""
    gateway = Gateway(services, secret="s", folder=tmp_path / "gateway", version="1")

    def as_actor(actor: Actor) -> Ask:
        def ask(document: str, **variables: Any) -> Any:
            context = Context(
                actor=actor,
                services=services,
                memories=gateway._memories,
                starts=gateway._starts,
                history_files=gateway._history_files,
                versions=gateway._versions,
                drafts=gateway._drafts,
                reported_runs=gateway._reported_runs,
                served_reports=gateway._served_reports,
                addresses=gateway._addresses,
                base_url="http://weft.example",
                client=None,
                version="1",
            )
            body = executor().run(GraphQLRequest(document, None, variables), context).body
            if body.get("errors"):
                return body["errors"][0]["message"]
            return body["data"]

        return ask

    return as_actor


@pytest.fixture
def ask(ask_as: Callable[[Actor], Ask]) -> Ask:
    """Runs documents as the server's own user."""
    return ask_as(LOCAL)
