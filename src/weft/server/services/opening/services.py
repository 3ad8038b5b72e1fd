"""Opens a data directory and creates all services on it."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any, Final

from weft.errors import WeftError
from weft.server.services.access.actors import SYSTEM
from weft.server.services.archive.importing import finish_imports
from weft.server.services.archive.service import ArchiveService
from weft.server.services.artifacts.diffs import DiffService
from weft.server.services.artifacts.files import ArtifactFileService
from weft.server.services.artifacts.lineage import LineageService
from weft.server.services.artifacts.registries import RegistryService
from weft.server.services.artifacts.service import ArtifactService
from weft.server.services.background.jobs import BackgroundJobs
from weft.server.services.background.readiness import Readiness
from weft.server.services.charting.run_events import RunEventService
from weft.server.services.charting.service import SeriesService
from weft.server.services.columns.cache import ColumnCache
from weft.server.services.columns.saved_columns import ColumnSaves
from weft.server.services.exporting.service import ExportService
from weft.server.services.files.contents import ContentService
from weft.server.services.files.folders import FolderService
from weft.server.services.files.service import FileService
from weft.server.services.ingest.service import IngestService
from weft.server.services.live_runs.clocks import Clock, DatabaseWall, SteadyClock, server_micros
from weft.server.services.live_runs.registry import RunRegistry
from weft.server.services.logs.service import LogService
from weft.server.services.media.service import MediaService
from weft.server.services.metrics.history import HistoryService
from weft.server.services.metrics.service import MetricService
from weft.server.services.migration.service import MigrationService
from weft.server.services.migration.target import refuse_migrated
from weft.server.services.opening.following import FollowingService
from weft.server.services.opening.struct_types import prepare_structs
from weft.server.services.projects.access import AccessService
from weft.server.services.projects.activity import ActivityService
from weft.server.services.projects.moves import MoveService
from weft.server.services.projects.service import ProjectService
from weft.server.services.projects.views import ViewService
from weft.server.services.removal.metric_deletion import MetricDeletionService
from weft.server.services.removal.moving import finish_moves
from weft.server.services.removal.trash import TrashService
from weft.server.services.reports.comments import ReportCommentService
from weft.server.services.reports.drafts import Drafts
from weft.server.services.reports.figures import ReportFigureService
from weft.server.services.reports.images import ReportImageService
from weft.server.services.reports.listing import ReportListingService
from weft.server.services.reports.listing.views import ReportViews
from weft.server.services.reports.notifications import NotificationService
from weft.server.services.reports.readers import ReportReaderService
from weft.server.services.reports.searching import ReportSearch
from weft.server.services.reports.service import ReportService
from weft.server.services.runs.bulk import BulkService
from weft.server.services.runs.continuation import ContinuationService
from weft.server.services.runs.service import RunService
from weft.server.services.runs.sizes import SizeService
from weft.server.services.selecting.service import SelectionService
from weft.server.services.sharing.report_runs import ReportRuns
from weft.server.services.sharing.service import SharingService
from weft.server.services.sharing.shared import SharedService
from weft.server.services.sharing.shared_reports import SharedReportService
from weft.server.services.sql.service import SqlService
from weft.server.services.stores.activity import Activity
from weft.server.services.stores.audit import Audit
from weft.server.services.stores.duties import IMPORTS, MOVES, Duties
from weft.server.services.stores.key_uses import KeyUses
from weft.server.services.stores.live_hub import LiveHub
from weft.server.services.stores.live_relay import LiveRelay
from weft.server.services.stores.metric_location import has_points
from weft.server.services.stores.people import People
from weft.server.services.stores.quota_shares import QuotaShares
from weft.server.services.stores.referenced_blobs import ReferencedBlobs
from weft.server.services.stores.storage_room import NO_LIMITS, StorageLimits, StorageRoom
from weft.server.services.stores.stores import TRASH_MICROS, Stores, open_storage
from weft.server.services.sweeps.registry import LiveSweeps
from weft.server.services.sweeps.service import SweepService
from weft.server.services.sweeps.trials import TrialService
from weft.server.services.tables.service import TableService
from weft.server.services.teams.service import TeamService
from weft.server.services.upkeep.service import UpkeepService
from weft.server.services.usage.retention import RetentionService
from weft.server.services.usage.service import UsageService
from weft.server.services.users.accounts import AccountService
from weft.server.services.users.api_keys import KeyService
from weft.server.services.users.audit import AuditService
from weft.server.services.users.first_admin import FirstAdminService
from weft.server.services.users.links import LinkService
from weft.server.services.users.login_codes import LoginCodeService
from weft.server.services.users.mail import Mailer
from weft.server.services.users.oidc.service import OidcService
from weft.server.services.users.passwords import Passwords
from weft.server.services.users.service import UserService
from weft.server.services.users.service_accounts import ServiceAccountService
from weft.server.services.users.sessions import SessionService
from weft.server.services.users.sign_in import SignInService
from weft.server.services.users.sign_in_check import SignInCheckService, SignInSettings
from weft.server.storage.contract import MetricEngine
from weft.version import VERSION

_SECRET: Final = "secret"
"""The setting with the secret of `shared_secret`."""

_TOKEN: Final = "token"
"""The setting with the token of `shared_token`."""


@dataclass(slots=True)
class Services:
    """All services of one server."""

    ingest: IngestService
    projects: ProjectService
    access: AccessService
    activity: ActivityService
    moves: MoveService
    views: ViewService
    reports: ReportService
    report_figures: ReportFigureService
    report_images: ReportImageService
    report_comments: ReportCommentService
    notifications: NotificationService
    report_readers: ReportReaderService
    report_listing: ReportListingService
    sharing: SharingService
    shared: SharedService
    shared_reports: SharedReportService
    runs: RunService
    selecting: SelectionService
    metrics: MetricService
    logs: LogService
    media: MediaService
    series: SeriesService
    run_events: RunEventService
    history: HistoryService
    exports: ExportService
    sql: SqlService
    tables: TableService
    files: FileService
    artifacts: ArtifactService
    artifact_files: ArtifactFileService
    registries: RegistryService
    artifact_diffs: DiffService
    lineage: LineageService
    folders: FolderService
    contents: ContentService
    continuation: ContinuationService
    trash: TrashService
    bulk: BulkService
    metric_deletion: MetricDeletionService
    sizes: SizeService
    sweeps: SweepService
    trials: TrialService
    upkeep: UpkeepService
    migration: MigrationService
    usage: UsageService
    retention: RetentionService
    archives: ArchiveService
    users: UserService
    keys: KeyService
    service_accounts: ServiceAccountService
    audit: AuditService
    accounts: AccountService
    first_admin: FirstAdminService
    sessions: SessionService
    sign_in: SignInService
    login_codes: LoginCodeService
    sign_in_check: SignInCheckService
    links: LinkService
    oidc: OidcService
    teams: TeamService
    live: LiveHub
    background: BackgroundJobs
    stores: Stores
    following: FollowingService
    readiness: Readiness

    def by_class(self) -> dict[type, Any]:
        """The services by their classes, for routes that are methods of one."""
        services = (getattr(self, field.name) for field in fields(self))
        return {type(service): service for service in services}

    def shared_secret(self) -> str | None:
        """The secret of cookies and signed addresses of all servers of a shared metadata database;
        None if this is the only server.
        """
        metadata = self.stores.metadata
        if not metadata.is_shared:
            return None
        with metadata.write() as tx:
            return metadata.settings.add_setting(tx, _SECRET, secrets.token_hex(32))

    def shared_token(self, own: str) -> str:
        """The token of the first of all servers of a shared metadata database, which all accept.
        If this is the only server, its `own`.
        """
        metadata = self.stores.metadata
        if not metadata.is_shared:
            return own
        with metadata.write() as tx:
            return metadata.settings.add_setting(tx, _TOKEN, own)

    def close(self) -> None:
        """Stop background jobs, write what is in memory, and close the stores."""
        self.sql.close()
        self.tables.close()
        self.background.stop()
        self.migration.close()
        with suppress(WeftError):
            self.stores.duties.give_back()
        self.stores.metrics.close()
        self.stores.blobs.store.close()
        self.stores.metadata.close()


def open_services(
    data_dir: Path,
    metadata_url: str | None = None,
    *,
    files_url: str | None = None,
    direct_downloads: bool = False,
    now: Clock = server_micros,
    metrics_url: str | None = None,
    mirrors_points: bool | None = None,
    engine: MetricEngine | None = None,
    trash_micros: int | None = TRASH_MICROS,
    audit_micros: int | None = None,
    limits: StorageLimits = NO_LIMITS,
    sign_in: SignInSettings = SignInSettings(),  # noqa: B008 (a tuple)
    users_create_teams: bool = False,
    jobs: bool = True,
) -> Services:
    """Open or create the stores in `data_dir` and start the background jobs.

    The caller holds the lock that keeps a second server out of `data_dir`. This function creates
    `metadata.db` (unless `metadata_url` names another database), `metrics/<project>.db` and
    `blobs/` in it. With `direct_downloads`, clients may download from the bucket `files_url`
    itself. `metrics_url` and `mirrors_points` say where the points are, see `open_engine`;
    `sign_in` how people sign in. `jobs` is False for a short-lived command that only looks at the
    data.
    """
    metadata, metrics, blobs = open_storage(
        data_dir,
        metadata_url,
        metrics_url=metrics_url,
        mirrors_points=mirrors_points,
        files_url=files_url,
        direct_downloads=direct_downloads,
        engine=engine,
    )
    if jobs:
        refuse_migrated(metadata)
    wall = None
    if metadata.is_shared and now is server_micros:
        wall = DatabaseWall(metadata.now_micros)
        now = SteadyClock(wall=wall)
    people = People(metadata)
    stores = Stores(
        metadata=metadata,
        metrics=metrics,
        blobs=ReferencedBlobs(blobs, metadata),
        registry=RunRegistry(metadata, people),
        live=LiveHub(LiveRelay() if metadata.is_shared else None),
        columns=ColumnCache(metadata, now, ColumnSaves(metadata, data_dir)),
        room=StorageRoom(
            metadata,
            metrics,
            blobs,
            data_dir,
            limits,
            people,
            shares=QuotaShares(metadata) if has_points(metadata) else None,
        ),
        people=people,
        audit=Audit(metadata, now, audit_micros),
        activity=Activity(metadata, people, now),
        key_uses=KeyUses(),
        duties=Duties(metadata),
        now=now,
        wall=wall,
        start_micros=now(),
        trash_micros=trash_micros,
    )

    def resume_requests() -> None:
        # Another server may be at one of its own, or a killed one still have the lease.
        stores.duties.resume(MOVES, partial(finish_moves, stores))
        stores.duties.resume(IMPORTS, partial(finish_imports, stores))

    resume_requests()
    live_sweeps = LiveSweeps(stores)
    drafts = Drafts(metadata)
    report_search, report_views = ReportSearch(metadata, drafts), ReportViews()
    background = BackgroundJobs(
        stores,
        live_sweeps,
        drafts,
        resume_requests,
        report_search=report_search,
        report_views=report_views,
    )
    if jobs:
        prepare_structs()
        background.start()
    runs = RunService(stores)
    files = FileService(stores)
    artifact_files = ArtifactFileService(stores)
    sql = SqlService(stores, files)
    selecting = SelectionService(stores)
    metric_service = MetricService(stores)
    series = SeriesService(stores)
    log_service = LogService(stores)
    shared_reports = SharedReportService(stores)
    passwords = Passwords()
    mailer = None if sign_in.smtp is None else Mailer(sign_in.smtp)
    oidc = OidcService(stores, sign_in.oidc)
    accounts = AccountService(stores, passwords, partial(oidc.title_of, SYSTEM))
    links = LinkService(stores, passwords, accounts, mailer)
    return Services(
        ingest=IngestService(stores),
        projects=ProjectService(stores),
        access=AccessService(stores),
        activity=ActivityService(stores),
        moves=MoveService(stores),
        views=ViewService(stores),
        reports=ReportService(stores, drafts, report_search),
        report_figures=ReportFigureService(stores),
        report_images=ReportImageService(stores),
        report_comments=ReportCommentService(stores),
        notifications=NotificationService(stores),
        report_readers=ReportReaderService(stores, report_views),
        report_listing=ReportListingService(stores, report_search),
        runs=runs,
        sharing=SharingService(stores),
        shared=SharedService(
            stores,
            runs,
            selecting,
            metric_service,
            series,
            files,
            log_service,
            shared_reports,
            ReportRuns(stores, shared_reports),
        ),
        shared_reports=shared_reports,
        selecting=selecting,
        metrics=metric_service,
        logs=log_service,
        media=MediaService(stores, files),
        series=series,
        run_events=RunEventService(stores),
        history=HistoryService(stores),
        exports=ExportService(stores),
        sql=sql,
        tables=TableService(stores, files, artifact_files, sql),
        files=files,
        artifacts=ArtifactService(stores),
        artifact_files=artifact_files,
        artifact_diffs=DiffService(stores),
        registries=RegistryService(stores),
        lineage=LineageService(stores),
        folders=FolderService(stores, files),
        contents=ContentService(stores),
        continuation=ContinuationService(stores),
        trash=TrashService(stores),
        bulk=BulkService(stores, runs),
        metric_deletion=MetricDeletionService(stores),
        sizes=SizeService(stores),
        sweeps=SweepService(stores, live_sweeps),
        trials=TrialService(stores, live_sweeps),
        usage=UsageService(stores),
        retention=RetentionService(stores),
        upkeep=UpkeepService(stores, data_dir, VERSION),
        migration=MigrationService(stores, data_dir, metadata_url),
        archives=ArchiveService(stores, data_dir, VERSION),
        users=UserService(stores),
        keys=KeyService(stores),
        service_accounts=ServiceAccountService(stores),
        audit=AuditService(stores),
        accounts=accounts,
        sessions=SessionService(stores),
        sign_in=SignInService(stores, passwords),
        login_codes=LoginCodeService(stores),
        sign_in_check=SignInCheckService(stores, sign_in, oidc, mailer),
        links=links,
        first_admin=FirstAdminService(stores, passwords, links),
        oidc=oidc,
        teams=TeamService(stores, users_create=users_create_teams),
        live=stores.live,
        background=background,
        stores=stores,
        following=FollowingService(stores, background),
        readiness=Readiness(stores, data_dir),
    )
