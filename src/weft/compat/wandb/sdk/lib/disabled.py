"""Classes that frameworks compare runs with. A run of mode "disabled" is a `Run` all the same."""


class SummaryDisabled(dict):  # type: ignore[type-arg]
    pass


class RunDisabled:
    pass
