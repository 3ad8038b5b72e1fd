"""The levels of alerts."""

from weft.sdk.recording.alert import AlertLevel as AlertLevel
