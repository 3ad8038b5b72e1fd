"""Reports in lists of others.

service     pins on the overview of a project, and what follows
gallery     reports of many projects, in pages
thumbnails  small pictures of the first curves of reports
views       openings of what was published
first_plot  these curves, from stored answers
"""

from weft.server.services.reports.listing.first_plot import (
    Plot,
    first_plot,
    fitted_curves,
    grids_in,
)
from weft.server.services.reports.listing.service import ReportListingService
