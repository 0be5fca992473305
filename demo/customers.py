"""The customers of the demonstration beside the people of its story: who they are, and where they are reached.

Nobody of them exists. Numbers have valid check digits; telephone numbers are of the ranges that are kept for fiction
(Ofcom for the United Kingdom, ARCEP for France, Bundesnetzagentur for Germany, PTS for Sweden, 555-01xx for North
America; the Netherlands and Poland keep none, so customers there have American numbers), hosts of RFC 2606.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from stdnum.nl import bsn
from stdnum.pl import nip, pesel, regon

from backoffice.customers.models import ContactKind, CustomerKind
from backoffice.customers.postal import PostalAddress
from backoffice.customers.registering import Particulars


@dataclass(frozen=True)
class Address:
    """A postal address in its parts; `country` is ISO 3166-1."""

    street: str
    code: str
    town: str
    country: str
    second_line: str = ""
    region: str = ""


@dataclass(frozen=True)
class Someone:
    """A person, by given and family name and birth date, or an organisation with the person who signs in for it."""

    key: str
    given_name: str
    family_name: str
    born: str
    phone: str
    address: Address
    organisation: str = ""


ZONES = {
    "NL": "Europe/Amsterdam",
    "PL": "Europe/Warsaw",
    "DE": "Europe/Berlin",
    "GB": "Europe/London",
    "FR": "Europe/Paris",
    "SE": "Europe/Stockholm",
    "US": "America/New_York",
}
_TABLE = """
jansen.p|Pieter|Jansen|1979-03-02|+14155550101|Oudegracht 118|3511 AW|Utrecht|NL
jansen.m|Mirjam|Jansen|1991-11-23|+14155550102|Witte de Withstraat 40|3012 BR|Rotterdam|NL
devries|Sanne|de Vries|1988-06-14|+14155550103|Vismarkt 7|9711 KS|Groningen|NL
vandenberg|Daan|van den Berg|1965-01-30|+14155550104|Grote Markt 22|2011 RD|Haarlem|NL
bakker.l|Lotte|Bakker|2001-09-05|+14155550105|Lange Viestraat 351|3511 BK|Utrecht|NL
elamrani|Youssef|El Amrani|1983-04-19|+14155550106|Kinkerstraat 201|1053 DR|Amsterdam|NL
yilmaz|Elif|Yılmaz|1995-12-01|+14155550107|Lijnbaan 88|3012 ER|Rotterdam|NL
smit.j|Johanna|Smit|1941-02-11|+14155550108|Markt 3|2611 GP|Delft|NL
vermeulen|Bram|Vermeulen|1972-08-27|+14155550109|Breestraat 57|2311 CJ|Leiden|NL
hendriks|Noor|Hendriks|1998-05-16|+14155550110|Kerkstraat 12|6811 DS|Arnhem|NL
visser.t|Thijs|Visser|1986-10-09|+14155550111|Nieuwstraat 31|5611 DA|Eindhoven|NL
degroot|Anneke|de Groot|1957-07-21|+14155550112|Vrijthof 15|6211 LD|Maastricht|NL
suharto|Sukma|Wijaya|1990-01-17|+14155550114|Spui 70|2511 BT|Den Haag|NL
vanvliet|Fleur|van Vliet|1993-03-28|+14155550115|Haven 9|4811 WL|Breda|NL
desouza|Ana|de Souza Lima|1980-12-12|+14155550116|Stationsweg 44|8011 CW|Zwolle|NL
zolc|Świętosława|Żółć|1977-04-04|+15035550101|ul. Piękna 12|00-549|Warszawa|PL
kowalski|Jan|Kowalski|1969-02-28|+15035550102|ul. Floriańska 8|31-021|Kraków|PL
wisniewska|Agnieszka|Wiśniewska|1985-09-13|+15035550103|ul. Świdnicka 33|50-066|Wrocław|PL
wojcik|Łukasz|Wójcik|1994-06-30|+15035550104|ul. Półwiejska 5|61-888|Poznań|PL
kaminska|Zofia|Kamińska|1948-12-24|+15035550105|ul. Piotrkowska 104|90-926|Łódź|PL
lewandowski|Michał|Lewandowski|2002-01-08|+15035550106|ul. Mariacka 20|40-014|Katowice|PL
dabrowska|Ewa|Dąbrowska|1973-05-05|+15035550107|ul. Krakowskie Przedmieście 41|20-076|Lublin|PL
szymanski|Paweł|Szymański|1981-08-18|+15035550108|ul. Szeroka 14|87-100|Toruń|PL
zajac|Małgorzata|Zając|1966-11-02|+15035550109|Rynek 17|35-064|Rzeszów|PL
mueller|Jörg|Müller|1974-03-15|+493023125101|Torstraße 140|10119|Berlin|DE
groess|Käthe|Größ|1952-10-31|+493023125102|Schellingstraße 12|80799|München|DE
schaefer|Björn|Schäfer|1989-07-07|+493023125103|Lange Reihe 61|20099|Hamburg|DE
oeztuerk|Aylin|Öztürk|1996-02-20|+493023125104|Ehrenstraße 9|50672|Köln|DE
weiss|Ulrike|Weiß|1961-06-06|+493023125105|Hauptstraße 55|69117|Heidelberg|DE
oconnor|Siobhán|O’Connor|1987-01-25|+442079460101|14 Marchmont Street|WC1N 1AB|London|GB
smith.j|John|Smith|1970-09-09|+442079460102|3 Park Row|LS1 5JF|Leeds|GB
macleod|Iain|MacLeod|1958-04-23|+442079460103|27 Cockburn Street|EH1 1BP|Edinburgh|GB
patel|Priya|Patel|1992-08-30|+442079460104|81 Colmore Row|B3 2AP|Birmingham|GB
okafor|Chidi|Okafor|1984-12-15|+442079460105|9 Deansgate|M3 1AZ|Manchester|GB
williams|Rhys|ap Gwilym|1979-05-29|+442079460106|42 Cathedral Road|CF11 9LL|Cardiff|GB
lefevre|Hélène|Lefèvre|1982-02-02|+33199001001|18 rue de Rivoli|75004|Paris|FR
dubois|Jean-Baptiste|Dubois|1963-10-10|+33199001002|5 rue Sainte-Catherine|33000|Bordeaux|FR
nguyen|Thị Mai|Nguyễn|1990-07-19|+33199001003|22 rue de la République|69002|Lyon|FR
astrom|Åsa|Åström|1976-11-11|+46846500410|Götgatan 36|118 26|Stockholm|SE
lindqvist|Göran|Lindqvist|1950-03-03|+46846500411|Kungsgatan 4|411 19|Göteborg|SE
wang|小明|王|1993-09-21|+12065550101|1200 5th Avenue|98101|Seattle|US|WA
garcia|María José|García Márquez|1986-06-24|+12065550102|250 Bryant Street|94107|San Francisco|US|CA
washington|Denise|Washington|1967-01-19|+12065550103|77 Hudson Street|10013|New York|US|NY
petrov|Алексей|Петров|1978-08-08|+12065550104|19 Beacon Street|02108|Boston|US|MA
haddad|Layla|Haddad|1999-04-12|+12065550105|610 Canal Street|70130|New Orleans|US|LA
tanaka|陽子|田中|1971-12-29|+12065550106|400 Pine Street|98104|Seattle|US|WA
"""
_ORGANISATIONS = """
bloemen|Willem|Kok|Bloemenhandel De Linde B.V.|+14155550130|Aalsmeerderweg 10|1432 CM|Aalsmeer|NL
fiets|Ilse|Prins|Fietsenmakerij ’t Wiel|+14155550131|Nachtegaalstraat 5|3581 AB|Utrecht|NL
piekarnia|Marek|Żuk|Piekarnia „Pod Kłosem” s.c.|+15035550130|ul. Długa 30|31-146|Kraków|PL
optyk|Halina|Bąk|Optyk Bąk sp. z o.o.|+15035550131|ul. Gdańska 18|85-006|Bydgoszcz|PL
werkstatt|Heike|Jäger|Jäger & Söhne GmbH|+493023125130|Industriestraße 3|70565|Stuttgart|DE
bookshop|Gwen|Fletcher|Fletcher’s Books Ltd|+442079460130|6 Cecil Court|WC2N 4HE|London|GB
"""
ONE_NAME = Someone(
    "sukarni", "", "Sukarni", "1969-08-17", "+14155550113", Address("Javastraat 26", "2585 AN", "Den Haag", "NL")
)
"""Somebody with one name, as many people on Java have."""


def _person(line: str) -> Someone:
    key, given, family, born, phone, street, code, town, country, *region = line.split("|")
    return Someone(key, given, family, born, phone, Address(street, code, town, country, region="".join(region)))


def _organisation(line: str) -> Someone:
    key, given, family, name, phone, street, code, town, country = line.split("|")
    return Someone(key, given, family, "", phone, Address(street, code, town, country), organisation=name)


CUSTOMERS: tuple[Someone, ...] = (
    *map(_person, _TABLE.strip().splitlines()),
    ONE_NAME,
    *map(_organisation, _ORGANISATIONS.strip().splitlines()),
)


LATIN = {"wang": "Wang Xiaoming", "petrov": "Alexei Petrov", "tanaka": "Yoko Tanaka"}
"""The names of those who write themselves in other letters, as the post needs them."""


def postal(address: Address, *, recipient: str = "") -> PostalAddress:
    """The address as registering takes it: the one place that knows how."""
    return PostalAddress(
        country=address.country,
        recipient=recipient,
        lines=tuple(line for line in (address.street, address.second_line) if line),
        postal_code=address.code,
        town=address.town,
        region=address.region,
    )


def particulars(someone: Someone, number: int) -> Particulars:
    """As the rule takes them. `number` is another for each, and makes their ids."""
    host = "example.com" if someone.organisation else "example.org"
    return Particulars(
        kind=CustomerKind.ORGANISATION if someone.organisation else CustomerKind.PERSON,
        given_name="" if someone.organisation else someone.given_name,
        family_name="" if someone.organisation else someone.family_name,
        organisation_name=someone.organisation,
        birth_date=someone.born,
        country=someone.address.country,
        time_zone=ZONES[someone.address.country],
        verified_how="branch",
        contacts={
            ContactKind.MAIL: f"{someone.key}@{host}",
            ContactKind.PHONE: someone.phone,
            ContactKind.POSTAL: postal(someone.address, recipient=LATIN.get(someone.key, "")),
        },
        national_ids=ids(someone, number),
    )


def ids(someone: Someone, number: int) -> dict[str, str]:
    """National numbers that pass their check, of the countries whose numbers we keep."""
    match someone.address.country, bool(someone.organisation):
        case "NL", False:
            return {"BSN": _first(bsn.is_valid, (f"{90_000_000 + number * 37 + k:09d}" for k in range(200)))}
        case "PL", False:
            return {"PESEL": _pesel(someone.born, number)}
        case "PL", True:
            return {
                "NIP": _first(nip.is_valid, (f"{9_990_000_000 + number * 131 + k}" for k in range(200))),
                "REGON": _first(regon.is_valid, (f"{990_000_000 + number * 117 + k}" for k in range(200))),
            }
    return {}


def _first(is_valid: Callable[[str], bool], candidates: Iterable[str]) -> str:
    return next(one for one in candidates if is_valid(one))


def _pesel(born: str, number: int) -> str:
    year, month, day = (int(part) for part in born.split("-"))
    body = f"{year % 100:02d}{month + (20 if year >= 2000 else 0):02d}{day:02d}{9000 + number:04d}"
    return f"{body}{pesel.calc_check_digit(body)}"
