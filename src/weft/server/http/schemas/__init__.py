"""The shapes on the wire, one module per resource. They make the OpenAPI document."""
