"""The methods of `weft.Artifact` by subject. Each hands on to the artifact's state.

stateful    the state, the artifact's way from one to the next, and its files
adding      files and objects of a draft
describing  the description, and its edits
fetching    files and objects of a version
linking     lineage and links
"""
