"""Reports: documents of text and live panels, built, loaded and saved by scripts.

    import weft.reports as wr

    report = wr.Report("mnist", title="Ablation", blocks=[wr.H1("Results"), wr.P("It works.")])
    report.save()

The names are those of W&B's `wandb_workspaces.reports.v2`. They are in `weft.sdk.reports`.
"""

from __future__ import annotations

from weft.sdk.reports.blocks import (
    H1,
    H2,
    H3,
    Block,
    BlockQuote,
    CalloutBlock,
    CheckedList,
    CheckedListItem,
    CodeBlock,
    Heading,
    HorizontalRule,
    Image,
    LatexBlock,
    OrderedList,
    P,
    TableOfContents,
    UnknownBlock,
    UnorderedList,
    Video,
)
from weft.sdk.reports.grids import (
    BarPlot,
    LinePlot,
    MarkdownPanel,
    OrderBy,
    Panel,
    PanelGrid,
    RunComparer,
    Runset,
    ScalarChart,
    ScatterPlot,
)
from weft.sdk.reports.report import Report
from weft.sdk.reports.text import InlineCode, InlineLatex, Link, LiveValue, Mention, Text

__all__ = [
    "H1",
    "H2",
    "H3",
    "BarPlot",
    "Block",
    "BlockQuote",
    "CalloutBlock",
    "CheckedList",
    "CheckedListItem",
    "CodeBlock",
    "Heading",
    "HorizontalRule",
    "Image",
    "InlineCode",
    "InlineLatex",
    "LatexBlock",
    "LinePlot",
    "Link",
    "LiveValue",
    "MarkdownPanel",
    "Mention",
    "OrderBy",
    "OrderedList",
    "P",
    "Panel",
    "PanelGrid",
    "Report",
    "RunComparer",
    "Runset",
    "ScalarChart",
    "ScatterPlot",
    "TableOfContents",
    "Text",
    "UnknownBlock",
    "UnorderedList",
    "Video",
]
