"""The public books for programs: JSON under ``/api/v1``, described by OpenAPI.

The same questions as the pages ask, of the same functions: an answer differs from its page in form only.
Whatever is not on the pages is not here either.
"""
