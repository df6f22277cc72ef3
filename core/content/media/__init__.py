"""The media library: pictures and files of a base or of the consortium, used in pages and announcements."""
