"""Engine processes on this machine: started, watched, restarted, spoken to as a `ChatBackend`."""
