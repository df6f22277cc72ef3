"""What changes users: their roles, passwords, invitations."""
