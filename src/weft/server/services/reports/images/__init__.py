"""Images that people add to reports.

service    operations: adding an image, reading one
headers    types and sizes of images, read from their bytes
"""

from weft.server.services.reports.images.service import (
    OpenImage,
    ReportImageService,
    find_published_image,
    image_info,
)
