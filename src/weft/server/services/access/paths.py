"""Paths of entities, projects, runs and registries. Pure.

They are tuples, so that `*path` gives the names that metadata looks up.
"""

from __future__ import annotations

from typing import NamedTuple

from weft.records.ids import REGISTRY, check_name


class ProjectPath(NamedTuple):
    """The path of a project. `str()` is the form that users see: `entity/project`.

    >>> str(ProjectPath("local", "mnist"))
    'local/mnist'
    """

    entity: str
    project: str

    def __str__(self) -> str:
        return f"{self.entity}/{self.project}"

    def check(self) -> ProjectPath:
        """Return the path if both of its names are valid."""
        check_name("entity", self.entity)
        check_name("project", self.project)
        return self

    def run(self, run: str) -> RunPath:
        """The path of one of the project's runs.

        >>> str(ProjectPath("local", "mnist").run("ab12cd34"))
        'local/mnist/ab12cd34'
        """
        return RunPath(*self, run)


class RunPath(NamedTuple):
    """The path of a run. `str()` is the form that users see: `entity/project/run`.

    >>> str(RunPath("local", "mnist", "ab12cd34"))
    'local/mnist/ab12cd34'
    """

    entity: str
    project: str
    run: str

    def __str__(self) -> str:
        return f"{self.entity}/{self.project}/{self.run}"

    def check(self) -> RunPath:
        """Return the path if all of its names are valid."""
        self.of_project.check()
        check_name("run", self.run)
        return self

    @property
    def of_project(self) -> ProjectPath:
        """The path of the run's project."""
        return ProjectPath(self.entity, self.project)


class EntityPath(NamedTuple):
    """An entity: a user or a team, as the owner of projects.

    >>> str(EntityPath("lab"))
    'lab'
    """

    entity: str

    def __str__(self) -> str:
        return self.entity


class SharedLink(NamedTuple):
    """A link to a shared part of a project: its id, and the code that only the server can make.

    A part of a shared report follows the code: a grid and the number of a project, and then one
    of its runs, whose page it is.

    >>> SharedLink.parse("ab12.cd34")
    SharedLink(share='ab12', code='cd34', part='')
    >>> SharedLink.parse("ab12.cd34.curves.1").part
    'curves.1'
    >>> SharedLink.parse("ab12.cd34.curves.1.run.7").run
    'run.7'
    """

    share: str
    code: str
    part: str = ""

    def __str__(self) -> str:
        return f"{self.share}.{self.code}" + (f".{self.part}" if self.part else "")

    @property
    def block(self) -> str:
        """The id of the grid; empty without a part."""
        return self.part.partition(".")[0]

    @property
    def project_number(self) -> str:
        return self.part.partition(".")[2].partition(".")[0]

    @property
    def run(self) -> str:
        """The run of a page; empty without one."""
        return self.part.partition(".")[2].partition(".")[2]

    @classmethod
    def parse(cls, text: str) -> SharedLink:
        """Read a link's text; the code is empty without one."""
        share, _, rest = text.partition(".")
        code, _, part = rest.partition(".")
        return cls(share, code, part)


class TrashedTeamPath(NamedTuple):
    """A team in the trash, which its admins may restore.

    >>> str(TrashedTeamPath("lab"))
    'lab'
    """

    trashed_team: str

    def __str__(self) -> str:
        return self.trashed_team


class RegistryPath(NamedTuple):
    """The path of a registry.

    >>> str(RegistryPath("model"))
    'registry/model'
    """

    registry: str

    def __str__(self) -> str:
        return f"{REGISTRY}/{self.registry}"


def holder_of(project: ProjectPath) -> ProjectPath | RegistryPath:
    """The owner of artifacts at a project's path: the project, or the registry of that name.

    >>> holder_of(ProjectPath("registry", "model"))
    RegistryPath(registry='model')
    """
    return RegistryPath(project.project) if project.entity == REGISTRY else project
