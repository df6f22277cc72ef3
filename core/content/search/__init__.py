"""Full-text search over content, files, sessions and equipment, with Chinese cut by words."""
