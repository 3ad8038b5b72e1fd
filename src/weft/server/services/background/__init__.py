"""Background jobs of the server, in two threads, and its readiness check."""

from weft.server.services.background.free_memory import give_back_large_arrays
