"""The grid of charts: cells of an axis that add up across writers, runs and levels. Pure.

`cells` folds points into cells, `levels` chooses how wide they are, `merge` adds pieces up to
series, `moments` adds means and variances, and `buckets` does all of it for points that were
computed. Engines and charts share it, so that stored and computed curves have the same buckets.
"""
