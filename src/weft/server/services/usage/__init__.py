"""Usage and quotas of entities and projects.

service     usage by project, person and kind; quotas
"""

from weft.server.services.usage.service import UsageService

__all__ = ["UsageService"]
