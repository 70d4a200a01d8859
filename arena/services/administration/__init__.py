"""What admins do on their pages: people and campaigns, with the rights checked."""
