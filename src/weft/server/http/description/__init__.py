"""The API's description: OpenAPI 3.1 with examples, and an HTML page made from it."""
