"""How answers are put on the wire, whatever they are about.

Errors as problem documents, charts as Arrow, long work as lines, the web app as files; what is
made smaller or spared on the way out; and what is said where no route fits.
"""
