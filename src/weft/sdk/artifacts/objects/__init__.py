"""Tables and media in artifacts.

adding     `Artifact.add()`
filing     stores their files
restoring  `Artifact.get()`
"""
