"""Reports and saved views of clients of W&B: their specs, and weft's documents.

Receives specs from `graphql`, hands documents to the services of reports and views, and back. Most
of it is pure: `blocks`, `grids`, `panels`, `run_sets` and `workspaces` convert, `foreign` stores
all else, `held` and `merging` find what a client changed; `store` and
`workspace_store` read and save.
"""
