"""Orders of runs as text: `-created,config.lr`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from weft.errors import FilterError
from weft.queries.filters import Order, kind_of_column
from weft.queries.wandb_filters import column_from_wandb

MAX_ORDERS: Final = 16

NEWEST_FIRST: Final = Order("created", descending=True)


def order_from_text(text: str) -> tuple[Order, ...]:
    r"""Read sort keys: columns separated by commas, `-` to descend; `\,` is a comma in a name.

    >>> order_from_text("-created,config.lr")
    (Order(column='created', descending=True), Order(column='config.lr', descending=False))
    """
    parts = [part.strip() for part in text.replace("\\,", "\0").split(",")]
    return checked_orders(
        [_order(part.replace("\0", ",")) for part in parts if part],
    )


def order_from_wandb(text: str) -> tuple[Order, ...]:
    """Read W&B's form: `+created_at`, `-summary_metrics.loss`, separated by commas.

    >>> order_from_wandb("+created_at")
    (Order(column='created', descending=False),)
    """
    parts = [part.strip() for part in text.split(",")]
    return checked_orders(
        [
            Order(column_from_wandb(part.lstrip("+-")), descending=part.startswith("-"))
            for part in parts
            if part
        ]
    )


def checked_orders(orders: Sequence[Order]) -> tuple[Order, ...]:
    """Return the orders after checking their columns."""
    if len(orders) > MAX_ORDERS:
        raise FilterError(f"runs are sorted by at most {MAX_ORDERS} columns", field="order")
    for order in orders:
        kind_of_column(order.column, field="order")
    return tuple(orders)


def _order(part: str) -> Order:
    return Order(part.lstrip("+-"), descending=part.startswith("-"))
