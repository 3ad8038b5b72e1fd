"""Reports that scripts build, load, change, clone, list and delete, while people write in them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import httpx
import numpy as np
import pytest

import weft
import weft.reports as wr
from media_runs import png
from sdk_script import run_script
from server_process import ServerProcess
from weft.errors import ConfigError, Gone, NotFound

PROJECT = "reports-of-scripts"
EXAMPLE = Path(__file__).parents[3] / "examples" / "report.py"

DIGITS = """
import weft
for name, lr, accuracy in (("slow", 0.0003, 0.5), ("fast", 0.03, 0.9)):
    config = {"model": {"hidden": 16}, "optimizer": {"lr": lr}}
    with weft.init(project="digits", name=name, config=config) as run:
        run.log({"train/loss": 1.0})
        run.log({"epoch": 0, "val/loss": 1 - accuracy, "val/accuracy": accuracy})
"""


@pytest.fixture
def api(server: ServerProcess) -> weft.Api:
    """The API of a server whose project is new."""
    path = f"{server.url}/api/v1/projects/local/{PROJECT}"
    httpx.delete(path, params={"permanently": True}, trust_env=False)
    httpx.put(path, trust_env=False).raise_for_status()
    return weft.Api(server.url)


def whole_report(api: weft.Api) -> wr.Report:
    return wr.Report(
        PROJECT,
        title="Ablation",
        description="of the learning rate",
        width="fixed",
        api=api,
        blocks=[
            wr.TableOfContents(),
            wr.H1("Results"),
            wr.Heading("Small", 5),
            wr.P(
                [
                    "Loss ",
                    wr.LiveValue("local/p/ab12cd34", "summary.loss", format=3),
                    wr.Text(" best", marks=["bold", "italic"], link="https://example.org"),
                    wr.InlineCode("x"),
                    wr.InlineLatex("x^2"),
                    wr.Link("paper", "https://example.org"),
                    wr.Mention("ada"),
                ]
            ),
            wr.UnorderedList(["one", ["two ", wr.InlineCode("2")]]),
            wr.OrderedList(["first"]),
            wr.CheckedList([wr.CheckedListItem("done", checked=True), wr.CheckedListItem("")]),
            wr.BlockQuote("quoted"),
            wr.CalloutBlock("careful", tone="warning"),
            wr.CodeBlock("print(1)"),
            wr.LatexBlock("e = mc^2"),
            wr.Image("https://example.org/a.png", "a picture"),
            wr.Video("https://example.org/a.mp4"),
            wr.HorizontalRule(),
            wr.PanelGrid(
                [
                    wr.Runset(
                        PROJECT,
                        filters="config.lr > 0.01",
                        groupby=["config.lr"],
                        order=[wr.OrderBy("summary.loss", ascending=True)],
                        runs=["ab12cd34"],
                        custom_run_colors={"ab12cd34": 3},
                    )
                ],
                [
                    wr.LinePlot(["loss", "acc"], x="Step", log_y=True, smoothing_factor=0.6),
                    wr.ScatterPlot("config.lr", "summary.loss", regression=True, span=6),
                    wr.BarPlot("acc"),
                    wr.ScalarChart("acc", "Best"),
                    wr.MarkdownPanel("*text*"),
                    wr.RunComparer(),
                    wr.Panel("histogram", ["weights"], height=300),
                ],
            ),
            wr.UnknownBlock({"kind": "later", "data": [1, 2]}),
        ],
    )


def test_what_a_script_saves_it_loads_again(api: weft.Api) -> None:
    report = whole_report(api).save()
    assert report.url.endswith(f"/local/{PROJECT}/reports/{report.id}")
    loaded = wr.Report.load(report.url, api=api)
    assert (loaded.title, loaded.description, loaded.width) == (
        "Ablation", "of the learning rate", "fixed",
    )  # fmt: skip
    assert [type(block) for block in loaded.blocks] == [type(block) for block in report.blocks]
    assert [block.to_json() for block in loaded.blocks] == stored_blocks(api, report)
    before = seq_of(api, report)
    loaded.save(draft=True)
    assert seq_of(api, report) == before


def stored_blocks(api: weft.Api, report: wr.Report) -> list[dict[str, object]]:
    path = f"{api.url}/api/v1/projects/local/{PROJECT}/reports/{report.id}"
    answer = httpx.get(path, params={"version": "draft"}, trust_env=False).raise_for_status()
    return answer.json()["document"]["blocks"]


def seq_of(api: weft.Api, report: wr.Report) -> int:
    (info,) = [info for info in wr.Report.list(PROJECT, api=api) if info.id == report.id]
    return info.seq


def test_a_change_leaves_what_others_wrote_and_what_is_unknown(api: weft.Api) -> None:
    report = wr.Report(
        PROJECT, api=api, blocks=[wr.P("one", id="a"), wr.P("two", id="b"), wr.P("three", id="c")]
    ).save(draft=True)
    loaded = wr.Report.load(f"local/{PROJECT}/{report.id}", api=api)
    blocks = stored_blocks(api, report)
    blocks[1] |= {"text": [{"text": "two", "marks": ["bold", "later"]}], "later": 1}
    blocks.insert(2, {"id": "new", "kind": "paragraph", "text": [{"text": "of others"}]})
    path = f"{api.url}/api/v1/projects/local/{PROJECT}/reports/{report.id}"
    httpx.patch(path, json={"blocks": blocks}, trust_env=False).raise_for_status()
    paragraph = loaded.blocks[0]
    assert isinstance(paragraph, wr.P)
    paragraph.text = "one, changed"
    loaded.blocks = [paragraph, loaded.blocks[1]]
    loaded.save(draft=True)
    after = stored_blocks(api, report)
    assert [block["id"] for block in after] == ["a", "b", "new"]
    assert after[0]["text"] == [{"text": "one, changed"}]
    assert after[1] == blocks[1]
    again = wr.Report.load(f"local/{PROJECT}/{report.id}", api=api)
    bold = again.blocks[1]
    assert isinstance(bold, wr.P)
    bold.text = "two, changed"
    again.save(draft=True)
    assert stored_blocks(api, report)[1]["later"] == 1


def test_drafts_clones_lists_and_deletion(api: weft.Api) -> None:
    report = wr.Report(PROJECT, title="First", api=api)
    with pytest.raises(ConfigError, match="was not saved"):
        report.delete()
    report.save(draft=True)
    with pytest.raises(NotFound):
        wr.Report.load(report.url, draft=False, api=api)
    first = report.id
    report.title = "Second"
    report.save(clone=True)
    assert report.id != first
    assert wr.Report.load(report.url, draft=False, api=api).title == "Second"
    titles = [info.title for info in wr.Report.list(PROJECT, api=api)]
    assert sorted(titles) == ["First", "Second"]
    assert [info.title for info in wr.Report.list(PROJECT, search="sec", api=api)] == ["Second"]
    report.delete()
    with pytest.raises(Gone):
        wr.Report.load(report.url, api=api)
    with pytest.raises(ConfigError, match="entity/project/id"):
        wr.Report.load("nonsense", api=api)


def test_the_example_reports_the_best_run(
    server: ServerProcess, api: weft.Api, tmp_path: Path
) -> None:
    env = {**server.environment, "WEFT_BASE_URL": server.url, "WEFT_MODE": "online"}
    assert run_script(tmp_path, DIGITS, env).exit_code == 0
    example = run_script(tmp_path, EXAMPLE.read_text(), env)
    assert example.exit_code == 0, example.stderr
    report = wr.Report.load(example.stdout.split("report: ")[1].strip(), draft=False, api=api)
    best = next(run.id for run in api.runs("local/digits") if run.name == "fast")
    callout = report.blocks[0].to_json()["blocks"][0]["text"]
    accuracy = {"kind": "value", "run": f"local/digits/{best}", "key": "summary.val/accuracy"}
    assert callout[1] == accuracy
    grids = [block for block in report.blocks if isinstance(block, wr.PanelGrid)]
    assert [len(grid.panels) for grid in grids] == [2, 3]


def test_a_report_is_written_to_files(api: weft.Api, tmp_path: Path) -> None:
    report = whole_report(api)
    with pytest.raises(ConfigError, match="call save"):
        report.to_markdown()
    report.save()
    assert report.to_markdown().startswith("# Ablation\n\nof the learning rate\n")
    assert report.export(tmp_path / "a.md").read_text() == report.to_markdown()
    page = report.export(tmp_path / "a.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "<title>Ablation</title>" in page
    with pytest.raises(ConfigError, match=r"a file \.html or \.md, not to a\.pdf"):
        report.export(tmp_path / "a.pdf")
    report.title = "Later"
    report.save(draft=True)
    assert report.to_markdown().startswith("# Ablation\n")
    assert report.to_markdown(draft=True).startswith("# Later\n")


def test_images_of_files_are_stored_with_the_report_and_its_copy(
    api: weft.Api, tmp_path: Path
) -> None:
    file = tmp_path / "roc.png"
    file.write_bytes(png(np.full((4, 5, 3), 200, np.uint8)))
    report = wr.Report(PROJECT, title="ROC", api=api, blocks=[wr.P("see"), wr.Image(path=file)])
    report.save()
    (image,) = [block for block in report.blocks if isinstance(block, wr.Image)]
    assert image.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert report.id is not None
    reports = f"{api.url}/api/v1/projects/local/{PROJECT}/reports"

    def stored(report_id: str | None) -> bytes:
        url = f"{reports}/{report_id}/images/{image.sha256}"
        return httpx.get(url, trust_env=False).raise_for_status().content

    assert stored(report.id) == file.read_bytes()
    loaded = wr.Report.load(report.url, api=api)
    assert [type(block) for block in loaded.blocks] == [wr.P, wr.Image]
    loaded.title = "ROC again"
    loaded.save(clone=True)
    assert loaded.id != report.id
    assert stored(loaded.id) == file.read_bytes()
    file.unlink()
    with pytest.raises(FileNotFoundError, match=r"roc\.png"):
        wr.Report(PROJECT, api=api, blocks=[wr.Image(path=file)]).save()
    (tmp_path / "page.svg").write_text("<svg/>")
    with pytest.raises(ConfigError, match="PNG, JPEG, GIF or WebP"):
        wr.Report(PROJECT, api=api, blocks=[wr.Image(path=tmp_path / "page.svg")]).save()
