"""What models wrote, as HTML that shows every character and does nothing."""
