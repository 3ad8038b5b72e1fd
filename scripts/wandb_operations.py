"""Write docs/wandb-compatibility.md: the operations of the official client, and their states.

python scripts/wandb_operations.py          from the client in .wandb/0.31.0 (`make .make/wandb`)
python scripts/wandb_operations.py FOLDER   from the package `wandb` in another folder

The operations are read from the package itself: GraphQL documents in its Python files, and in its
Go program. Each is checked against the schema that the gateway serves.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    Visitor,
    parse,
    validate,
    visit,
)

from weft.wandb_gateway.graphql.execution import make_schema

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "wandb-compatibility.md"

REPORTS: Final = "wandb_workspaces"
"""The package of W&B for reports and workspaces."""

_PROGRAM: Final = "bin/wandb-core"
_BEGINS: Final = re.compile(r"\s*(query|mutation|fragment)\s+\w+")
_IN_PROGRAM: Final = re.compile(rb"(?:query|mutation) [A-Za-z]\w*\s*(?:\([^{}]*?\))?\s*\{")
_FRAGMENT: Final = re.compile(rb"\s*fragment \w+ on \w+ \{")
_MOST_BYTES: Final = 20_000

_REASONS: Final = {
    "queue": "launch: jobs and queues are not part of weft",
    "launchagent": "launch: jobs and queues are not part of weft",
    "defaultresourceconfig": "launch: jobs and queues are not part of weft",
    "automation": "automations: weft has none yet",
    "integration": "automations: weft has none yet",
    "enqueuesweeprun": "only for the feature SWEEPS_LOCAL_SCHEDULER, which weft does not offer",
    "artifacttype": "types of artifacts are made with their first version",
    "projectdetails": "of the internal API of clients before 0.30",
    "projectruns": "of the internal API of clients before 0.30",
    "runinfo": "of the internal API of clients before 0.30",
    "runuploadurls": "of the internal API of clients before 0.30",
}
"""Why an operation is not served, by a part of its name."""

REFUSED: Final = {
    "createAccessToken": "refused: weft has no links to reports for people without an account yet",
    "revokeAccessToken": "refused, as there is no link",
    "updateAccessTokenProjects": "refused, as there is no link",
    "CompleteMultipartUploadArtifact": "never asked for: weft takes each file as a whole",
}
"""Operations that are in the schema, and what they do instead of what W&B does."""


@dataclass
class Operation:
    """An operation of the client.

    Attributes:
        sources: the parts of the client that have it.
        errors: what the schema lacks for it; empty if it is served.
    """

    name: str
    kind: str
    sources: set[str] = field(default_factory=set[str])
    errors: list[str] = field(default_factory=list[str])

    @property
    def state(self) -> str:
        if not self.errors:
            return REFUSED.get(self.name, "served")
        first = next(
            (reason for part, reason in _REASONS.items() if part in self.name.lower()), None
        )
        return f"not served; {first or self.errors[0]}"


def operations_in(package: Path, schema: GraphQLSchema | None = None) -> list[Operation]:
    """All operations of an installed client, by name."""
    schema = schema or make_schema()
    operations: dict[str, Operation] = {}
    for source, definition, whole in whole_documents(package):
        assert definition.name is not None, "operations of the client have names"
        name = definition.name.value
        operation = operations.setdefault(name, Operation(name, definition.operation.value))
        operation.sources.add(source)
        operation.errors += [error.message for error in validate(schema, whole, max_errors=1)]
    return [operations[name] for name in sorted(operations, key=str.lower)]


def whole_documents(package: Path) -> Iterator[tuple[str, OperationDefinitionNode, DocumentNode]]:
    """Each operation: the part of the client that has it, itself, and with its fragments."""
    documents = list(_documents(package))
    fragments: dict[str, FragmentDefinitionNode] = {}
    for _, document in documents:
        for definition in document.definitions:
            if isinstance(definition, FragmentDefinitionNode):
                fragments.setdefault(definition.name.value, definition)
    for source, document in documents:
        own = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode) and definition.name is not None:
                needed = _needed(definition, {**fragments, **own})
                yield source, definition, DocumentNode(definitions=(definition, *needed))


def _needed(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> list[FragmentDefinitionNode]:
    """The fragments that an operation uses, and those that these use."""
    chosen: dict[str, FragmentDefinitionNode] = {}

    class Spreads(Visitor):
        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
            name = node.name.value
            if name not in chosen and name in fragments:
                chosen[name] = fragments[name]
                visit(fragments[name], self)

    visit(operation, Spreads())
    return list(chosen.values())


def _documents(package: Path) -> Iterator[tuple[str, DocumentNode]]:
    program = _in_program(package) if (package / _PROGRAM).exists() else ()
    for source, text in [*_in_python(package), *program]:
        # A place for a part that the client fills in, which no schema has.
        text = text.replace("_PROJECT_QUERY_", "project { id name entity { id name } }")
        try:
            yield source, parse(text)
        except GraphQLError:
            continue  # assembled from parts when it is sent


def _in_python(package: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(package.rglob("*.py")):
        text = path.read_text(errors="replace")
        if not any(word in text for word in ("query ", "mutation ", "fragment ")):
            continue
        for node in ast.walk(ast.parse(text)):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and _BEGINS.match(text):
                yield "automations" if "automations" in path.parts else "Python", text


def _in_program(package: Path) -> Iterator[tuple[str, str]]:
    data = (package / _PROGRAM).read_bytes()
    for match in _IN_PROGRAM.finditer(data):
        end = _end_of_block(data, match.start())
        while end is not None and (more := _FRAGMENT.match(data, end)) is not None:
            after = _end_of_block(data, more.start())
            if after is None:
                break
            end = after
        if end is not None:
            yield "wandb-core", data[match.start() : end].decode(errors="replace")


def _end_of_block(data: bytes, start: int) -> int | None:
    depth = 0
    for offset in range(start, min(len(data), start + _MOST_BYTES)):
        if data[offset] == ord("{"):
            depth += 1
        elif data[offset] == ord("}"):
            depth -= 1
            if depth == 0:
                return offset + 1
    return None


def page_of(
    operations: list[Operation], version: str, reports: list[Operation], reports_version: str
) -> str:
    """The document: operations of the client, and those of its package for reports."""
    served = [operation for operation in operations if operation.state == "served"]
    return "\n".join(
        [
            "# Operations of the official client of W&B",
            "",
            "<!-- made by scripts/wandb_operations.py from the installed package -->",
            "",
            f"The package `wandb` {version} contains {len(operations)} GraphQL operations; weft "
            f"serves {len(served)} of them. How to use it:",
            "[the guide](guide/wandb-client.md). What is not served answers with an error that "
            "names the operation.",
            "",
            *_table_of(operations),
            "",
            "## Reports and workspaces",
            "",
            f"The package `wandb-workspaces` {reports_version} has these operations besides:",
            "",
            *_table_of(reports),
            "",
        ]
    )


def _table_of(operations: list[Operation]) -> list[str]:
    rows = [
        f"| `{each.name}` | {each.kind} | {', '.join(sorted(each.sources))} | {each.state} |"
        for each in operations
    ]
    return ["| operation | kind | asked by | state |", "|---|---|---|---|", *rows]


def package_in(environment: Path, name: str = "wandb") -> tuple[Path, str]:
    """The folder of a package in a virtual environment, and its version."""
    (package,) = environment.glob(f"lib/python*/site-packages/{name}")
    (info,) = package.parent.glob(f"{name}-*.dist-info")
    return package, info.name.removeprefix(f"{name}-").removesuffix(".dist-info")


def main() -> None:
    environment = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".wandb" / "0.31.0"
    package, version = package_in(environment)
    operations = operations_in(package)
    reports, reports_version = package_in(environment, REPORTS)
    PAGE.write_text(page_of(operations, version, operations_in(reports), reports_version))
    print(f"{PAGE.relative_to(ROOT)}: {len(operations)} operations")


if __name__ == "__main__":
    main()
