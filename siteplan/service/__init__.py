"""HTTP beside the app: read-only routes."""
