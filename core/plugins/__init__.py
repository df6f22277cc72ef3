"""Finding, loading, isolating and calling plugins."""
