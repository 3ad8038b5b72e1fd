"""Single files of artifacts.

entry         `ArtifactEntry`: what `add_file()` and `get_entry()` return
file_list     `Artifact.files()`
lazy_list     lists whose items are fetched as they are read
object_names  the paths of tables and media
addresses     the addresses of files that are kept elsewhere
hashing       SHA-256 of local files
"""
