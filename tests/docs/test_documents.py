"""Documents must be true: the files, links and commands they name exist."""

from __future__ import annotations

import builtins
import functools
import re
import subprocess
import symtable
import tomllib
from collections.abc import Callable
from pathlib import Path

from weft.version import VERSION

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
)
TOP_FOLDERS = ("src/", "tests/", "docs/", "web/", "bench/", "scripts/", "examples/")


def in_documents(faults_of: Callable[[Path], list[str]], documents: list[Path]) -> list[str]:
    """The faults of documents, each after its name. One test for all of them: each test of its
    own takes as long as to read ten."""
    return [
        f"{document.relative_to(ROOT)}: {fault}"
        for document in documents
        for fault in faults_of(document)
    ]


def test_named_files_links_and_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    def missing(document: Path) -> list[str]:
        text = document.read_text()
        wrong: list[str] = []
        for path in re.findall(r"`([\w./-]+)`", text):
            if path.startswith(TOP_FOLDERS) and not (ROOT / path).exists():
                wrong.append(path)
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            if "://" not in link and not (document.parent / link).exists():
                wrong.append(link)
        for target in re.findall(r"(?:`|^|ONCE=1 )make ([a-z-]+)", text, re.MULTILINE):
            if target not in targets:
                wrong.append(f"make {target}")
        return wrong

    assert in_documents(missing, DOCUMENTS) == []


def test_each_decision_has_a_status_and_is_in_the_index() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text()
    for record in sorted((ROOT / "docs" / "decisions").glob("0*.md")):
        assert re.search(r"^Status: \w+", record.read_text(), re.MULTILINE), record.name
        (line,) = (line for line in index.splitlines() if f"[{record.name}]" in line)
        status = re.search(r"^Status: .*", record.read_text(), re.MULTILINE)
        later = re.findall(r"\b0\d{3}\b", status[0]) if status else []
        assert line.endswith(f"→ {', '.join(later)} |" if later else " |"), line


def test_pages_show_the_version_of_weft() -> None:
    shown = {
        version
        for page in ("README.md", "docs/http-api.md", "docs/guide/client.md")
        for version in re.findall(
            r"(?:with weft |\"version\": \"|dist/weft-)(\d+\.\d+\.\d+)", (ROOT / page).read_text()
        )
    }
    assert shown == {VERSION}
    assert f"\n## {VERSION} - " in (ROOT / "CHANGELOG.md").read_text()
    # The distribution `wandb` names modules of the client that it is released with.
    names = (ROOT / "distributions" / "wandb" / "pyproject.toml").read_text()
    assert f'dependencies = ["weft>={VERSION}"]' in names


def test_figures_of_the_performance_page_are_those_of_the_benchmarks() -> None:
    page = (ROOT / "docs/guide/performance.md").read_text().partition("## How large")[0]
    figures = re.findall(r"^\| .+ \| (\d.*) \|$", page, re.MULTILINE)
    benchmarks = (ROOT / "docs/benchmarks.md").read_text()
    assert len(figures) > 15
    assert [figure for figure in figures if f"| {figure} |" not in benchmarks] == []


def test_the_guide_names_each_kind_of_panel() -> None:
    kinds = (ROOT / "web" / "src" / "data" / "view" / "panel-kinds.ts").read_text()
    guide = (
        (ROOT / "docs" / "guide" / "workspace.md").read_text().partition("**Add panel** lists")[2]
    )
    offered = " ".join(guide.partition("\n- **")[0].lower().split())
    titles = re.findall(r'title: "([^"]+)"', kinds)
    assert len(titles) > 10
    assert [title for title in titles if title.lower() not in offered] == []


def test_the_layers_of_the_architecture_are_those_that_are_checked() -> None:
    shown = (ROOT / "docs" / "architecture.md").read_text().replace("\n", " ")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = {
        contract["containers"][0]: [
            names
            for layer in contract["layers"]
            if (names := existing(contract["containers"][0], layer))
        ]
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    }
    layers["weft.sdk"] = layers["weft.sdk"][3:]  # a list of modules is above
    for container in ("weft", "weft.server", "weft.sdk"):
        line = " → ".join(" | ".join(f"`{name}`" for name in names) for names in layers[container])
        assert line in shown, line


def existing(container: str, layer: str) -> list[str]:
    """The names in a layer; those in parentheses are optional, and may not be there."""
    folder = ROOT / "src" / container.replace(".", "/")
    names = [name.strip() for name in re.split(r"[|:]", layer)]
    return [
        bare
        for name in names
        if (bare := name.strip("()")) == name
        or (folder / bare).is_dir()
        or (folder / f"{bare}.py").is_file()
    ]


@functools.cache
def anchors_of(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    fenced = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
    text = fenced.sub("", document.read_text())
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings}


def test_links_to_headings_lead_to_one() -> None:
    def missing(document: Path) -> list[str]:
        links = re.findall(r"\]\(([^)#:]*\.md)?#([^)]+)\)", document.read_text())
        return [
            f"{name}#{anchor}"
            for name, anchor in links
            if anchor not in anchors_of((document.parent / name).resolve() if name else document)
        ]

    assert in_documents(missing, DOCUMENTS) == []


GUIDES = [path for path in DOCUMENTS if path.parent.name in {"guide", "frameworks"}]


def test_python_examples_use_only_names_of_their_page() -> None:
    """Who pastes the examples of a page, from its top, meets no name that is missing."""
    assert in_documents(names_missing, GUIDES) == []


def names_missing(document: Path) -> list[str]:
    text = document.read_text()
    defined: set[str] = set(dir(builtins))
    missing: list[str] = []
    for match in re.finditer(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        table = symtable.symtable(match[1], document.name, "exec")
        own = {symbol.get_name() for symbol in table.get_symbols() if is_defined(symbol)}
        line = text[: match.start()].count("\n") + 1
        missing += [f"{name}, line {line}" for name in sorted(names_of(table) - own - defined)]
        defined |= own
    return missing


def is_defined(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported()


def names_of(table: symtable.SymbolTable) -> set[str]:
    """The global names that code uses."""
    is_module = table.get_type() == "module"
    used = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (is_module or symbol.is_global())
    }
    return used.union(*map(names_of, table.get_children()))


def test_every_picture_is_shown_by_a_document_in_both_themes() -> None:
    texts = "".join(path.read_text() for path in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
    names = set(re.findall(r"images/([\w-]+)-(?:light|dark)-(\d+)\.png", texts))
    shown = {f"{name}-{theme}-{width}.png" for name, width in names for theme in ("light", "dark")}
    assert {path.name for path in (ROOT / "docs/images").iterdir()} == shown
