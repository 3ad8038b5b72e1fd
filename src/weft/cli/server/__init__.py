"""`weft server`, `weft ui` and their upkeep: one process that serves, or works on its data.

`claim` takes what a server needs alone and `announce` tells the scripts of this machine; `serve`
runs it, and `last_resort` ends it in time. `upkeep` and `users` work on a data directory through
`held_data`. Their options are in `server_commands` and `user_commands`.
"""
