"""From a form to its keys: lemmas by dictionaries and rules, and the Snowball stem."""
