"""Watches models of PyTorch: histograms of gradients and parameters, and the table of layers.

`Run.watch` makes a `Watches`. It hears of optimizer steps and backward passes through hooks, has
the values counted on their device, and `Run.log` adds the counts to the next row.
"""
