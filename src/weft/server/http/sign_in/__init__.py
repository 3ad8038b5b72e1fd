"""The pages by which a browser is signed in; they need no script, and load nothing.

app         answers `/sign-in` and the pages below it, and the form that `local_mode` shows
cookies     session, mark that a user signed in before, begun sign-in
forms       reads posted forms
pages       the pages, with their texts
layout      style of all of them, and the picture next to the form
"""
