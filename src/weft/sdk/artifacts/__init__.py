"""Artifacts in scripts: `weft.Artifact`, what runs log and use, downloads.

draft       the files of an artifact that is being made
placing     puts them into the run's directory
state       what an artifact is made of; adding, describing and fetching build on it
artifact    `weft.Artifact`: a draft, or a version that is stored
recording   `run.log_artifact()` and `run.use_artifact()`
download    fetches and checks files of a version
"""
