"""Write a report about the runs of `digits.py`: what was tried, what came out, and the curves.

python examples/digits.py --lr 0.0003; python examples/digits.py --lr 0.03
python examples/report.py
"""

from __future__ import annotations

import argparse

import weft
import weft.reports as wr

LR = "config.optimizer.lr"
HIDDEN = "config.model.hidden"
ACCURACY = "summary.val/accuracy"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", default="digits")
    args = parser.parse_args()

    api = weft.Api()
    entity = api.settings["entity"]
    finished = api.runs(f"{entity}/{args.project}", 'state = "finished"', order=f"-{ACCURACY}")
    if not finished:
        raise SystemExit(f"{args.project} has no finished run: run examples/digits.py first")
    best, worst = finished[0].id, finished[-1].id

    def live(run_id: str, key: str) -> wr.LiveValue:
        return wr.LiveValue(f"{entity}/{args.project}/{run_id}", key)

    best_first = wr.Runset(
        args.project,
        entity,
        name="Best first",
        filters='state = "finished"',
        order=[wr.OrderBy("summary.val/loss", True)],
    )
    by_rate = wr.Runset(
        args.project,
        entity,
        name="By learning rate",
        filters='state = "finished"',
        groupby=[LR],
    )
    report = wr.Report(
        args.project,
        entity,
        title="How fast can a small network learn?",
        description=f"{len(finished)} runs on handwritten digits",
        api=api,
        blocks=[
            wr.CalloutBlock(
                [
                    "The best run reaches an accuracy of ",
                    live(best, ACCURACY),
                    " with a learning rate of ",
                    live(best, LR),
                    " and ",
                    live(best, HIDDEN),
                    " hidden units; the worst one ",
                    live(worst, ACCURACY),
                    ".",
                ],
                "success",
            ),
            wr.H1("What was tried"),
            wr.P(
                [
                    "A network with one hidden layer learns scikit-learn's 8 × 8 pictures of "
                    "digits with Adam, at several learning rates ",
                    wr.InlineLatex(r"\eta"),
                    " and sizes. Each epoch is judged by the cross-entropy of a quarter of the "
                    "pictures that it never saw:",
                ]
            ),
            wr.LatexBlock(r"L = -\frac{1}{n} \sum_{i=1}^{n} \log p_\theta(y_i \mid x_i)"),
            wr.H1("The learning rate decides"),
            wr.P("Each band has all sizes that were trained at one learning rate."),
            wr.PanelGrid(
                [by_rate],
                [
                    wr.LinePlot("val/loss", x="epoch", log_y=True, span=6),
                    wr.LinePlot("val/accuracy", x="epoch", range_y=(0.5, 1.0), span=6),
                ],
            ),
            wr.H1("All runs"),
            wr.P("With a small learning rate these epochs are not enough, whatever the size."),
            wr.PanelGrid(
                [best_first],
                [
                    wr.ScatterPlot(LR, ACCURACY, log_x=True, span=6),
                    wr.BarPlot("val/loss", span=6),
                    wr.LinePlot("train/loss", log_y=True, smoothing_factor=0.8, span=12),
                ],
            ),
            wr.H2("Try it yourself"),
            wr.CodeBlock(
                "python examples/digits.py --lr 0.003 --hidden 64\npython examples/report.py",
                "shell",
            ),
        ],
    )
    report.save()
    print(f"report: {report.url}")


if __name__ == "__main__":
    main()
