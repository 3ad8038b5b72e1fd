"""Work on the metric file beside reads and appends: chunks made and merged, runs deleted, copied,
checked; space given back.
"""
