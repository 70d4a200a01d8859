"""The rows of a campaign as its archive holds them: read from one database, stored in another."""
