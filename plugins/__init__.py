"""The bases of the consortium, a package each."""
