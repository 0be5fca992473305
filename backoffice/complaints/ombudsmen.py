"""Who outside of us a customer can go to when they and we do not agree: the body for out-of-court disputes about
payments of their country (PSD2, article 102). Addresses are names of sites, never links.

Not each of them decides, and not each is free: an appeal to the Italian body costs 20 euros
(arbitrobancariofinanziario.it); the German board for payments is that of the Bundesbank and not that of BaFin
(bundesbank.de, "Zuständigkeit"); the American bureau passes complaints on. `is_free` is set where the body itself says
that it costs a consumer nothing. Which body a company belongs to, it knows itself: a business that uses this checks
the table against its own registration.
"""

from __future__ import annotations

from dataclasses import dataclass

from backoffice.customers.models import Customer
from backoffice.customers.postal_rules import home


@dataclass(frozen=True)
class Ombudsman:
    name: str
    site: str
    is_free: bool = False


_KNOWN = {
    "NL": Ombudsman("Kifid, Klachteninstituut Financiële Dienstverlening", "kifid.nl", True),
    "GB": Ombudsman("Financial Ombudsman Service", "financial-ombudsman.org.uk", True),
    "PL": Ombudsman("Rzecznik Finansowy", "rf.gov.pl"),
    "DE": Ombudsman("Schlichtungsstelle bei der Deutschen Bundesbank", "bundesbank.de"),
    "FR": Ombudsman("Le médiateur auprès de la Fédération bancaire française", "lemediateur.fbf.fr", True),
    "BE": Ombudsman("Ombudsfin", "ombudsfin.be"),
    "IE": Ombudsman("Financial Services and Pensions Ombudsman", "fspo.ie", True),
    "IT": Ombudsman("Arbitro Bancario Finanziario", "arbitrobancariofinanziario.it"),
    "US": Ombudsman("Consumer Financial Protection Bureau", "consumerfinance.gov"),
}


def ombudsman_of(customer: Customer) -> Ombudsman:
    """Where the body of the customer's country is not known, that of our own."""
    return _KNOWN.get(customer.country) or _KNOWN.get(home()) or _KNOWN["NL"]
