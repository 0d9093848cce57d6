"""Which words of the index complete what is being typed?"""
