"""E-mail over SMTP, as the environment says (``SMTP_HOST`` and the like)."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from disclosure.config import Mail
from disclosure.notices.channels import Letter, UndeliveredError

TIMEOUT = 20
"""Seconds to wait for the server at each step."""
_FOR_GOOD = range(500, 600)


@dataclass(frozen=True, slots=True)
class MailChannel:
    """One connection a letter; the server is another machine's business."""

    settings: Mail
    name: str = "email"

    def send(self, letter: Letter, address: str) -> None:
        """Hand the letter to the server. An address it refuses for good is not tried again."""
        try:
            with self._connect() as server:
                server.send_message(message(letter, address, self.settings.sender))
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise UndeliveredError(for_good=all(code in _FOR_GOOD for code in codes)) from None
        except (smtplib.SMTPException, OSError) as error:
            raise UndeliveredError(for_good=False) from error

    def _connect(self) -> smtplib.SMTP:
        at = self.settings
        if at.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                at.host, at.port, timeout=TIMEOUT, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(at.host, at.port, timeout=TIMEOUT)
        try:
            if at.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if at.user:
                server.login(at.user, at.password)
        except BaseException:
            server.close()
            raise
        return server


def message(letter: Letter, address: str, sender: str) -> EmailMessage:
    """The letter as a mail. Raises ValueError for headers that would break out of their line."""
    made = EmailMessage()
    name, mailbox = parseaddr(sender)
    made["From"] = Address(name, addr_spec=mailbox)
    made["To"] = Address(addr_spec=address)
    made["Subject"] = letter.subject
    made["Date"] = format_datetime(letter.at)
    made["Message-ID"] = f"<{letter.mark}@{mailbox.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.text, cte="base64")
    return made
