"""Papers for tests, in three languages and two scripts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from backoffice.documents.paper import Form, Frame, Invoice, InvoiceLine, PaperParty, RateTotal

CESSION = Path("domain_cession/cession.typ")
POWER = Path("domain_cession/power_of_attorney.typ")
INVOICE = Path("duplicate_invoice/invoice.typ")
MARK = "K7Q-4MX-2AB-CDE-FG"


def frame(title: str, *, mark: str = MARK, version: str = "2026-11") -> Frame:
    lines = ("Damrak 1, 1012 LG Amsterdam", "+31 20 555 0100", "registrar.example")
    return Frame(title, "K7Q-4MX-2", company_lines=lines, mark=mark, version=version)


OLD = PaperParty(
    "Dotychczasowy abonent",
    "Zażółć Gęślą Jaźń sp. z o.o.",
    ("ul. Świętokrzyska 30/63", "00-116 Warszawa", "Polska"),
    (("NIP", "526-104-08-28"), ("REGON", "140008021")),
)
NEW = PaperParty("Nowy abonent", "王小明", ("中山路 1 号", "200001 上海", "中国"), (("PESEL", "44051401359"),))
POLISH_WORDS = (
    "Dotychczasowy abonent przenosi na nowego abonenta prawa i obowiązki z umowy o nazwę domeny, z chwilą zmiany.",
    "Nowy abonent przyjmuje te prawa i obowiązki i potwierdza, że zna warunki utrzymywania nazw domeny.",
    "Obie strony wiedzą, że do chwili zmiany każda z nich może ją zatrzymać, podając numer sprawy.",
)


def cession(*, mark: str = MARK, new: PaperParty = NEW) -> Form:
    return Form(
        frame("Cesja nazwy domeny", mark=mark),
        lead="Formularz ważny 30 dni, tylko w sprawie wymienionej w nagłówku.",
        parties=(OLD, new),
        facts_title="Nazwa domeny",
        facts=(
            ("Zapis literami", "域名.pl"),
            ("Zapis w rejestrze", "xn--eqrt2g.pl"),
            ("Dzień sporządzenia", "29.11.2026"),
        ),
        words_title="Oświadczenia stron",
        words=POLISH_WORDS,
        signers=(OLD, new),
        ways=("Plik podpisany elektronicznie: na stronie sprawy.", "Papier: listem na adres w nagłówku."),
        ways_title="Jak do nas wraca",
    )


def power_of_attorney() -> Form:
    giver = PaperParty(
        "Volmachtgever", "Coöperatie Zuid-Één U.A.", ("Keizersgracht 12", "1015 CJ Amsterdam"), (("KvK", "12345678"),)
    )
    agent = PaperParty("Gemachtigde", "Renée van ’t Hof", ("Dorpsstraat 3", "3511 AB Utrecht"))
    return Form(
        frame("Volmacht voor de overdracht van een domeinnaam"),
        lead="Deze volmacht geldt voor één domeinnaam en één zaak.",
        parties=(giver, agent),
        facts_title="Waarvoor",
        facts=(("Domeinnaam", "coöperatie.example"), ("Geldig tot en met", "28 februari 2027")),
        words_title="Wat wordt ondertekend",
        words=("De volmachtgever machtigt de gemachtigde om de overdracht van deze domeinnaam te ondertekenen.",),
        signers=(giver,),
    )


def invoice(*, duplicate: date | None = None, lines: int = 3) -> Invoice:
    seller = PaperParty(
        "Seller", "Meridian Registrar B.V.", ("Damrak 1", "1012 LG Amsterdam"), (("VAT", "NL001234567B01"),)
    )
    buyer = PaperParty("Buyer", OLD.name, OLD.lines, (("NIP", "526-104-08-28"),))
    line = InvoiceLine("Registration of 域名.pl, one year", "1", "€ 40.00", "23 %", "€ 9.20", "€ 49.20")
    other = InvoiceLine("Printed handbook of the registry", "2", "€ 20.00", "8 %", "€ 1.60", "€ 21.60")
    return Invoice(
        frame("Invoice", mark="", version=""),
        number="FV/2026/11/0042",
        facts=(
            ("Date of issue", "3 November 2026"),
            ("Date of supply", "2 November 2026"),
            ("Due", "17 November 2026"),
        ),
        parties=(seller, buyer),
        lines=(*([line] * (lines - 1)), other),
        totals=(
            RateTotal("23 %", "€ 80.00", "€ 18.40", "€ 98.40"),
            RateTotal("8 %", "€ 20.00", "€ 1.60", "€ 21.60"),
        ),
        whole=RateTotal("Together", "€ 100.00", "€ 20.00", "€ 120.00"),
        due="€ 120.00",
        notes=("By bank transfer to NL02 ABNA 0123 4567 89.",),
        duplicate_of_day=duplicate,
    )
