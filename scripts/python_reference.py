"""Pages of the Python reference, one for each class or subject, from signatures and docstrings.

`scripts/gen_reference.py` writes them. Docstrings are in Google sections, whose lists become
lists, indented lines and `>>>` code.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from types import FunctionType
from typing import Any, Final

import weft
from weft import plot, reports, workspaces
from weft.apis import public
from weft.records.files.media_kinds import CLASS_HOMES
from weft.sdk.media.media import Media
from weft.sdk.reading.rows.table import HistoryTable, Table

WIDTH: Final = 99
NOTE: Final = "<!-- made by scripts/gen_reference.py from the help and docstrings of the code -->"


@dataclass(frozen=True)
class Page:
    """A page: its file, title and what it is about, the names of `weft`, and classes that no
    script makes itself.
    """

    name: str
    title: str
    about: str
    names: str = ""
    classes: Sequence[type] = ()


_WITH_OTHER_PAGES: Final = {"Table", "PartitionedTable", "JoinedTable", "Graph"}
"""Media that are not on the page of media types."""

_MEDIA_CLASSES: Final = [name for name in CLASS_HOMES if name not in _WITH_OTHER_PAGES]

PAGES: Final = (
    Page(
        "python-log",
        "Functions of a script",
        "Start a run, log to it, end it: functions that work on the current run.",
        "init log define_metric alert finish join run config summary attach login save "
        "restore log_code mark_preempting pin_config_keys setup teardown __version__",
    ),
    Page("python-run", "weft.Run", "A run that a script records.", "Run AlertLevel"),
    Page(
        "python-settings",
        "Config and Settings",
        "The inputs of a run, and the settings of `init()`.",
        "Config Settings",
    ),
    Page(
        "python-media",
        "Media types",
        "Classes of what `log()` takes besides numbers and text.",
        f"{' '.join(_MEDIA_CLASSES)} Classes box3d data_types",
    ),
    Page(
        "python-tables",
        "weft.Table",
        "Tables of rows and columns, to log and to read.",
        "Table PartitionedTable JoinedTable",
    ),
    Page(
        "python-plot",
        "weft.plot",
        "Charts of tables and of predictions.",
        "plot plot_table visualize",
    ),
    Page(
        "python-reports",
        "weft.reports",
        "Reports: documents of text and panels, built and changed by scripts.",
        "reports",
    ),
    Page(
        "python-workspaces",
        "weft.workspaces",
        "Saved views of a workspace, built and changed by scripts.",
        "workspaces",
    ),
    Page(
        "python-artifact",
        "weft.Artifact",
        "Versions of datasets and models, to log, use and download.",
        "Artifact ArtifactTTL log_artifact use_artifact log_model use_model link_model",
    ),
    Page("python-sweep", "Sweep functions", "Create a sweep and work on it.", "sweep agent"),
    Page(
        "python-models",
        "Models and frameworks",
        "Gradients of PyTorch, automatic logging, TensorBoard, the name `wandb`.",
        "watch unwatch Graph autolog sync_tensorboard tensorboard install_as_wandb",
    ),
    Page(
        "python-errors",
        "Errors and helpers",
        "Exceptions, printed messages, and names that scripts for W&B call.",
        "errors Error CommError UsageError termlog termwarn termerror util require "
        "ensure_configured",
    ),
    Page("python-api", "weft.Api", "Read and change what a server or a directory has.", "Api"),
    Page(
        "python-stored-run",
        "Runs from Api",
        "A run, a list of runs, their history.",
        classes=(public.Run, public.Runs, public.HistoryScan, HistoryTable, Table),
    ),
    Page(
        "python-stored-project",
        "Projects and files from Api",
        "Projects, files and media of runs.",
        classes=(public.Project, public.Projects, public.File, public.Files, public.Media),
    ),
    Page(
        "python-stored-artifact",
        "Collections and teams from Api",
        "Collections and types of artifacts, teams, members, users.",
        classes=(
            public.ArtifactCollection,
            public.ArtifactType,
            public.Team,
            public.Member,
            public.User,
        ),
    ),
)

_OF_THE_RUN: Final = {
    "config": "The config of the current run: see `Run.config`. Assigning a dict adds to it.",
    "run": "The current run, or None.",
    "summary": "The summary of the current run: see `Run.summary`.",
    "data_types": "All media types, as scripts for W&B import them from `data_types`.",
    "errors": "All exceptions, as a tree. `weft.Error`, `CommError` and `UsageError` are of it.",
    "join": "The same as `weft.finish`.",
    "util": "A few helpers that scripts written for W&B import, such as `weft.util.generate_id`.",
    "__version__": "The version of weft, as text.",
}
"""Names that have no docstring of their own."""

_MODULES: Final = {"plot": plot, "reports": reports, "workspaces": workspaces}
"""Public modules whose names are on a page of their own."""

_FEW_MEMBERS: Final = 6
"""Up to so many members, a class has no table of them."""


def python_pages(names: Sequence[str]) -> dict[str, str]:
    """The pages by their file's name; `names` are the public ones, each of which is on one."""
    shown = Counter(name for page in PAGES for name in page.names.split())
    missing, stale = set(names) - set(shown), set(shown) - set(names)
    repeated = [name for name, n in shown.items() if n > 1]
    if missing or stale or repeated:
        raise ValueError(
            f"scripts/python_reference.py names each public name in one `Page`; {missing=}, "
            f"{repeated=}, not public: {stale}"
        )
    return {"python": _index()} | {page.name: _page(page) for page in PAGES}


