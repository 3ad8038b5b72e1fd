"""What charts ask beyond stored series: expressions, axes, groups, bounds, histograms.

Step 6 of a point's way back: `services.series` hands over a panel's question, the modules here
plan it, read series and points from the metric store and compute what is drawn.
"""
