"""Artifacts in scripts: `weft.Artifact`, what runs log and use, downloads.

recording   `run.log_artifact()`, `run.use_artifact()`, `run.link_artifact()`
artifact    `weft.Artifact`
methods     its methods by subject
states      a draft, a logged artifact, a stored version
objects     tables and media in it
making      the files of a draft
fetching    the files of a version
files       one file of it
remote      files that are kept elsewhere
connecting  the server that artifacts are on
ttl         `weft.ArtifactTTL`
"""
