"""Logging in."""

from weft.sdk.login import login as login
