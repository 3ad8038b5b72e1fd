"""The forms of answers, independent of the resource.

Values as JSON or msgpack, errors as problem documents, charts as Arrow, long work as progress
lines, the web app as files; plus compression and ETags.
"""
