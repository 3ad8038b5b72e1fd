"""Where projects and runs are. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProjectPath:
    """Where a project is. `str()` is the path that people see: `entity/project`.

    >>> str(ProjectPath("local", "mnist"))
    'local/mnist'
    """

    entity: str
    project: str

    def __str__(self) -> str:
        return f"{self.entity}/{self.project}"

    def run(self, run: str) -> RunPath:
        """A run of this project.

        >>> str(ProjectPath("local", "mnist").run("ab12cd34"))
        'local/mnist/ab12cd34'
        """
        return RunPath(self.entity, self.project, run)


@dataclass(frozen=True, slots=True)
class RunPath:
    """Where a run is. `str()` is the path that people see: `entity/project/run`.

    >>> RunPath("local", "mnist", "ab12cd34").of_project
    ProjectPath(entity='local', project='mnist')
    """

    entity: str
    project: str
    run: str

    def __str__(self) -> str:
        return f"{self.entity}/{self.project}/{self.run}"

    @property
    def of_project(self) -> ProjectPath:
        """The project's path."""
        return ProjectPath(self.entity, self.project)
