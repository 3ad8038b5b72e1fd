"""`weft ui`: run directories on this machine's disk, which outlive the store that is made of them.

`follow` reads their logs as an upload would bring them; `originals` changes and deletes in the
directories what people change and delete in the app, edits through `edit_log`.
"""
