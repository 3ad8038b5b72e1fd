"""Users with accounts: their keys, passwords, sessions, and the ways in which they sign in.

service     adds, lists and removes users; finds the owner of a key, which `keys` makes and hashes
api_keys    keys of users and of `service_accounts`, with their scopes and limits
audit       reads the audit log, which `stores.audit` writes
accounts    profile, mail, password, picture; `members` adds users who sign up
sessions    browsers that are signed in; `login_codes` sign one in by an address
sign_in     by password, provider or proxy; `attempts` slows guesses
passwords   hashes and checks passwords; `password_rules` refuses weak ones
oidc/       providers of OpenID Connect
links       invitations and links for a new password, whose codes are of `one_time`; `mail` sends
            them
first_admin the first administrator, who may get the projects under `local`
sign_in_check   what keeps people from signing in

Slow work is in `bounded_threads`.
"""

from weft.server.services.users.accounts import AccountService
from weft.server.services.users.api_keys import KeyService
from weft.server.services.users.attempts import Attempts, Source
from weft.server.services.users.audit import AuditQuery, AuditService
from weft.server.services.users.bounded_threads import BoundedThreads
from weft.server.services.users.first_admin import (
    FIRST_ADMIN_PATH,
    FirstAdminChoices,
    FirstAdminService,
)
from weft.server.services.users.keys import is_well_formed
from weft.server.services.users.links import LinkService, NewAccount
from weft.server.services.users.login_codes import LoginCodeService
from weft.server.services.users.oidc.provider import BEGUN_SECS, Begun
from weft.server.services.users.oidc.service import OidcService
from weft.server.services.users.service import UserService
from weft.server.services.users.service_accounts import ServiceAccountService
from weft.server.services.users.sessions import SessionService
from weft.server.services.users.sign_in import SignInService
from weft.server.services.users.sign_in_check import SignInCheckService, SignInSettings
