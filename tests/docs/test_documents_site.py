"""The documents on the server: all are listed, and each link leads somewhere."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ENTRY = re.compile(r"^- \[(.+?)\]\((\S+\.md)\): \S", re.MULTILINE)
LISTED = {
    Path(path).stem: DOCS / path for _, path in ENTRY.findall((DOCS / "README.md").read_text())
}
EXTERNAL = ("https://", "http://")


def text_of(document: Path) -> str:
    """A document without its code, in which nothing is a link or a heading."""
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)


@functools.cache
def anchors_of(document: Path) -> set[str]:
    """The anchors of a document's headings, as the page makes them; a second `log` is `log-1`."""
    anchors: list[str] = []
    for heading in re.findall(r"^#{1,6} (.*)$", text_of(document), re.MULTILINE):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w -]", "", shown.lower()).strip().replace(" ", "-")
        n_before = sum(
            1 for anchor in anchors if re.fullmatch(re.escape(slug) + r"(-\d+)?", anchor)
        )
        anchors.append(f"{slug}-{n_before}" if n_before else slug)
    return set(anchors)


def page_exists(address: str) -> bool:
    """Whether an address such as `/docs/server#limits` leads to a page and a heading of it."""
    name, _, anchor = address.removeprefix("/docs").lstrip("/").partition("#")
    document = LISTED.get(name) if name else DOCS / "README.md"
    return document is not None and (not anchor or anchor in anchors_of(document))


def test_each_guide_and_reference_is_listed_once() -> None:
    paths = [path for _, path in ENTRY.findall((DOCS / "README.md").read_text())]
    assert len(paths) == len(LISTED), "two documents would have one address"
    folders = ("guide", "frameworks", "reference", "concepts")
    pages = {page for folder in folders for page in DOCS.glob(f"{folder}/*.md")}
    assert pages - set(LISTED.values()) == set()
    bullets = re.findall(r"^- ", (DOCS / "README.md").read_text(), re.MULTILINE)
    assert len(bullets) == len(paths), "an entry is not `- [title](path.md): what it is about`"


def test_the_readme_lists_the_same_pages_in_the_same_groups() -> None:
    rows = re.findall(
        r"^\| ([A-Z][\w& ]+) \| (\[.*) \|$", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    in_readme = {title: re.findall(r"\]\(docs/(\S+\.md)\)", links) for title, links in rows}
    parts = re.split(r"^## (.+)$", (DOCS / "README.md").read_text(), flags=re.MULTILINE)[1:]
    groups = {
        title: [path for _, path in ENTRY.findall(text)]
        for title, text in zip(parts[::2], parts[1::2], strict=True)
    }
    del groups["Background"], in_readme["Develop"]
    assert in_readme == groups
    assert groups["Start"] == ["guide/tutorial.md"]


def test_links_lead_to_pages_that_the_server_has() -> None:
    pages = {path.resolve() for path in LISTED.values()}
    wrong: list[str] = []
    for name, document in LISTED.items():
        for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", text_of(document))):
            if link.startswith(EXTERNAL):
                continue
            path, _, anchor = link.partition("#")
            target = (document.parent / path).resolve() if path else document.resolve()
            if target.suffix == ".md":
                is_right = target in pages and (not anchor or anchor in anchors_of(target))
            else:
                is_right = target.is_file() and not anchor
            if not is_right:
                wrong.append(f"{name}: {link}")
    assert wrong == []


def test_no_guide_or_reference_names_a_file_of_documents() -> None:
    # its reader has no checkout: a link leads on, a path does not
    paths = [
        f"{name}: {path}"
        for name, document in LISTED.items()
        if not name.startswith("00")
        for path in re.findall(r"`docs/[\w./-]+\.md`", text_of(document))
    ]
    assert paths == []


def messages_of(source: Path) -> Iterator[str]:
    """The texts of a module that are no docstrings of modules: messages, help, descriptions. None
    of a module that names no documents."""
    text = source.read_text()
    if "docs" not in text:
        return  # no message that is looked for here
    tree = ast.parse(text)
    internal = {id(node.value) for node in tree.body[:1] if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in internal:
            yield node.value


def test_addresses_of_documents_in_messages_lead_to_pages() -> None:
    wrong: list[str] = []
    n_addresses = 0
    for source in sorted((ROOT / "src/weft").rglob("*.py")):
        for message in messages_of(source):
            names = re.findall(r"weft docs ([a-z][\w-]*)", message)
            addresses = re.findall(r"(?<![\w.])/docs(?:/[\w-]+)(?:#[\w-]+)?(?![\w./])", message)
            addresses += [f"/docs/{name}" for name in names]
            n_addresses += len(addresses)
            wrong += [
                f"{source.name}: {address}" for address in addresses if not page_exists(address)
            ]
    for source in sorted((ROOT / "web/src").rglob("*.ts*")):
        addresses = re.findall(r"[\"'`](/docs/[a-z][\w-]*(?:#[\w-]+)?)[\"'`]", source.read_text())
        wrong += [f"{source.name}: {address}" for address in addresses if not page_exists(address)]
    assert wrong == []
    assert n_addresses >= 5


def test_messages_name_no_file_that_only_a_checkout_has() -> None:
    named: list[str] = []
    for source in sorted((ROOT / "src/weft").rglob("*.py")):
        for message in messages_of(source):
            if re.search(r"docs/(guide|reference|concepts)/|docs/[\w-]+\.md", message):
                named.append(f"{source.name}: {message[:80]}")
    assert named == []
