"""Takes in streams of numbered lines: rows as JSON objects, and lines of console output.

A client that keeps files line by line sends the number of its first line with each part. Lines
that are known count once; `line_uploads` decides which are new, `rows` turns them into columns.
"""

from weft.server.intake.lines.line_uploads import LinesMissing, LineStream, LineUploads
