"""Collections and versions of artifacts: their files, chunks, links, uses, and registries."""
