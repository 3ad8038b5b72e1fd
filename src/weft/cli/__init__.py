"""The `weft` command. `main` declares it; each command's work lies in a module of its own."""
