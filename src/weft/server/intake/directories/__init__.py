"""`weft ui`: run directories on this machine's disk, which outlive the store made from them.

`follow` reads their logs as if they were uploaded. `originals` applies to the directories what
users edit (through `edit_log`) and delete in the app.
"""
