"""The consortium and its members: schools, enterprises, branches, and requests to join."""
