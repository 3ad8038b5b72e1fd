"""Gathers what a run's environment is, in a child process of the sidecar.

`gathering` starts and ends the child from the sidecar. In the child, `environment` calls `git`,
`packages`, `machine` and `cluster`, and writes `environment.json`, `requirements.txt`,
`diff.patch` and `diff_upstream.patch` into the run's files. The script leaves it a `Task`.
"""
