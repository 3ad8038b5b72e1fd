"""What the API says of itself: OpenAPI 3.1 with examples, and a page of it to read."""
