"""`naidi serve`: a page and a JSON API in front of one index. `app` makes the application."""
