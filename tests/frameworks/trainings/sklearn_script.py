"""scikit-learn's plots of W&B, all of a classifier."""

import wandb
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

features, labels = load_digits(return_X_y=True)
train, test, train_labels, test_labels = train_test_split(features, labels, random_state=0)
model = RandomForestClassifier(20, random_state=0).fit(train, train_labels)
wandb.init(project="tests")
wandb.sklearn.plot_classifier(
    model, train, test, train_labels, test_labels, model.predict(test), model.predict_proba(test),
    labels=[str(digit) for digit in range(10)], model_name="forest",
)  # fmt: skip
wandb.finish()
