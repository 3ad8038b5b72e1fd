"""Tables and plots: predictions of a classifier, samples over time, and its curves.

weft server &            # http://127.0.0.1:8080, nothing to set up
python examples/tables.py
"""

from __future__ import annotations

import math
import random

import weft

N_SAMPLES = 500
N_EPOCHS = 5


def main() -> None:
    rng = random.Random(0)
    truth = [rng.randrange(2) for _ in range(N_SAMPLES)]
    run = weft.init(project="tables")

    # Only the new rows are stored at each log().
    progress = weft.Table(columns=["epoch", "accuracy", "worst"], log_mode="INCREMENTAL")
    scores: list[float] = []
    for epoch in range(N_EPOCHS):
        noise = 2.0 / (1 + epoch)
        scores = [1 / (1 + math.exp(-(4 * label - 2 + rng.gauss(0, noise)))) for label in truth]
        right = [(score > 0.5) == bool(label) for score, label in zip(scores, truth, strict=True)]
        errors = [abs(score - label) for score, label in zip(scores, truth, strict=True)]
        progress.add_data(epoch, sum(right) / N_SAMPLES, errors.index(max(errors)))
        run.log({"progress": progress, "accuracy": sum(right) / N_SAMPLES})

    predictions = weft.Table(
        columns=["sample", "truth", "score"],
        data=[
            [n, label, score] for n, (label, score) in enumerate(zip(truth, scores, strict=True))
        ],
    )
    guesses = [int(score > 0.5) for score in scores]
    names = ["negative", "positive"]
    run.log(
        {
            "predictions": predictions,
            "scores": weft.plot.histogram(predictions, "score", title="Scores"),
            "roc": weft.plot.roc_curve(truth, [[1 - score, score] for score in scores], names),
            "matrix": weft.plot.confusion_matrix(y_true=truth, preds=guesses, class_names=names),
        }
    )
    run.finish()


if __name__ == "__main__":
    main()
