"""Curves of groups of runs: their center and band, bucket by bucket.

`grouping` folds the runs' series; `neighbours` finds the points beside a range, between which a
curve is drawn on; `student` has the quantiles of confidence bands.
"""
