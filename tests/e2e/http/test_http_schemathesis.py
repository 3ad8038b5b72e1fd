"""The API as its description has it: single operations and many in a row, good and bad values.

A real server is asked by schemathesis, which reads `/api/v1/openapi.json`. No answer is a 5xx,
each is as described, what breaks the description is refused, and all refusals are problem
documents. `WEFT_TEST_EXAMPLES=500` asks for longer.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import msgspec
import pytest
import schemathesis
import zstandard
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Flaky, Unsatisfiable
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    status_code_conformance,
    use_after_free,
)

from at_length import case_at_length
from run_log_bytes import HandMadeLog
from server_process import ServerProcess

N_EXAMPLES = int(os.environ.get("WEFT_TEST_EXAMPLES", "1"))
N_STEPS = 20
ANSWER_SECS = 30.0

NOT_ASKED = ("follow_project", "follow_report", "back_up_server", "migrate_server")
"""The first two never end; the others write to whatever folder of this machine they are told."""

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    status_code_conformance,
]
PROBLEM = "application/problem+json"
SETTINGS = settings(
    max_examples=N_EXAMPLES,
    deadline=None,
    stateful_step_count=N_STEPS,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
    derandomize="WEFT_TEST_EXAMPLES" not in os.environ,
    database=None,
)


class Project:
    """A project with runs that operations can find; made anew when it is asked to be."""

    _numbers = itertools.count()

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.name = ""
        self.make()

    def make(self) -> None:
        self.name = f"p{next(self._numbers)}"
        for run in ("ab12cd34", "ef56gh78"):
            log = HandMadeLog(run=run, project=self.name)
            log.config(lr=0.1, name="x", odd=float("nan"))
            log.keys("loss", "train/acc", "odd name")
            log.rows([[1.0 / (i + 1), i, float("nan")] for i in range(40)])
            if run == "ab12cd34":
                log.finish()
            assert log.upload(self._client).status_code == 200

    def lead_to_it(self, case: Any) -> None:
        """Have most questions name things that are there; which is fixed by what was drawn."""
        there = {
            "entity": ["local"],
            "project": [self.name],
            "run": ["ab12cd34", "ef56gh78"],
            "key": ["loss", "train%2Facc"],
        }
        for name, value in list((case.path_parameters or {}).items()):
            number = zlib.crc32(repr((name, value)).encode())
            if name in there and number % 8:
                case.path_parameters[name] = there[name][number % len(there[name])]


@pytest.fixture(scope="module")
def project(patient_server: ServerProcess) -> Iterator[Project]:
    with httpx.Client(base_url=patient_server.url, timeout=ANSWER_SECS, trust_env=False) as client:
        yield Project(client)


@pytest.fixture(scope="module")
def schema(patient_server: ServerProcess) -> Any:
    load_all_checks()
    whole = schemathesis.openapi.from_url(f"{patient_server.url}/api/v1/openapi.json")
    return whole.exclude(operation_id=list(NOT_ASKED))


@pytest.fixture(scope="module")
def described(schema: Any) -> Described:
    return Described(schema.raw_schema)


@schemathesis.serializer("application/zstd", "application/octet-stream", "application/zip")
def packed(_: Any, value: Any) -> dict[str, Any]:
    """A body of bytes: what was drawn as it is, or packed as an upload is."""
    plain = value if isinstance(value, bytes) else str(value).encode(errors="replace")
    return {"data": zstandard.compress(plain) if zlib.crc32(plain) % 2 else plain}


@schemathesis.serializer("application/msgpack")
def packed_contents(_: Any, value: Any) -> dict[str, Any]:
    """Contents of files: what was drawn as one of them, or as the body itself."""
    plain = value if isinstance(value, bytes) else str(value).encode(errors="replace")
    return {"data": msgspec.msgpack.encode([plain]) if zlib.crc32(plain) % 2 else plain}


class Described:
    """The check that answers are as described: no more fields, and no fewer."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._paths = document["paths"]
        self._components = _closed(document["components"])
        self._validators: dict[str, Any] = {}

    def check(self, case: Any, answer: Any) -> None:
        media_type = answer.headers["content-type"][0].partition(";")[0]
        responses = self._paths[case.path][case.method.lower()]["responses"]
        content = responses.get(str(answer.status_code), responses["default"]).get("content", {})
        schema = content.get(media_type, {}).get("schema")
        if not media_type.endswith("json") or schema is None:
            return
        name = repr(schema)
        if name not in self._validators:
            whole = {**_closed(schema), "components": self._components}
            self._validators[name] = jsonschema_rs.Draft202012Validator(whole)
        for fault in self._validators[name].iter_errors(answer.json()):
            raise AssertionError(f"{case.operation.label}: {fault}")


