"""Routes of comments on reports, and of the notifications of them."""

from __future__ import annotations

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.reports import NotificationService, ReportCommentService
from weft.wire.reports import comments as endpoints
from weft.wire.reports import notifications

routes = Routes()

routes.bind(endpoints.list_comments, ReportCommentService.list, threads=COSTLY)
routes.bind(endpoints.add_thread, ReportCommentService.add_thread, status=201)
routes.bind(endpoints.add_reply, ReportCommentService.add_reply, status=201)
routes.bind(endpoints.edit_comment, ReportCommentService.edit)
routes.bind(endpoints.delete_comment, ReportCommentService.delete)
routes.bind(endpoints.resolve_thread, ReportCommentService.resolve)
routes.bind(endpoints.reopen_thread, ReportCommentService.reopen)
routes.bind(notifications.list_notifications, NotificationService.list)
routes.bind(notifications.read_notifications, NotificationService.read)
