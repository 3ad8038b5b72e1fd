"""Keras's callbacks of W&B: metrics, checkpoints as artifacts, a table of predictions."""

import keras
import numpy as np
import wandb
from sklearn.datasets import load_iris
from wandb.integration.keras import WandbEvalCallback, WandbMetricsLogger, WandbModelCheckpoint


class Predictions(WandbEvalCallback):
    def add_ground_truth(self, logs=None) -> None:
        for row in range(4):
            self.data_table.add_data(row, int(labels[row]))

    def add_model_predictions(self, epoch, logs=None) -> None:
        for row, scores in enumerate(self.model.predict(features[:4], verbose=0)):
            self.pred_table.add_data(epoch, row, int(labels[row]), int(np.argmax(scores)))


keras.utils.set_random_seed(0)
features, labels = load_iris(return_X_y=True)
wandb.init(project="tests", config={"units": 4})
model = keras.Sequential([keras.layers.Dense(4, "relu"), keras.layers.Dense(3, "softmax")])
model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    features, labels, batch_size=30, epochs=2, validation_split=0.2, verbose=0,
    callbacks=[
        WandbMetricsLogger(log_freq=2),
        WandbModelCheckpoint("model-{epoch}.keras"),
        Predictions(["row", "label"], ["epoch", "row", "label", "predicted"]),
    ],
)  # fmt: skip
wandb.finish()
