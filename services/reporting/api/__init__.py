"""The HTTP API of reporting, version 1."""