def _index() -> str:
    rows = [
        f"| [{page.title}]({page.name}.md) | {page.about} | {', '.join(_listed(page))} |"
        for page in PAGES
    ]
    return "\n\n".join(
        [
            "# Python API",
            NOTE,
            "All names of `import weft`, and what `weft.Api` hands out. `None` as a default "
            "means: as the text says, or not given.",
            "\n".join(["| page | about | names |", "|---|---|---|", *rows]),
        ]
    ) + ("\n")


def _listed(page: Page) -> list[str]:
    return [
        f"`{name}`" for name in (*page.names.split(), *(kind.__name__ for kind in page.classes))
    ]


def _page(page: Page) -> str:
    parts = [f"# {page.title}", NOTE, f"{page.about} [All names](python.md)."]
    for name in page.names.split():
        if name in _OF_THE_RUN:
            parts += [f"## `weft.{name}`", _OF_THE_RUN[name]]
        elif name in _MODULES:
            module = _MODULES[name]
            parts += [f"## `weft.{name}`", *_blocks(inspect.getdoc(module) or "")]
            for member in module.__all__:
                parts += _described(f"weft.{name}.{member}", getattr(module, member))
        else:
            parts += _described(f"weft.{name}", getattr(weft, name))
    for kind in page.classes:
        parts += _described(kind.__name__, kind)
    return "\n\n".join(parts) + "\n"


def _described(name: str, value: Any) -> list[str]:
    parts = [f"## `{name}`", *_text(name, value)]
    if not inspect.isclass(value):
        return parts
    members = list(_members(value))
    if len(members) > _FEW_MEMBERS:
        anchor = value.__name__.lower()
        rows = [
            f"| [`{member}`](#{anchor}{member.lower()}) | {_summary(member, content)} |"
            for member, content in members
        ]
        parts.append("\n".join(["| name | |", "|---|---|", *rows]))
    for member, content in members:
        parts += [f"### `{value.__name__}.{member}`", *_text(member, content)]
    return parts


def _members(kind: type) -> Iterator[tuple[str, Any]]:
    """Public methods and properties of a class and its bases in weft, each once."""
    seen: set[str] = set()
    for base in kind.__mro__:
        if not base.__module__.startswith("weft."):
            continue
        for name, value in vars(base).items():
            is_member = isinstance(value, (FunctionType, property, classmethod, staticmethod))
            is_hook = issubclass(kind, Media) and hasattr(Media, name)  # only `log()` calls it
            if not name.startswith("_") and name not in seen and is_member and not is_hook:
                seen.add(name)
                yield name, value


def _text(name: str, value: Any) -> list[str]:
    """The signature and the docstring, as blocks of Markdown."""
    if isinstance(value, property):
        return _blocks(_doc(name, value))
    if isinstance(value, (classmethod, staticmethod)):
        value = value.__func__
    blocks = _blocks(_doc(name, value))
    if inspect.isclass(value) and issubclass(value, Enum):
        return [*blocks, "\n".join(f"- `{member.name}`" for member in value)]
    try:
        signature = _signature(name.rpartition(".")[2], value)
    except (TypeError, ValueError):
        return blocks
    return [f"```python\n{signature}\n```", *blocks]


