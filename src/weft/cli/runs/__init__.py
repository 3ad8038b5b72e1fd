"""The commands that show and fetch runs: `weft projects`, `runs`, `logs`, `pull` and `restore`."""
