"""The files of a version, on a server or in the directory of an offline run.

version_files  lists them in pages
staged         those in the directory of an offline run
download       fetches several at once, and checks each
cache          contents that were downloaded before
verifying      compares a folder with a version
"""
