"""The aggregates of a metric that a summary can show: `define_metric(summary="min")`. Pure.

To add one, write its `Fold` in a module of this package and its entry in `registry`.

    registry    the one list of aggregates
    folds       all folds of one metric
    extremes, first, mean    the folds
    fold        what a fold is, and where its numbers come from
"""

from weft.records.aggregates.fold import Fold
from weft.records.aggregates.folds import Folds
from weft.records.aggregates.registry import AGGREGATES, ALL_FOLDS, folds_of
