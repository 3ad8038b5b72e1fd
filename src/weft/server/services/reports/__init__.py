"""Reports: documents of text and live panels that people write together, and publish.

service                     operations: drafts, publishing, versions, the trash
describing                  answers, and checks of what is sent
drafts                      drafts in memory, changes of them, and who follows them
draft                       one draft: a Yjs document that takes only what passes its checks
yjs_reading, yjs_writing    the document as nodes, and changes of it by differences
figures                     the answers of a version's panels, stored
nodes, blocks               nodes of JSON, and JSON of nodes
"""

from weft.server.services.reports.blocks import clean_document
from weft.server.services.reports.drafts import (
    Awareness,
    DraftNews,
    Drafts,
    Follower,
    check_archived_draft,
)
from weft.server.services.reports.figures import (
    MAX_PART_BYTES,
    FigureAnswer,
    ReportFigureService,
)
from weft.server.services.reports.service import ReportService
