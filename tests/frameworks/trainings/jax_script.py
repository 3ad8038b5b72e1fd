"""JAX without a framework above: its scalars and arrays are logged as they are."""

import jax
import jax.numpy as jnp
import wandb
from sklearn.datasets import load_digits


def error(weights, images, labels):
    scores = jax.nn.log_softmax(images @ weights)
    return -scores[jnp.arange(len(labels)), labels].mean()


images, labels = (jnp.array(part) for part in load_digits(return_X_y=True))
weights = jnp.zeros((64, 10))
run = wandb.init(project="tests", config={"lr": 0.01, "steps": 3})
for _ in range(3):
    loss, gradient = jax.value_and_grad(error)(weights, images / 16, labels)
    weights = weights - run.config.lr * gradient
    run.log({"loss": loss, "gradient": wandb.Histogram(gradient)})
wandb.finish()
