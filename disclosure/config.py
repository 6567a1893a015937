"""Where things are: the one place that reads the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ledger.documents import Location
from ledger.store.engine import default_url

Security = Literal["starttls", "tls", "none"]
_PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class Mail:
    """The server that takes our mail. ``security`` none is for a server on the same machine."""

    host: str
    port: int
    sender: str
    security: Security = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)


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
    password_cost: tuple[int, int, int] = (3, 64 * 1024, 4)
    """argon2id: passes, KiB of memory, lanes (RFC 9106, second recommended option)."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses of our own web servers in front, whose ``X-Forwarded-For`` is believed."""
    documents_url: str = ""
    """Where documents are kept instead of the folder, such as ``s3://bucket/prefix``."""
    security_contact: str = ""
    """Whom to tell about a hole (RFC 9116): ``mailto:…`` or ``https://…``; published if it is set."""
    mail: Mail | None = None
    """Without it no e-mail is sent."""

    @property
    def cache_dir(self) -> Path:
        """Rendered files, safe to delete."""
        return self.data_dir / "cache"

    @property
    def documents_dir(self) -> Location:
        """Where vouchers are, by content hash: a folder, or the storage of ``documents_url``."""
        return self.documents_url or self.data_dir / "documents"

    @property
    def code_key_path(self) -> Path:
        """The key that the secrets of one-time codes are encrypted with."""
        return self.data_dir / "keys" / "one-time-codes.key"

    def key_path(self, slug: str) -> Path:
        """The signing key of a trust's log."""
        return self.data_dir / "keys" / f"{slug}.pem"


def config_from_env(*, port: int = 8000, data_dir: Path | None = None, demo: bool = False) -> Config:
    """Settings from ``DATA_DIR``, ``DATABASE_URL``, ``PUBLIC_URL``, ``DOCUMENTS_URL``, ``TRUSTED_PROXIES``,
    ``SECURITY_CONTACT`` and the ``SMTP_…`` of :func:`mail_from_env`, with defaults."""
    folder = data_dir or Path(os.environ.get("DATA_DIR") or "data")
    return Config(
        data_dir=folder,
        database_url=default_url(folder),
        public_url=(os.environ.get("PUBLIC_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
        demo=demo,
        documents_url=os.environ.get("DOCUMENTS_URL") or "",
        security_contact=os.environ.get("SECURITY_CONTACT") or "",
        trusted_proxies=tuple(os.environ.get("TRUSTED_PROXIES", "").replace(",", " ").split()),
        mail=mail_from_env(),
    )


def mail_from_env() -> Mail | None:
    """The mail server of ``SMTP_HOST``, ``SMTP_PORT``, ``SMTP_SECURITY`` (starttls, tls, none), ``SMTP_USER``,
    ``SMTP_PASSWORD`` and ``SMTP_SENDER``; None without a host.

    Raises ValueError for settings that can't be meant.
    """
    host = os.environ.get("SMTP_HOST") or ""
    if not host:
        return None
    security = os.environ.get("SMTP_SECURITY") or "starttls"
    if security not in _PORTS:
        raise ValueError(f"SMTP_SECURITY 只能是 {'、'.join(_PORTS)}，现在是“{security}”")
    sender = os.environ.get("SMTP_SENDER") or os.environ.get("SMTP_USER") or ""
    if "@" not in sender:
        raise ValueError("请用 SMTP_SENDER 设置发信的邮箱地址")
    return Mail(
        host,
        int(os.environ.get("SMTP_PORT") or _PORTS[security]),
        sender,
        security,
        os.environ.get("SMTP_USER") or "",
        os.environ.get("SMTP_PASSWORD") or "",
    )
