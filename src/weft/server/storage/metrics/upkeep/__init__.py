"""Work on the metric file besides reads and appends.

Makes and merges chunks; deletes, copies and checks runs; reclaims space.
"""
