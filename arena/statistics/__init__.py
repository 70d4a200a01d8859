"""Pure functions over counts of comparisons; results are frozen and state their units."""
