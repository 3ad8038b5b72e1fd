"""Artifacts in scripts: `weft.Artifact`, what runs log and use, downloads.

draft       the files of an artifact that is being made
placing     puts them into the run's directory
state       what an artifact is made of; adding, describing and fetching build on it
objects     tables and media in it: `filing` stores their files, `restoring` makes them again
entry       one file of it
references  files that are kept elsewhere
artifact    `weft.Artifact`: a draft, or a version that is stored
recording   `run.log_artifact()` and `run.use_artifact()`
download    fetches and checks files of a version
"""
