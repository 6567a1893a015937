"""Post with django-ledger: ``python django_ledger_posts.py HOST DATABASE USER``.

`EntityModel.commit_txs` checks, numbers and posts a journal entry with its transactions; its own blueprints
end in the same call.
"""

# mypy: disable-error-code="import-not-found"

import sys
import time
from datetime import UTC, datetime

import django
from django.conf import settings

host, database, user = sys.argv[1:]
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django_ledger"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": host,
            "NAME": database,
            "USER": user,
            "CONN_MAX_AGE": None,
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    ROOT_URLCONF="django_ledger.urls",
    USE_TZ=True,
    SECRET_KEY="benchmark",
)
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - needs the settings
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django_ledger.io.roles import ASSET_CA_CASH, INCOME_OPERATIONAL  # noqa: E402
from django_ledger.models import EntityModel  # noqa: E402

call_command("migrate", verbosity=0)
admin = get_user_model().objects.create_user("admin", password="benchmark")
entity = EntityModel.create_entity("Community", use_accrual_method=True, admin=admin, fy_start_month=1)
entity.create_chart_of_accounts(assign_as_default=True, commit=True)
cash = entity.create_account("1010", ASSET_CA_CASH, "Bank", "debit", active=True)
income = entity.create_account("4010", INCOME_OPERATIONAL, "Fees", "credit", active=True)
ledger = entity.create_ledger("Receipts", posted=True)

print("ready", flush=True)
for line in sys.stdin:
    count = int(line)
    start = time.perf_counter()
    for number in range(count):
        amount = 100 + number % 900
        with transaction.atomic():
            entity.commit_txs(
                je_timestamp=datetime.now(UTC),
                je_txs=[
                    {"account": cash, "amount": amount, "tx_type": "debit", "description": "Received"},
                    {"account": income, "amount": amount, "tx_type": "credit", "description": "Received"},
                ],
                je_posted=True,
                je_ledger_model=ledger,
                je_desc="Property fee received",
            )
    print(time.perf_counter() - start, flush=True)
