"""The files of an artifact that is being made.

draft_files  the files and references that were added
references   the files that an address stands for
placing      puts files into the directory of the run that logs them
"""
