"""The pages: a thin layer of Gradio and FastAPI over services that know nothing of it."""

from arena.web.http.gradio_import import spare_type_stubs

spare_type_stubs()
