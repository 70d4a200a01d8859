"""What stands in front of every page: access, limits, headers, health and Gradio's routes."""
