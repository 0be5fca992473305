"""The fixed sentences of the gateway, in each language that it speaks."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from .words.language import Language

_EN, _NL, _PL, _ZH = Language.ENGLISH, Language.DUTCH, Language.POLISH, Language.CHINESE


class Sentence(StrEnum):
    """Its code, by which a business can put a recording in its place."""

    CARD_NUMBER = "card_number"
    EXPIRY_DATE = "expiry_date"
    SECURITY_CODE = "security_code"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    NOT_VALID = "not_valid"
    TIME_OVER = "time_over"
    TRY_AGAIN = "try_again"
    ONE_MOMENT = "one_moment"
    CANCELLED = "cancelled"
    GIVEN_UP = "given_up"
    BACK_TO_AGENT = "back_to_agent"
    GOODBYE = "goodbye"

    def said(self, language: Language) -> str:
        """Its words."""
        return _TEXTS[self][language]


_TEXTS: Mapping[Sentence, Mapping[Language, str]] = {
    Sentence.CARD_NUMBER: {
        _EN: "Please key in the long number of your card, then press hash. To stop, press star.",
        _NL: "Toets het lange nummer van uw kaart in en daarna een hekje. Wilt u stoppen, druk dan op het sterretje.",
        _PL: "Proszę wpisać numer karty, a potem nacisnąć krzyżyk. Aby przerwać, proszę nacisnąć gwiazdkę.",
        _ZH: "请输入您的银行卡卡号，然后按井号键。如要停止，请按星号键。",
    },
    Sentence.EXPIRY_DATE: {
        _EN: "Please key in when your card expires: two digits for the month and two for the year, then press hash."
        " To stop, press star.",
        _NL: "Toets in wanneer uw kaart verloopt: twee cijfers voor de maand en twee voor het jaar, en daarna een"
        " hekje. Wilt u stoppen, druk dan op het sterretje.",
        _PL: "Proszę wpisać datę ważności karty: dwie cyfry miesiąca i dwie cyfry roku, a potem nacisnąć krzyżyk."
        " Aby przerwać, proszę nacisnąć gwiazdkę.",
        _ZH: "请输入您银行卡的有效期：两位数字的月份和两位数字的年份，然后按井号键。如要停止，请按星号键。",
    },
    Sentence.SECURITY_CODE: {
        _EN: "Please key in the security code of your card, then press hash. It is the three or four digits printed on"
        " the card by themselves. To stop, press star.",
        _NL: "Toets de beveiligingscode van uw kaart in en daarna een hekje. Dat zijn de drie of vier losse cijfers op"
        " de kaart. Wilt u stoppen, druk dan op het sterretje.",
        _PL: "Proszę wpisać kod zabezpieczający karty, a potem nacisnąć krzyżyk. To osobne trzy lub cztery cyfry na"
        " karcie. Aby przerwać, proszę nacisnąć gwiazdkę.",
        _ZH: "请输入您银行卡的安全码，然后按井号键。安全码是卡上单独的三位或四位数字。如要停止，请按星号键。",
    },
    Sentence.TOO_FEW: {
        _EN: "Those were too few digits.",
        _NL: "Dat waren te weinig cijfers.",
        _PL: "To za mało cyfr.",
        _ZH: "您输入的数字太少。",
    },
    Sentence.TOO_MANY: {
        _EN: "Those were too many digits.",
        _NL: "Dat waren te veel cijfers.",
        _PL: "To za dużo cyfr.",
        _ZH: "您输入的数字太多。",
    },
    Sentence.NOT_VALID: {
        _EN: "These digits cannot be right.",
        _NL: "Deze cijfers kunnen niet kloppen.",
        _PL: "Te cyfry nie mogą być prawidłowe.",
        _ZH: "您输入的数字不正确。",
    },
    Sentence.TIME_OVER: {
        _EN: "We did not receive your digits in time.",
        _NL: "We hebben uw cijfers niet op tijd ontvangen.",
        _PL: "Nie otrzymaliśmy cyfr na czas.",
        _ZH: "我们没有及时收到您的输入。",
    },
    Sentence.TRY_AGAIN: {
        _EN: "Please try again.",
        _NL: "Probeer het nog eens.",
        _PL: "Proszę spróbować jeszcze raz.",
        _ZH: "请再试一次。",
    },
    Sentence.ONE_MOMENT: {
        _EN: "Thank you. One moment, please.",
        _NL: "Dank u wel. Een ogenblik alstublieft.",
        _PL: "Dziękujemy. Proszę chwilę poczekać.",
        _ZH: "谢谢，请稍候。",
    },
    Sentence.GIVEN_UP: {
        _EN: "We could not take your digits, so we stop here. Nothing has been charged.",
        _NL: "Het is niet gelukt uw cijfers te ontvangen. We stoppen hier. Er is niets afgeschreven.",
        _PL: "Nie udało się przyjąć cyfr, więc kończymy. Nic nie zostało pobrane.",
        _ZH: "我们未能收到正确的数字，操作到此结束，没有扣款。",
    },
    Sentence.CANCELLED: {
        _EN: "You have stopped the payment. Nothing has been charged.",
        _NL: "U hebt de betaling gestopt. Er is niets afgeschreven.",
        _PL: "Płatność została przerwana. Nic nie zostało pobrane.",
        _ZH: "您已停止付款，没有扣款。",
    },
    Sentence.BACK_TO_AGENT: {
        _EN: "Thank you. We are now putting you back to the shop's agent.",
        _NL: "Dank u wel. We verbinden u weer met de medewerker van de winkel.",
        _PL: "Dziękujemy. Łączymy ponownie z pracownikiem sklepu.",
        _ZH: "谢谢。现在为您转回商店的工作人员。",
    },
    Sentence.GOODBYE: {
        _EN: "Thank you. Goodbye.",
        _NL: "Dank u wel. Tot ziens.",
        _PL: "Dziękujemy. Do widzenia.",
        _ZH: "谢谢，再见。",
    },
}
