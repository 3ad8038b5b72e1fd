"""Reports: documents of text and live panels that people write together, and publish.

service                     operations: drafts, publishing, versions, the trash
describing                  answers, and checks of what is sent
drafts                      drafts in memory, changes of them, and who follows them
draft                       one draft: a Yjs document that takes only what passes its checks
yjs_reading, yjs_writing    the document as nodes, and changes of it by differences
figures                     the answers of a version's panels, stored
images                      images that people add
comments, anchors           comments, and the texts that they are about
notifications               what users are told of comments
finding                     reports by id, and documents of versions
searching, texts            searches in texts, and the words of a report
readers                     stars
bounds                      the bounds of the reports of a project
listing                     pins on the overview, reports of many projects, thumbnails, openings
nodes, blocks               nodes of JSON, and JSON of nodes
markdown, markdown_text     JSON as Markdown
values                      values of runs, of a version's figures
"""

from weft.server.services.reports.blocks import clean_document
from weft.server.services.reports.comments import ReportCommentService
from weft.server.services.reports.drafts import (
    Awareness,
    DraftNews,
    Drafts,
    Follower,
    check_archived_draft,
)
from weft.server.services.reports.figures import (
    MAX_PART_BYTES,
    Figure,
    FigureAnswer,
    ReportFigureService,
    figure_info,
    pack_figure,
    unpack_figure,
)
from weft.server.services.reports.images import (
    OpenImage,
    ReportImageService,
    find_published_image,
    image_info,
)
from weft.server.services.reports.listing import (
    Plot,
    ReportListingService,
    first_plot,
    fitted_curves,
    grids_in,
)
from weft.server.services.reports.listing.views import ReportViews
from weft.server.services.reports.markdown import image_address, markdown_of
from weft.server.services.reports.notifications import NotificationService
from weft.server.services.reports.readers import ReportReaderService
from weft.server.services.reports.searching import ReportSearch
from weft.server.services.reports.service import ReportService
from weft.server.services.reports.values import is_values_part, stored_values
