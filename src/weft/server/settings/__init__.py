"""A server's settings, such as its address and data directory.

The fields of `server_settings.ServerSettings` are the one table of settings: the command line
makes options and variables of them, and the reference lists them. `toml_file` reads them of a
file, and is imported only then. `kinds` has the values that they take, `sign_in` the tables about
mail and providers of sign-in.
"""

from weft.server.settings.server_settings import (
    DEFAULT_PORT,
    SETTINGS_FILE,
    Mode,
    ServerSettings,
    default_data_directory,
    is_loopback,
)
from weft.server.settings.sign_in import GroupRole, OidcProvider, SmtpSettings
from weft.server.settings.table import Setting, Table, option_of, settings_of, variable_of
