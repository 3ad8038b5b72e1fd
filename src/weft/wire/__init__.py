"""The endpoints of the HTTP API, and the bodies of their requests and responses.

Each endpoint (`endpoint`) and JSON shape is defined here and nowhere else. The server decodes
requests into these structs and encodes its responses from them; the client decodes responses into
them. The OpenAPI document, and from it the web app's types, is generated from them with their
limits and descriptions. Queries end in `Query`, changes are named after the change, pages of
things end in `List`. Times are µs since 1970 in fields that end in `_micros`, sizes are bytes.

Clients and servers may differ in version. A request refuses unknown fields, so that a misspelt
field is reported; a response may have additional fields. A field added after a shape's first
release has a default. The values of an enumeration in a response that the Python client reads
(`one_of`) are described but not enforced. Limits apply when a request is decoded, not when a
struct is constructed in Python: services check what they rely on.
"""
