"""The error of a config's value that may not change; `Config` raises this class."""

from weft.errors import ConfigError as ConfigError
