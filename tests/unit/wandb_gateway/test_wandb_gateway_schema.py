"""The schema: each of its fields has something that answers it."""

from __future__ import annotations

import ast
import inspect
import textwrap

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType

from weft.wandb_gateway.graphql.artifacts.artifact_nodes import (
    AliasNode,
    ArtifactNode,
    CollectionNode,
    ManifestNode,
    MembershipNode,
    TagNode,
    TypeNode,
)
from weft.wandb_gateway.graphql.execution import make_schema, snake_case
from weft.wandb_gateway.graphql.file_nodes import FileNode
from weft.wandb_gateway.graphql.mutations import Mutations
from weft.wandb_gateway.graphql.project_nodes import ProjectNode
from weft.wandb_gateway.graphql.queries import Queries
from weft.wandb_gateway.graphql.registry_nodes import OwnerNode, OwnerOrganizationNode
from weft.wandb_gateway.graphql.run_nodes import RunNode
from weft.wandb_gateway.graphql.server_nodes import ServerInfoNode, UserNode
from weft.wandb_gateway.graphql.sweep_nodes import AgentNode, SweepNode

CLASSES: dict[str, type] = {
    "Query": Queries,
    "Mutation": Mutations,
    "ServerInfo": ServerInfoNode,
    "User": UserNode,
    "Entity": OwnerNode,
    "Organization": OwnerOrganizationNode,
    "Project": ProjectNode,
    "Run": RunNode,
    "File": FileNode,
    "Sweep": SweepNode,
    "Agent": AgentNode,
    "ArtifactType": TypeNode,
    "ArtifactSequence": CollectionNode,
    "ArtifactPortfolio": CollectionNode,
    "ArtifactCollectionMembership": MembershipNode,
    "ArtifactAlias": AliasNode,
    "Tag": TagNode,
    "Artifact": ArtifactNode,
    "ArtifactManifest": ManifestNode,
}


def names_of(kind: type) -> set[str]:
    """The names of objects of a class: methods and attributes."""
    names: set[str] = set()
    for base in kind.__mro__[:-1]:
        names |= set(vars(base))
        tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        names |= {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        }
    return names


@pytest.mark.parametrize("name", CLASSES)
def test_each_field_of_a_type_is_answered(name: str) -> None:
    type_ = make_schema().type_map[name]
    assert isinstance(type_, GraphQLObjectType)
    have = names_of(CLASSES[name])
    assert [field for field in type_.fields if snake_case(field) not in have] == []


def test_fields_of_inputs_have_names_of_python() -> None:
    """`md5` is one word, which is easily cut into two."""
    schema = make_schema()
    input_type = schema.type_map["CreateArtifactFileSpecInput"]
    assert isinstance(input_type, GraphQLInputObjectType)
    assert {field.out_name or name for name, field in input_type.fields.items()} == {
        "artifact_id", "artifact_manifest_id", "name", "md5", "mimetype", "upload_parts_input"
    }  # fmt: skip
