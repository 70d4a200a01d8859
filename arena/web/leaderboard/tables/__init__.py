"""The table of models as files: CSV for programs, LaTeX and Markdown for papers."""
