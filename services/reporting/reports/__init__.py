"""Reports: what a unit published for a period, version by version."""