def _doc(name: str, value: Any) -> str:
    text = inspect.getdoc(value) or ""
    if isinstance(value, property):
        return text or f"The run's {name.replace('_', ' ')}."
    return text


def _summary(name: str, value: Any) -> str:
    """The first sentence of a docstring, as a cell of a table."""
    paragraph = " ".join(_doc(name, value).partition("\n\n")[0].split())
    sentence = re.split(r"(?<=[.!?:])\s", paragraph, maxsplit=1)[0]
    return _escaped(sentence.rstrip(":")).replace("|", "\\|")


def _signature(name: str, value: Any) -> str:
    parameters = [p for p in inspect.signature(value).parameters.values() if p.name != "self"]
    shown: list[str] = []
    has_star = False
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            has_star = True
        if parameter.kind is parameter.KEYWORD_ONLY and not has_star:
            shown.append("*")
            has_star = True
        bare = parameter.replace(annotation=inspect.Parameter.empty)
        shown.append(str(bare).replace(" = ", "="))
    line = f"{name}({', '.join(shown)})"
    if len(line) <= WIDTH:
        return line
    return f"{name}(\n" + "".join(f"    {text},\n" for text in shown) + ")"


def _blocks(text: str) -> list[str]:
    """A docstring as Markdown.

    >>> _blocks("One.\\n\\nArgs:\\n    a: it is\\n        long.\\n\\n    code()")
    ['One.', '**Arguments**', '- `a`: it is long.', '```python\\ncode()\\n```']
    """
    blocks: list[str] = []
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        end = next((i for i in range(at, len(lines)) if not lines[i].strip()), len(lines))
        first = lines[at]
        if re.fullmatch(r"[A-Z][a-z]+:", first) and first[:-1] in _SECTIONS:
            end = next(
                (i for i in range(at + 1, len(lines)) if lines[i] and lines[i][0] != " "),
                len(lines),
            )
            end = at + 1 + _length_of_section(lines[at + 1 : end])
            blocks += _section(first[:-1], textwrap.dedent("\n".join(lines[at + 1 : end])))
        elif first.startswith((">>>", "    ")):
            end = _end_of_code(lines, at)
            code = textwrap.dedent("\n".join(lines[at:end])).rstrip()
            blocks.append(f"```python\n{code}\n```")
        elif first.startswith("- "):
            blocks.append("\n".join(map(_escaped, lines[at:end])))
        else:
            blocks.append(_escaped(" ".join(line.strip() for line in lines[at:end])))
        at = end
    return blocks


_SECTIONS: Final = ("Args", "Attributes", "Returns", "Yields", "Raises", "Example", "Examples")


_TITLES: Final = {"Args": "Arguments"}


def _length_of_section(lines: Sequence[str]) -> int:
    """The lines of a section: up to an empty one, unless entries follow it."""
    for i, line in enumerate(lines):
        rest = next((later for later in lines[i:] if later.strip()), "")
        if not line.strip() and not re.match(r" {4}\*{0,2}[\w, ]+:", rest):
            return i
    return len(lines)


def _end_of_code(lines: Sequence[str], begin: int) -> int:
    """The line after code: a paragraph between two indented ones is of it."""
    is_indented = lines[begin].startswith("    ")
    end = begin
    for i in range(begin, len(lines)):
        if not is_indented and not lines[i].strip():
            break
        if is_indented and lines[i].strip() and not lines[i].startswith("    "):
            break
        if lines[i].strip():
            end = i + 1
    return end


def _section(title: str, text: str) -> list[str]:
    """The blocks of a section: entries `name: text` as a list, else the text."""
    entries: list[str] = []
    for line in filter(str.strip, text.splitlines()):
        if line[0] != " " or not entries:
            entries.append(line.strip())
        else:
            entries[-1] += f" {line.strip()}"
    named = [re.match(r"([\w.*, ]+?): (.*)", entry, re.DOTALL) for entry in entries]
    if title.startswith("Example"):
        return [f"```python\n{text}\n```"]
    title = _TITLES.get(title, title)
    if not all(named) or title in ("Returns", "Yields"):
        return [f"**{title}** {_escaped(' '.join(entries))}"]
    items = [f"- `{match[1]}`: {_escaped(match[2])}" for match in named if match]
    return [f"**{title}**", "\n".join(items)]


def _escaped(text: str) -> str:
    """Prose with what Markdown would read as marks escaped, but not in its code."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(
        part if part.startswith("`") else re.sub(r"([*<])", r"\\\1", part) for part in parts
    )
