"""The server that runs go to, and its key: environment, settings, netrc, a server of one's own."""
