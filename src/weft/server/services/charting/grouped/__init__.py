"""Curves of groups of runs: their center and band, bucket by bucket.

`grouping` combines the runs' series; `neighbours` finds the points just outside a range, towards
which curves are interpolated; `student` has the quantiles of confidence bands.
"""
