"""The class of settings."""

from weft.sdk.setup.settings import Settings as Settings
