"""The actions that activity feeds and the audit log name. Pure."""
