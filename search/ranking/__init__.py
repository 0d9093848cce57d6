"""Finds the documents that answer an analysed query, scores them and orders them. Arrays in, arrays out."""
