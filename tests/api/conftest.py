"""The API is tested over the same small community as the pages."""

from tests.public.conftest import postgresql_site, site, sqlite_site

__all__ = ["postgresql_site", "site", "sqlite_site"]
