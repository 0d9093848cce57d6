"""Are the files of a real folder read, all of them and quickly, whatever their formats, and can a hostile one do harm?"""
