"""Routes of sweeps, and of their agents."""

from __future__ import annotations

from weft.server.http.admission.sharing import COSTLY, SWEEPS
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.server.services.sweeps import SweepService, TrialService
from weft.wire import sweep_trials as trial_endpoints
from weft.wire import sweeps as endpoints
from weft.wire.sweeps import CheckedSweep, SweepCheck

routes = Routes()

routes.bind(endpoints.list_sweeps, SweepService.list, threads=COSTLY)
routes.bind(endpoints.create_sweep, SweepService.create, status=201, threads=SWEEPS)


@routes.answers(endpoints.check_sweep, threads=SWEEPS)
def check_sweep(
    path: ProjectPath, check: SweepCheck, services: Services, actor: Actor
) -> CheckedSweep:
    return services.sweeps.check(actor, path, check.config)


routes.bind(endpoints.get_sweep, SweepService.get)
routes.bind(endpoints.edit_sweep, SweepService.edit)
routes.bind(endpoints.delete_sweep, SweepService.delete)
routes.bind(endpoints.list_sweep_runs, SweepService.runs, threads=COSTLY)
routes.bind(trial_endpoints.list_trials, TrialService.list, threads=COSTLY)
routes.bind(trial_endpoints.enqueue_trial, TrialService.enqueue, status=201, threads=SWEEPS)
routes.bind(endpoints.list_agents, SweepService.agents, threads=COSTLY)
routes.bind(endpoints.beat_agent, SweepService.answer_beat, threads=SWEEPS)
