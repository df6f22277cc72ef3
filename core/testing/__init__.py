"""Shipped for plugin authors: the contract suite, factories and fixtures."""
