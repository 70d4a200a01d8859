"""Where votes live: schema, transactions, and queries a file per aggregate."""
