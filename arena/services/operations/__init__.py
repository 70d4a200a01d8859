"""What an operator watches: metrics, health of the ledger, the event loop, failures."""
