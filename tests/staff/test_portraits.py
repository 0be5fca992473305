"""The picture of a visitor: checked, drawn anew, and shown at the door only."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from backoffice.refusals import Invalid
from backoffice.staff import portraits
from backoffice.staff.admin import UserAdmin
from backoffice.staff.models import Role, StaffProfile, User
from backoffice.staff.portraits import SIDE, portrait_of
from backoffice.visits.models import Visit
from tests.factories import make_staff, sign_in
from tests.portal.conftest import make_person, open_blocked
from tests.visits import visiting


def picture(kind: str = "PNG", size: tuple[int, int] = (400, 600), **options: object) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", size, "teal").save(drawn, kind, **options)
    return drawn.getvalue()


def kept(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(portrait_of(io.BytesIO(content), size=len(content)).read()))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_kept_as_a_square_jpeg(kind: str) -> None:
    found = kept(picture(kind))

    assert (found.format, found.size) == ("JPEG", (SIDE, SIDE))


def test_what_a_file_carries_besides_its_picture_is_left_out() -> None:
    place = Image.Exif()
    place[0x010E] = "taken at 52.37 N 4.89 E"
    sent = picture("JPEG", exif=place) + b"<script>alert(1)</script>"

    drawn = portrait_of(io.BytesIO(sent), size=len(sent)).read()

    assert b"52.37" in sent
    assert b"52.37" not in drawn
    assert b"script" not in drawn


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: b"", "not a picture"),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        (lambda: picture()[:200], "not a picture"),
        (lambda: picture("GIF"), "not a picture"),
        (lambda: picture(size=(119, 400)), "too small"),
        (lambda: picture(size=(9000, 9000), compress_level=1), "too many pixels"),
    ],
    ids=["nothing", "a drawing that may hold scripts", "cut off", "another kind", "tiny", "huge"],
)
def test_what_is_no_good_picture_is_refused_with_its_reason(make: Callable[[], bytes], says: str) -> None:
    """Drawn when the test runs: the huge one takes seconds, and every process that runs tests collects them all."""
    content = make()

    with pytest.raises(Invalid) as refused:
        portrait_of(io.BytesIO(content), size=len(content))

    assert says in refused.value.errors["photo"][0]


def test_a_file_that_is_too_large_is_not_even_opened() -> None:
    with pytest.raises(Invalid, match="larger than 5 MB"):
        portrait_of(io.BytesIO(b""), size=5_000_001)


@pytest.fixture
def files(settings: LazySettings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def upload(client: Client, person: User, content: bytes | None) -> str:
    """None takes the picture away."""
    profile = person.staff_profile
    form: dict[str, object] = {
        "username": person.username,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "is_active": "on",
        "is_staff": "on",
        "groups": [str(group.pk) for group in person.groups.all()],
        "staff_profile-TOTAL_FORMS": "1",
        "staff_profile-INITIAL_FORMS": "1",
        "staff_profile-0-user": str(person.pk),
        "staff_profile-0-id": str(profile.pk),
        "staff_profile-0-badge_number": profile.badge_number,
        "staff_profile-0-certified_visitor": "on",
        "staff_profile-0-certified_until": "2030-01-01",
    }
    if content is None:
        form["staff_profile-0-photo-clear"] = "on"
    else:
        form["staff_profile-0-photo"] = SimpleUploadedFile("me.png", content)
    answer = client.post(reverse("admin:staff_user_change", args=[person.pk]), form)
    return answer.content.decode() if answer.status_code == 200 else ""


@pytest.mark.django_db
def test_an_administrator_gives_a_visitor_a_picture(files: Path) -> None:
    visitor = make_staff(role=Role.FIELD)
    admin = sign_in(Client(), make_staff(role=Role.ADMINISTRATOR))

    assert "not a picture that we can read" in upload(admin, visitor, b"no picture")
    assert list(files.rglob("*.*")) == []
    assert upload(admin, visitor, picture()) == ""

    visitor.staff_profile.refresh_from_db()
    name = str(visitor.staff_profile.photo.name)
    assert name.startswith("visitors/")
    assert "me.png" not in name


def photo_of(person: User) -> str:
    return str(StaffProfile.objects.get(user=person).photo.name or "")


def on_disk(files: Path) -> set[str]:
    return {str(found.relative_to(files)) for found in files.rglob("*.*")}


@pytest.mark.django_db(transaction=True)
def test_a_picture_that_was_replaced_or_taken_away_is_removed(files: Path) -> None:
    visitor = make_staff(role=Role.FIELD)
    admin = sign_in(Client(), make_staff(role=Role.ADMINISTRATOR))
    upload(admin, visitor, picture())
    first = photo_of(visitor)

    assert upload(admin, visitor, picture("JPEG")) == ""
    second = photo_of(visitor)
    assert on_disk(files) == {second} != {first}

    assert "not a picture" in upload(admin, visitor, b"no picture")
    assert on_disk(files) == {second}

    assert upload(admin, visitor, None) == ""
    assert (photo_of(visitor), on_disk(files)) == ("", set())


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_loses_no_picture(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = make_staff(role=Role.FIELD)
    admin = sign_in(Client(raise_request_exception=False), make_staff(role=Role.ADMINISTRATOR))
    upload(admin, visitor, picture())
    first = photo_of(visitor)

    with monkeypatch.context() as broken:
        broken.setattr(UserAdmin, "log_change", lambda *_: 1 / 0)
        upload(admin, visitor, picture("JPEG"))

    assert photo_of(visitor) == first
    assert first in on_disk(files)
    assert portraits.sweep(now=timezone.now()) == 0
    assert portraits.sweep(now=timezone.now() + timedelta(days=2)) == 1
    assert on_disk(files) == {first}


@pytest.mark.django_db(transaction=True)
def test_a_picture_that_another_profile_has_too_stays(files: Path) -> None:
    one, other = make_staff(role=Role.FIELD), make_staff(role=Role.FIELD)
    admin = sign_in(Client(), make_staff(role=Role.ADMINISTRATOR))
    upload(admin, one, picture())
    StaffProfile.objects.filter(user=other).update(photo=photo_of(one))

    upload(admin, one, None)

    assert on_disk(files) == {photo_of(other)}


@pytest.mark.django_db
def test_there_may_be_no_folder_of_pictures_yet(files: Path) -> None:
    assert portraits.sweep(now=timezone.now()) == 0


@pytest.mark.django_db
def test_a_customer_sees_the_picture_only_while_the_visitor_is_due(files: Path) -> None:
    maria, stranger = make_person(), make_person()
    visit = visiting.in_the_window(case=visiting.visit_under(open_blocked(maria.card)))
    address = reverse("portal:home_visit:portrait", args=[visit.case.reference])
    door = reverse("portal:home_visit:door", args=[visit.case.reference])
    assert "We have no picture of this visitor" in maria.client.get(door).content.decode()
    assert maria.client.get(address).status_code == 404
    profile = visiting.visitor_of(visit).staff_profile
    content = picture()
    profile.photo = portrait_of(io.BytesIO(content), size=len(content))
    profile.save()

    shown = maria.client.get(address)

    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert "no-store" in shown["Cache-Control"]
    assert address in maria.client.get(door).content.decode()
    assert stranger.client.get(address).status_code == 404
    assert Client().get(address).status_code == 302
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    Visit.objects.update(starts=tomorrow, ends=tomorrow + timedelta(hours=2))
    assert maria.client.get(address).status_code == 404
