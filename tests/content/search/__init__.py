"""Tests of the search, and the corpus on which it is judged."""
