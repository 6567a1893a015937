"""Post with django-hordak: ``python hordak_posts.py HOST DATABASE USER``.

`Account.transfer_to` in a transaction of its own is what its documentation shows for a transfer between two
accounts; its deferred trigger checks the balance at commit.
"""

# mypy: disable-error-code="import-not-found"

import sys
import time

import django
from django.conf import settings

host, database, user = sys.argv[1:]
settings.configure(
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "mptt",
        "djmoney",
        "hordak",
    ],
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
    DEFAULT_CURRENCY="CNY",
    HORDAK_INTERNAL_CURRENCY="CNY",
    HORDAK_CURRENCIES=["CNY"],
    CURRENCIES=["CNY"],
    USE_TZ=True,
    SECRET_KEY="benchmark",
)
django.setup()

from django.core.management import call_command  # noqa: E402 - needs the settings
from django.db import transaction  # noqa: E402
from djmoney.money import Money  # noqa: E402
from hordak.models import Account, AccountType  # noqa: E402

call_command("migrate", verbosity=0)
cash = Account.objects.create(name="Bank", code="1", type=AccountType.asset, currencies=["CNY"])
income = Account.objects.create(name="Fees", code="2", type=AccountType.income, currencies=["CNY"])

print("ready", flush=True)
for line in sys.stdin:
    count = int(line)
    start = time.perf_counter()
    for number in range(count):
        with transaction.atomic():
            income.transfer_to(cash, Money(100 + number % 900, "CNY"), description="Property fee received")
    print(time.perf_counter() - start, flush=True)
