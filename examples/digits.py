"""Train a small network on scikit-learn's handwritten digits, and watch it with weft.

python examples/digits.py --lr 0.003 --hidden 64
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

import weft


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lr", type=float, default=0.003)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--alpha", type=float, default=1e-4)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds after each epoch")
    parser.add_argument("--project", default="digits")
    parser.add_argument("--id", default=None)
    args = parser.parse_args()

    images, labels = load_digits(return_X_y=True)
    train_x, val_x, train_y, val_y = train_test_split(
        images / 16.0, labels, test_size=0.25, random_state=0, stratify=labels
    )
    model = MLPClassifier(
        hidden_layer_sizes=(args.hidden,),
        learning_rate_init=args.lr,
        alpha=args.alpha,
        random_state=args.seed,
    )
    config = {
        "model": {"kind": "mlp", "hidden": args.hidden},
        "optimizer": {"name": "adam", "lr": args.lr, "alpha": args.alpha},
        "batch": args.batch,
        "epochs": args.epochs,
        "seed": args.seed,
    }
    order = np.random.default_rng(args.seed)
    with weft.init(project=args.project, id=args.id, config=config) as run:
        for epoch in range(args.epochs):
            begin = time.perf_counter()
            shuffled = order.permutation(len(train_x))
            for start in range(0, len(shuffled), args.batch):
                batch = shuffled[start : start + args.batch]
                model.partial_fit(train_x[batch], train_y[batch], classes=range(10))
                weights = np.sqrt(sum(float((w**2).sum()) for w in model.coefs_))
                run.log(
                    {
                        "train/loss": model.loss_,
                        "train/batch_accuracy": model.score(train_x[batch], train_y[batch]),
                        "weights/norm": weights,
                    }
                )
            run.log(
                {
                    "epoch": epoch,
                    "val/loss": log_loss(val_y, model.predict_proba(val_x)),
                    "val/accuracy": model.score(val_x, val_y),
                    "perf/images_per_second": len(train_x) / (time.perf_counter() - begin),
                }
            )
            time.sleep(args.pause)


if __name__ == "__main__":
    main()
