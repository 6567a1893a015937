"""Where things are: the one place that reads the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ledger.store.engine import default_url


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of one installation.

    ``data_dir`` holds keys, documents and rendered files; ``public_url`` is the address residents use,
    printed on paper as QR codes; ``demo`` marks invented books on every page.
    """

    data_dir: Path
    database_url: str
    public_url: str
    demo: bool = False

    @property
    def cache_dir(self) -> Path:
        """Rendered files, safe to delete."""
        return self.data_dir / "cache"

    @property
    def documents_dir(self) -> Path:
        """Vouchers by content hash."""
        return self.data_dir / "documents"

    def key_path(self, slug: str) -> Path:
        """The signing key of a trust's log."""
        return self.data_dir / "keys" / f"{slug}.pem"


def config_from_env(*, port: int = 8000, data_dir: Path | None = None, demo: bool = False) -> Config:
    """Settings from ``DATA_DIR``, ``DATABASE_URL`` and ``PUBLIC_URL``, with the embedded default."""
    folder = data_dir or Path(os.environ.get("DATA_DIR") or "data")
    return Config(
        data_dir=folder,
        database_url=default_url(folder),
        public_url=(os.environ.get("PUBLIC_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
        demo=demo,
    )
