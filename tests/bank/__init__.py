"""Tests of reading statement files; they need no database."""
