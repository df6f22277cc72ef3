"""Resources, sessions, bookings and the allocations that make a double booking impossible."""
