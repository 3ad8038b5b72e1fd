"""Routes of lists of reports."""

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.reports import ReportListingService
from weft.wire.reports import listing as endpoints

routes = Routes()

routes.bind(endpoints.list_report_gallery, ReportListingService.gallery, threads=COSTLY)
routes.bind(endpoints.get_report_thumbnail, ReportListingService.thumbnail, threads=COSTLY)
routes.bind(endpoints.pin_report, ReportListingService.pin)
routes.bind(endpoints.unpin_report, ReportListingService.unpin)
