"""One file a page: layout, handlers and the rendering of a view."""
