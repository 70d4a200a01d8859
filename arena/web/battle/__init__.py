"""The battle page: layout, event handlers and what a page shows of a battle."""
