"""What tabs are put together from: bars, scales, tables, notes and numbers."""
