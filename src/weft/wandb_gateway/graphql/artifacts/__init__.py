"""Artifacts in GraphQL: versions, collections, files, manifests, and their mutations."""
