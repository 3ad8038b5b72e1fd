"""Usage and quotas of entities and projects.

service     usage by project, person and kind; quotas
retention   rules by which old media, files and runs go
"""

from weft.server.services.usage.retention import RetentionService, apply_retention
from weft.server.services.usage.service import UsageService
