"""Training bases: what a plugin declares, what a manager sets, opening hours."""
