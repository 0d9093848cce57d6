"""The kinds of fields that an application may give its documents: `schema = {"price": fields.Number()}`."""

from naidi.indexer.fields import Boolean, Date, DateTime, Field, Keyword, Number, Text

__all__ = ["Boolean", "Date", "DateTime", "Field", "Keyword", "Number", "Text"]
