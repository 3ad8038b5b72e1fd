"""Secrets in what a script says about itself: `redaction` finds and replaces them. Pure."""
