"""The page: a thin skin of Gradio and FastAPI over services that know nothing of it."""
