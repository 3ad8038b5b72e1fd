"""Users with accounts, and the owners of keys.

service     adds, lists and removes users; finds the owner of a key
keys        makes, checks and hashes keys
passwords   hashes and checks passwords; `password_rules` refuses weak ones
attempts    slows guesses of passwords
"""

from weft.server.services.users.keys import is_well_formed
from weft.server.services.users.service import UserService

__all__ = ["UserService", "is_well_formed"]
