"""A search page of a Flask application: `NAIDI_INDEX=index_data flask --app flask_app run`."""

from __future__ import annotations

import os

from flask import Flask, render_template_string, request

from naidi import InvalidQuery, open_index

PAGE = """
<form><input name="q" value="{{ query }}"></form>
{% for correction in results.corrections %}
  {% if correction.told %}
    <p>{{ correction.original }}: {{ correction.action }} {{ correction.replacement }}</p>
  {% endif %}
{% endfor %}
{% for hit in results %}
  <h2>{{ hit.title_html() | safe }}</h2>
  <p>{{ hit.html() | safe }}</p>
{% endfor %}
"""


def create_app(index: str | None = None) -> Flask:
    app = Flask(__name__)
    # Opened before a server forks its workers, it works in each of them, and they share its memory.
    searcher = open_index(index or os.environ.get("NAIDI_INDEX", "index_data"), refresh_every=5)

    @app.get("/")
    def search() -> str:
        query = request.args.get("q", "")
        return render_template_string(PAGE, query=query, results=searcher.search(query, timeout=2))

    @app.errorhandler(InvalidQuery)
    def refuse(error: InvalidQuery) -> tuple[str, int]:
        return str(error), 400

    return app
