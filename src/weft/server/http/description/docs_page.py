"""`/api/docs`: the API's description as one HTML page, made from the OpenAPI document.

Plain HTML with an inline style. It loads nothing and runs no script, and the page's policy allows
neither. All text in it is escaped.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final, cast

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --faint: #888; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 2rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
article { border: 1px solid var(--line); border-radius: 6px; margin: 1rem 0; padding: .2rem 1rem; }
h3 { font: 600 1rem ui-monospace, monospace; overflow-wrap: anywhere; }
h3 b { display: inline-block; min-width: 4.5rem; }
code, pre { font: 13px ui-monospace, monospace; }
pre { background: var(--soft); border-radius: 4px; overflow-x: auto; padding: .6rem; }
table { border-collapse: collapse; table-layout: fixed; width: 100%; }
td:nth-child(-n+2), th:nth-child(-n+2) { width: 30%; }
td, th { border-top: 1px solid var(--line); padding: .3rem .6rem .3rem 0; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 600; } small { color: var(--faint); }
nav a { display: inline-block; margin-right: 1rem; } a { color: inherit; }
"""
POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src "
    f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
)
_CODE: Final = re.compile(r"`([^`]+)`")

_MORE: Final = 4
"""The most members of an object that a line shows."""


def docs_page(document: Mapping[str, Any]) -> str:
    """Make the page.

    >>> page = docs_page({"info": {"title": "a<b", "version": "1"}, "paths": {}})
    >>> "a&lt;b 1" in page
    True
    """
    info = document["info"]
    title = f"{escape(info['title'])} {escape(info['version'])}"
    by_tag: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["other"])[0]
            by_tag.setdefault(tag, []).append("".join(_operation(method, path, operation)))
    descriptions = {
        entry["name"]: entry.get("description", "") for entry in document.get("tags", [])
    }
    schemas = document.get("components", {}).get("schemas", {})
    links = "".join(f'<a href="#tag-{escape(tag)}">{escape(tag)}</a>' for tag in by_tag)
    sections = "".join(
        f'<h2 id="tag-{escape(tag)}">{escape(tag)}</h2><p>{escape(descriptions.get(tag, ""))}</p>'
        + "".join(articles)
        for tag, articles in by_tag.items()
    )
    shapes = "".join(_shape(name, schema) for name, schema in schemas.items())
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}: HTTP API</title><style>{_STYLE}</style>"
        f"<body><h1>{title}: HTTP API</h1><p>{escape(info.get('summary', ''))}.</p>"
        f"<p>{escape(info.get('description', ''))}</p>"
        f'<p>For programs: <a href="/api/v1/openapi.json">OpenAPI 3.1</a>. Every refusal and '
        f'fault is a <a href="#shape-Problem">Problem</a>.</p>'
        f'<nav>{links}<a href="#shapes">shapes</a></nav>{sections}'
        f'<h2 id="shapes">shapes</h2>{shapes}</body></html>'
    )


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    name = escape(operation["operationId"])
    yield f'<article id="{name}"><h3><b>{escape(method.upper())}</b> {escape(path)}</h3>'
    yield f"<p>{_text(operation)} <small>{name}</small></p>"
    parameters = [
        _row(
            parameter["name"],
            _type(parameter["schema"]),
            parameter.get("description", parameter["schema"].get("description", "")),
            note=parameter["in"] + (", required" if parameter.get("required") else ""),
        )
        for parameter in operation.get("parameters", [])
    ]
    if parameters:
        yield f"<table><tr><th>parameter<th>type<th>meaning</tr>{''.join(parameters)}</table>"
    body = operation.get("requestBody")
    if body is not None:
        yield f"<p><b>Body</b> {_prose(body.get('description', ''))} {_content(body)}</p>"
        yield from _examples(body)
    answers = "".join(
        _row(status, _content(answer), answer.get("description", ""))
        for status, answer in operation["responses"].items()
        if status != "default"
    )
    yield f"<table><tr><th>answer<th>content<th>meaning</tr>{answers}</table></article>"


def _examples(body: Mapping[str, Any]) -> Iterator[str]:
    for content in body.get("content", {}).values():
        for example in content.get("examples", {}).values():
            text = json.dumps(example["value"], indent=1, ensure_ascii=False)
            yield f"<pre>{escape(text)}</pre>"


def _content(message: Mapping[str, Any]) -> str:
    return "<br>".join(
        f"<code>{escape(media_type)}</code> {_type(content.get('schema', {}))}"
        for media_type, content in message.get("content", {}).items()
    )


def _shape(name: str, schema: Mapping[str, Any]) -> str:
    required = schema.get("required", [])
    rows = "".join(
        _row(
            member,
            _type(property_),
            property_.get("description", ""),
            note="" if member in required else "may be missing",
        )
        for member, property_ in schema.get("properties", {}).items()
    )
    members = f"<table>{rows}</table>" if rows else f"<p>{_type(schema)}</p>"
    text = escape(schema.get("description", ""))
    return (
        f'<article id="shape-{escape(name)}"><h3>{escape(name)}</h3><p>{text}</p>'
        f"{members}</article>"
    )


def _row(name: str, content: str, text: str, *, note: str = "") -> str:
    small = f" <small>{escape(note)}</small>" if note else ""
    return f"<tr><td><code>{escape(name)}</code>{small}<td>{content}<td>{_prose(text)}</tr>"


def _text(operation: Mapping[str, Any]) -> str:
    summary, text = operation.get("summary", ""), operation.get("description", "")
    return _prose(text or summary)


def _prose(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _type(schema: Mapping[str, Any]) -> str:
    """A schema in a few words, as HTML."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#shape-{name}">{name}</a>'
    for joined in ("anyOf", "oneOf"):
        if joined in schema:
            return " or ".join(dict.fromkeys(_type(option) for option in schema[joined]))
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return ", ".join(f"<code>{escape(str(option))}</code>" for option in values)
    kind = schema.get("type", "anything")
    if kind == "array":
        item_types = schema.get("prefixItems")
        inner = ", ".join(map(_type, item_types)) if item_types else _type(schema.get("items", {}))
        return f"list of ({inner})" if item_types else f"list of {inner}"
    if kind == "object":
        members = list(schema.get("properties", {}))
        if members:
            names = ", ".join(members[:_MORE]) + (", …" if len(members) > _MORE else "")
            return f"object: {escape(names)}"
        below = schema.get("additionalProperties")
        if not isinstance(below, dict):
            return "object"
        return f"object of {_type(cast('dict[str, Any]', below))}"
    bounds = [
        f"{sign} {schema[name]}"
        for name, sign in (("minimum", "≥"), ("maximum", "≤"), ("maxLength", "length ≤"))
        if name in schema
    ]
    if "default" in schema:
        bounds.append(f"default {json.dumps(schema['default'])}")
    return escape(f"{kind} ({', '.join(bounds)})" if bounds else str(kind))
