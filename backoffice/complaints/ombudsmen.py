"""Who decides when a customer and we do not agree: the body for out-of-court disputes about payments of their country
(PSD2, article 102; FIN-NET's list of members). Addresses are names of sites, never links."""

from __future__ import annotations

from dataclasses import dataclass

from backoffice.customers.models import Customer
from backoffice.customers.postal_rules import home


@dataclass(frozen=True)
class Ombudsman:
    name: str
    site: str


_KNOWN = {
    "NL": Ombudsman("Kifid, Klachteninstituut Financiële Dienstverlening", "kifid.nl"),
    "GB": Ombudsman("Financial Ombudsman Service", "financial-ombudsman.org.uk"),
    "PL": Ombudsman("Rzecznik Finansowy", "rf.gov.pl"),
    "DE": Ombudsman("Schlichtungsstelle bei der BaFin", "bafin.de"),
    "FR": Ombudsman("Le médiateur auprès de la Fédération bancaire française", "lemediateur.fbf.fr"),
    "BE": Ombudsman("Ombudsfin", "ombudsfin.be"),
    "IE": Ombudsman("Financial Services and Pensions Ombudsman", "fspo.ie"),
    "IT": Ombudsman("Arbitro Bancario Finanziario", "arbitrobancariofinanziario.it"),
    "US": Ombudsman("Consumer Financial Protection Bureau", "consumerfinance.gov"),
}


def ombudsman_of(customer: Customer) -> Ombudsman:
    """Where the body of the customer's country is not known, that of our own."""
    return _KNOWN.get(customer.country) or _KNOWN.get(home()) or _KNOWN["NL"]
