"""What the server does without being asked, in two threads, and whether it is ready."""

from weft.server.services.background.free_memory import give_back_large_arrays
from weft.server.services.background.jobs import BackgroundJobs
from weft.server.services.background.readiness import Readiness

__all__ = ["BackgroundJobs", "Readiness", "give_back_large_arrays"]
