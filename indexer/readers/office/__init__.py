"""Readers of office documents: ZIP files of XML."""
