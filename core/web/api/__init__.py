"""What all of the REST API shares: who asks, how refusals are written, and its description."""
