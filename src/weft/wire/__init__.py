"""The shapes that cross the wire: what a client or the web app asks, and what a server answers.

Each JSON shape is defined here and nowhere else. The server decodes questions into these structs
and encodes its answers from them. OpenAPI, and from it the web app's types, is generated from
them, with their limits and descriptions. The client reads answers as them. What asks ends in
`Query`, what changes something is a noun of the change, a page of things ends in `List`. Times are
µs since 1970 in fields that end with `_micros`, sizes are bytes.

Clients and servers of several versions meet. A question refuses fields that it does not know, so
that a misspelt field is reported; an answer may have more of them. What is added to a shape after
its first release has a default, and a choice in an answer that the Python client reads (`one_of`)
is described but not enforced. Limits hold where a question is decoded, not where a struct is made
in Python: services check what they rely on.
"""
