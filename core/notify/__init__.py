"""Messages to people: in the site for everyone, by mail where a mail server is set."""
