"""How good are rankings (`quality.py`) and lemmas (`lemmas.py`)?"""
