"""Which documents answer an analysed query, and in what order? Arrays in, arrays out."""
