"""How answers are put on the wire, whatever they are about.

Values as JSON or msgpack, errors as problem documents, charts as Arrow, long work as lines, the
web app as files; and what is made smaller or spared on the way out.
"""
