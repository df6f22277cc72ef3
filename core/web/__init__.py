"""What surrounds every page: portal, layout, errors, security headers, health, the manage start page."""
