"""Addresses that `server.py` answers before Flask; known to Flask's map so that links to them can be made."""

LINKS = {
    "portal_feed": "/calendar.ics",
    "base_feed": "/bases/<base>/calendar.ics",
    "resource_feed": "/bases/<base>/resources/<resource>.ics",
    "kind_feed": "/bases/<base>/kinds/<kind>.ics",
    "private_feed": "/calendars/<token>.ics",
    "session_file": "/bases/<base>/sessions/<int:id>.ics",
    "announcement_file": "/bases/<base>/announcements/<slug>.ics",
    "consortium_announcement_file": "/announcements/<slug>.ics",
    "freebusy": "/bases/<base>/resources/<resource>.ifb",
    "caldav": "/caldav/",
}
"""Rules by endpoint of the blueprint `calendars`."""
