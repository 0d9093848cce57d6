"""From a form to the keys it is filed under: lemmas by dictionary and rule, stems beside them."""
