"""The grid of charts: cells of an axis that add up across writers, runs and levels. Pure.

`cells` folds points into cells, `levels` chooses their width, `merge` adds pieces up to series,
`moments` combines means and variances, and `buckets` does all of this for computed points. Engines
and charts share it, so that stored and computed curves have the same buckets.
"""
