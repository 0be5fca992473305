"""What a voice reads out of a payment, and what it says at the end, in each language that it speaks.

Short, because somebody stands with a telephone in their hand: who gets how much for what, from which card, where it can
be seen, how to agree and how to end it. A case is spelled in its groups. The words are written here, as those of the
gateway are, so that a call is in one language from its first word to its last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backoffice.voice.speech.words.language import Language
from workflows.voice_payment.facts import Verdict

_EN, _NL, _PL, _ZH = Language.ENGLISH, Language.DUTCH, Language.POLISH, Language.CHINESE


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """The parts of one language. `begins` names us and the `case`, `changed` says that what was heard is void, `asks`
    has the `payee`, the `amount`, the `what_for` and the `card`."""

    begins: str
    changed: str
    asks: str
    verdicts: Mapping[Verdict, str]

    def order(self, told: Mapping[str, str], *, is_changed: bool) -> str:
        """All of it, with the places of `told` filled in. What is in them stays as it is."""
        begins = self.changed if is_changed else self.begins
        return f"{begins.format_map(told)}{self.asks.format_map(told)}"


SPOKEN: Mapping[Language, Spoken] = {
    _EN: Spoken(
        begins="{company}, case {case}. ",
        changed="{company}: the order has changed, and what you heard before does not count. ",
        asks="Pay {payee} {amount} for {what_for}, with card {card}? Your page shows it, too. Press 1 to pay, 2 to hear"
        " it again, star to stop.",
        verdicts={
            Verdict.PAID: "Thank you. It is paid. The receipt is on your page, and comes by mail. Goodbye.",
            Verdict.DECLINED: "Your bank did not approve the payment. Nothing was paid. Goodbye.",
            Verdict.UNKNOWN: "Your bank has not answered yet. We ask it again, and it is paid once at most. We write to"
            " you when we know. Goodbye.",
            Verdict.NOT_PAID: "Nothing was paid. Goodbye.",
        },
    ),
    _NL: Spoken(
        begins="{company}, zaak {case}. ",
        changed="{company}: de bestelling is veranderd, en wat u eerder hoorde telt niet meer. ",
        asks="Wilt u {payee} {amount} betalen voor {what_for}, met kaart {card}? Het staat ook op uw pagina. Druk 1 om"
        " te betalen, 2 om het nog eens te horen, sterretje om te stoppen.",
        verdicts={
            Verdict.PAID: "Dank u wel. Het is betaald. De kwitantie staat op uw pagina en komt per mail. Tot ziens.",
            Verdict.DECLINED: "Uw bank heeft de betaling niet goedgekeurd. Er is niets betaald. Tot ziens.",
            Verdict.UNKNOWN: "Uw bank heeft nog niet geantwoord. We vragen het opnieuw, en er wordt hoogstens één keer"
            " betaald. We schrijven u zodra we het weten. Tot ziens.",
            Verdict.NOT_PAID: "Er is niets betaald. Tot ziens.",
        },
    ),
    _PL: Spoken(
        begins="{company}, sprawa {case}. ",
        changed="{company}: zamówienie się zmieniło, a to, co było słychać wcześniej, już nie obowiązuje. ",
        asks="Czy zapłacić {payee} {amount} za {what_for}, kartą {card}? Widać to też na Państwa stronie. Proszę"
        " nacisnąć 1, aby zapłacić, 2, aby powtórzyć, gwiazdkę, aby przerwać.",
        verdicts={
            Verdict.PAID: "Dziękujemy. Zapłacone. Potwierdzenie jest na Państwa stronie i przyjdzie mailem."
            " Do widzenia.",
            Verdict.DECLINED: "Bank nie zatwierdził płatności. Nic nie zostało zapłacone. Do widzenia.",
            Verdict.UNKNOWN: "Bank jeszcze nie odpowiedział. Zapytamy ponownie, a kwota zostanie pobrana najwyżej raz."
            " Napiszemy, gdy będziemy wiedzieć. Do widzenia.",
            Verdict.NOT_PAID: "Nic nie zostało zapłacone. Do widzenia.",
        },
    ),
    _ZH: Spoken(
        begins="{company}，案件{case}。",
        changed="{company}：订单已更改，之前听到的内容不再有效。",
        asks="是否向{payee}支付{amount}，用于{what_for}，卡尾号{card}？您的页面上也有。付款按1，重听按2，停止按星号键。",
        verdicts={
            Verdict.PAID: "谢谢，付款成功。收据在您的页面上，也会发到您的邮箱。再见。",
            Verdict.DECLINED: "您的银行没有批准这笔付款，没有扣款。再见。",
            Verdict.UNKNOWN: "您的银行还没有答复。我们会再次询问，最多只扣款一次。有结果后我们会写信通知您。再见。",
            Verdict.NOT_PAID: "没有扣款。再见。",
        },
    ),
}
