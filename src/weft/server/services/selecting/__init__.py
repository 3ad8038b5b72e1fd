"""Which runs a question is about: filters, orders, groups and columns over all runs of a project.

Receives the trees of `weft.queries`; `select` hands run ids to the services of series, history,
exports and bulk edits, the others make up pages of the runs table.
"""
