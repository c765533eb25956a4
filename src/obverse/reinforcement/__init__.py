"""Recall that is learned: thoughts that led to a right answer are made likelier.

A policy gradient over groups of thoughts about one question.  Only thoughts are changed: the answer behind a thought is
read, never trained on, so that a model cannot get by with learning answers.
"""
