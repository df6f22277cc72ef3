"""What bases publish: pages and announcements."""
