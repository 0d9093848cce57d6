"""A search over a model of Django, in one file: `python django_app.py runserver`.

The database has the articles. The index has their texts, and the primary key as id.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import Any

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.db import connection, models
from django.http import HttpRequest, JsonResponse
from django.urls import path

from naidi import Document, Searcher, Writer, open_index

INDEX = os.environ.get("NAIDI_INDEX", "index_data")

settings.configure(
    DEBUG=False,
    SECRET_KEY="only an example",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ.get("ARTICLES", ":memory:")}},
    USE_TZ=True,
)
django.setup()


class Article(models.Model):
    title = models.CharField(max_length=200)
    text = models.TextField()
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "articles"


def index_articles() -> None:
    """Make the index of all articles anew: a command or a nightly job. Searches go on with the state before until it is done."""
    with Writer(INDEX, rebuild=True) as writer:
        for article in Article.objects.iterator():
            writer.add(
                Document(id=str(article.pk), title=article.title, text=article.text, date=article.created.date())
            )


@cache
def searcher() -> Searcher:
    """One for each process, opened at the first search."""
    return open_index(INDEX, refresh_every=5)


def search(request: HttpRequest) -> JsonResponse:
    results = searcher().search(request.GET.get("q", ""), timeout=2)
    articles = Article.objects.in_bulk([int(hit.id) for hit in results])  # one query, in no order
    found: list[dict[str, Any]] = [
        {"title": articles[int(hit.id)].title, "text": hit.html()} for hit in results if int(hit.id) in articles
    ]
    return JsonResponse({"total": results.total, "articles": found})


urlpatterns = [path("search", search)]


def create_tables() -> None:
    """What migrations do in an application of more than one file."""
    with connection.schema_editor() as editor:
        editor.create_model(Article)


if __name__ == "__main__":
    execute_from_command_line(sys.argv)
