"""A company becomes a merchant and is suspended, in a real browser: its own pages, and those at the desk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from backoffice.cases.models import Case, WorkItem
from backoffice.customers import national_ids, reading
from backoffice.payments.merchants.models import Merchant, MerchantState
from backoffice.staff.models import Role, User
from tests.factories import actor, make_staff, now, totp_code
from tests.journeys.at_desk import sit
from tests.journeys.conftest import BOTH_WIDTHS, in_looks
from tests.journeys.test_desk_pages import Check, picture
from tests.journeys.test_portal_pages import signed_in
from tests.payments.merchants.applying import FITS, LIMITS, admit, answer, with_extract
from tests.playing import ask
from tests.portal.conftest import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_company_becomes_a_merchant_and_is_suspended(
    live_server: Any, page: Page, accessible: Check, fits: Check, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path

    def look(name: str) -> None:
        for width, _scheme in in_looks(page, *BOTH_WIDTHS):
            picture(page, f"merchant-{name}-{width}")
            fits(page)
        accessible(page)

    def show(view: str, *args: Any) -> None:
        page.goto(live_server.url + reverse(view, args=args))

    def sits(user: User) -> User:
        page.context.clear_cookies()
        sit(page, live_server, user)
        return user

    def takes(item: WorkItem, user: User) -> None:
        sits(user)
        WorkItem.objects.filter(pk=item.pk).update(holder=user)
        show("admin:desk_item", item.id)

    fleur = make_person(kind="organisation", organisation_name="Bloemen Fleur B.V.")
    national_ids.add(customer=fleur.customer, kind="KVK", number="12345678")
    signed_in(page, fleur, live_server.url)
    show("portal:open", "merchant_admission")
    look("apply")
    page.get_by_label("What does the company sell?").select_option(label="Flowers")
    page.get_by_label("Under which name do customers know it?").fill("Bloemen Fleur")
    page.get_by_label("Highest single amount").fill("250")
    page.get_by_label("Expected in a month").fill("8000")
    page.get_by_label("In which currency is it paid?").select_option("EUR")
    page.get_by_label("Account to which the money goes").fill("NL91 ABNA 0417 1643 00")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", name="Bloemen Fleur as a merchant")).to_be_visible()
    case = Case.objects.get(process="merchant_admission")
    papers = with_extract(case)
    show("portal:item", papers.id)
    page.get_by_label("The six digits").fill(totp_code(fleur.secret))
    page.get_by_role("button", name="Confirm").click()
    look("papers")
    answer(papers, agrees="on")

    check = ask(case, "check_register", stage="checked")
    hanna = make_staff(first_name="Hanna")
    takes(check, hanna)
    look("check")
    answer(check, hanna, **FITS)
    ada = make_staff(role=Role.APPROVER, first_name="Ada")
    decision = ask(case, "decide_admission", stage="decided")
    takes(decision, ada)
    look("decide")
    answer(decision, ada, outcome="approved", reason="A shop that we know", **LIMITS)
    merchant = admit(case)
    page.context.clear_cookies()
    signed_in(page, fleur, live_server.url)
    show("portal:case", case.reference)
    expect(page.get_by_role("heading", name="Bloemen Fleur is a merchant")).to_be_visible()
    look("admitted")

    sue = sits(make_staff(role=Role.SUPERVISOR, first_name="Sue", last_name="de Wit"))
    reason = "The customer is on the phone or at the counter"
    reading.open_record(customer=fleur.customer, by=actor(sue), user=sue, now=now(), reason=reason)
    show("admin:desk_case", case.reference)
    look("case-at-the-desk")
    page.get_by_role("link", name="Suspend this merchant").click()
    page.get_by_label("Because of").select_option(label="disputed payments")
    page.get_by_label("What happened").fill("Three customers disputed payments today")
    look("suspend")
    page.get_by_role("button", name="Suspend it now").click()
    expect(page.get_by_text("The merchant is suspended.").first).to_be_visible()
    look("suspended-at-the-desk")
    takes(ask(case, "look_into_suspension", stage="suspended"), make_staff(role=Role.SUPERVISOR))
    look("decide-suspension")
    page.context.clear_cookies()
    signed_in(page, fleur, live_server.url)
    show("portal:case", case.reference)
    look("suspended")
    assert Merchant.objects.get(pk=merchant.pk).state == MerchantState.SUSPENDED