def _closed(node: Any) -> Any:
    """A description whose objects have the named members only."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {name: _closed(value) for name, value in node.items()}
    if isinstance(node.get("properties"), dict) and node.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed


def check(case: Any, answer: Any, described: Described, *more: Any) -> None:
    if answer.status_code in {413, 431}:  # refusals, too, which that check does not count as such
        more = tuple(check for check in more if check is not negative_data_rejection)
    case.validate_response(answer, checks=[*CHECKS, *more])
    if case.method == "HEAD" or answer.status_code in {204, 304}:
        assert not answer.content
        return
    described.check(case, answer)
    if answer.status_code >= 400:
        assert answer.headers["content-type"][0] == PROBLEM, answer.text
        document = answer.json()
        assert document["status"] == answer.status_code
        assert document["detail"]
        assert "Traceback" not in answer.text
        if document["code"] == "invalid":
            errors = document.get("errors") or [{}]
            assert all(error.get("field") and error.get("reason") for error in errors), answer.text


@pytest.mark.parametrize(
    "mode",
    [
        case_at_length(GenerationMode.POSITIVE, id="positive"),
        case_at_length(GenerationMode.NEGATIVE, id="negative"),
    ],
)
def test_each_operation_answers_as_described(
    schema: Any, described: Described, project: Project, mode: GenerationMode
) -> None:
    more = [negative_data_rejection] if mode is GenerationMode.NEGATIVE else []
    faults: list[str] = []
    n_asked = 0
    is_changed = True
    for result in schema.get_all_operations():
        operation = result.ok()

        @SETTINGS
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            nonlocal n_asked
            if mode is GenerationMode.POSITIVE:
                project.lead_to_it(case)
            n_asked += 1
            check(case, case.call(timeout=ANSWER_SECS), described, *more)

        if is_changed:
            project.make()
        is_changed = operation.method.lower() != "get"
        try:
            ask()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE  # it takes whatever can be put into a request
        except Exception as error:  # told below, with those of the others
            faults.append(f"{operation.label}: {_told(error)}")
    assert not faults, "\n\n".join(faults)
    assert n_asked > N_EXAMPLES


def test_operations_in_a_row_answer_as_described(
    schema: Any, described: Described, project: Project
) -> None:
    faults: list[str] = []
    n_asked = 0

    class Machine(schema.as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            project.make()

        def before_call(self, case: Any) -> None:
            project.lead_to_it(case)

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"timeout": ANSWER_SECS}

        def validate_response(self, response: Any, case: Any, **_: Any) -> None:
            nonlocal n_asked
            n_asked += 1
            try:
                check(case, response, described, use_after_free)
            except Exception as error:  # told below: what follows is asked all the same
                faults.append(f"{case.operation.label}: {_told(error)}")

    # What can be asked next depends on what the server answered, which Hypothesis calls flaky and
    # ends at: then the next round goes on.
    is_whole = False
    while not is_whole and n_asked < N_EXAMPLES * N_STEPS:
        n_before = n_asked
        with contextlib.suppress(Flaky):
            Machine.run(settings=SETTINGS)
            is_whole = True
        assert not faults, "\n\n".join(faults[:10])
        assert n_asked > n_before, "a round asked nothing"
    assert n_asked >= N_STEPS


def test_no_address_takes_methods_that_are_not_described(
    patient_server: ServerProcess, schema: Any, project: Project
) -> None:
    there = {"entity": "local", "project": project.name, "run": "ab12cd34", "writer": "writer1"}
    with httpx.Client(base_url=patient_server.url, timeout=ANSWER_SECS, trust_env=False) as client:
        paths: dict[str, dict[str, Any]] = schema.raw_schema["paths"]
        for path in paths:
            address = re.sub(r"{(\w+)}", lambda name: there.get(name[1], "loss"), path)
            # `…/runs/query` may also be a run of that name.
            fitting = [
                pattern
                for pattern in paths
                if re.fullmatch(re.sub(r"{\w+}", "[^/]+", pattern), address)
            ]
            allowed = {method.upper() for pattern in fitting for method in paths[pattern]}
            for method in sorted({"GET", "POST", "PUT", "PATCH", "DELETE"} - allowed):
                answer = client.request(method, address)
                assert (answer.status_code, answer.headers["content-type"]) == (405, PROBLEM)
                methods = set(answer.headers["allow"].split(", "))
                assert methods - {"HEAD", "OPTIONS"} == allowed - {"HEAD"}, (path, method)
                assert ("HEAD" in methods) == ("GET" in allowed)
            options = client.request("OPTIONS", address)
            assert (options.status_code, options.content) == (204, b"")


def _told(error: BaseException) -> str:
    parts = error.exceptions if isinstance(error, FailureGroup) else [error]
    return "\n".join(str(part)[:2000] for part in parts)
