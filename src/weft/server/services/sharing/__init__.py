"""Shares parts of projects by links: `service` for members, `shared` for those who have a link,
and `shared_reports` for those who have one to a report.

opened                          a link's share, as long as it may be read
report_runs                     the runs behind a shared report: those of its run sets
restriction                     limits what a request may read to what is shared
report_picture                  the picture for previews of a link
shown_report, shown_figure      the part of a report that a share shows
content                         the stored document
codes                           the codes that end links
"""

from weft.server.services.sharing.opened import ShareHeading
from weft.server.services.sharing.report_picture import PICTURE_PX
from weft.server.services.sharing.service import SharingService
from weft.server.services.sharing.shared import SharedService
from weft.server.services.sharing.shared_reports import SharedReportService
