"""`weft sync`: the sidecar's uploader, run by hand for runs that no sidecar sends."""
