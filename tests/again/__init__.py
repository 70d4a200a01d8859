"""Few tests that failed on a busy machine get a second run, alone, and are named as unsteady."""
