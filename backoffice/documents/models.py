"""Documents, and the one-time marks of our forms. All times are UTC."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.actors import ActorKind, Channel
from backoffice.cases.models import Case, WorkItem
from backoffice.customers.models import Customer
from backoffice.references import new_reference
from backoffice.sealed import SealedTextField

MARK_LENGTH = 14
"""Characters of a mark with its check character: 63 bits."""


class Origin(models.TextChoices):
    MADE = "made", _("made by us")
    UPLOADED = "uploaded", _("sent by a customer")
    SCANNED = "scanned", _("scanned by the post room")


class DocumentState(models.TextChoices):
    KEPT = "kept", _("kept")
    QUARANTINED = "quarantined", _("refused")
    DELETED = "deleted", _("deleted after its time")


class MediaType(models.TextChoices):
    PDF = "application/pdf", "PDF"
    JPEG = "image/jpeg", "JPEG"
    PNG = "image/png", "PNG"


class Paper(models.TextChoices):
    """What kind of paper a scan shows, as the post room says when it adds the file."""

    FORM = "form", _("the form")
    EXTRACT = "extract", _("register extract")
    POWER = "power", _("power of attorney")
    IDENTITY = "identity", _("copy of an identity document")
    OTHER = "other", _("something else")


class DeletedFor(models.TextChoices):
    """Why the original of a copy of an identity document was deleted; empty where its longest time was over."""

    CHECKED = "checked", _("after both checks")
    CLOSED = "closed", _("when the case had ended")


class RefusedFor(models.TextChoices):
    """Why a file was not taken."""

    EMPTY = "empty", _("it is empty")
    TOO_LARGE = "too_large", _("it is too large")
    OTHER_TYPE = "other_type", _("it is neither a PDF nor a JPEG or PNG picture")
    POLYGLOT = "polyglot", _("it is two kinds of file at once")
    DAMAGED = "damaged", _("it is damaged")
    ENCRYPTED = "encrypted", _("it is locked with a password")
    ACTIVE = "active", _("it holds something that acts by itself")
    TOO_MANY_PAGES = "too_many_pages", _("it has too many pages")
    TOO_MANY_PIXELS = "too_many_pixels", _("the picture has too many pixels")
    TOO_COMPLEX = "too_complex", _("it takes too long to check")
    VIRUS = "virus", _("the virus scanner found something")


class Document(models.Model):
    """A file of a case or a customer. Its content lies under a random name in the storage, is written once and never
    changed. Of a file that was refused nothing is kept but its hash and why.

    `sha256` is that of what is kept, `received` of what came in: a picture is drawn anew. `purpose` is a code that the
    process gives. `made_by` is the opaque public id of the actor.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="documents", verbose_name=_("case")
    )
    item = models.ForeignKey(WorkItem, models.PROTECT, null=True, blank=True, related_name="documents")
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="documents", verbose_name=_("customer")
    )
    """Whose it is: nobody else but staff sees it. None for a document that all parties of its case may see."""
    origin = models.CharField(_("origin"), max_length=10, choices=Origin)
    purpose = models.CharField(_("purpose"), max_length=40)
    label = SealedTextField(_("name"), blank=True, default="")
    kind = models.CharField(_("kind of paper"), max_length=10, choices=Paper, blank=True, default="", db_default="")
    """Empty where nobody was asked for it."""
    redacts = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="renditions", editable=False
    )
    """The copy of an identity document of which this is what everybody else sees."""
    sha256 = models.CharField("SHA-256", max_length=64)
    received = models.CharField(max_length=64, blank=True, default="", editable=False)
    size = models.PositiveIntegerField(_("size"), default=0)
    """In bytes."""
    media_type = models.CharField(_("type"), max_length=20, choices=MediaType, blank=True)
    pages = models.PositiveSmallIntegerField(_("pages"), default=0)
    stored = models.CharField(max_length=80, blank=True, default="", editable=False)
    """Its name in the storage; empty where no content is kept."""
    state = models.CharField(_("state"), max_length=12, choices=DocumentState, default=DocumentState.KEPT)
    reason = models.CharField(_("reason"), max_length=20, choices=RefusedFor, blank=True, default="")
    made_at = models.DateTimeField(_("since"))
    made_by = models.CharField(max_length=40, blank=True)
    made_by_kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in ActorKind])
    channel = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Channel])
    read_mark = models.CharField(max_length=24, blank=True, default="", db_default="", editable=False)
    """The mark of one of our forms that was read on it, when it was added to a step that asks for such a form."""
    retain_until = models.DateTimeField(_("kept until"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)
    deleted_for = models.CharField(max_length=10, choices=DeletedFor, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        indexes = [
            models.Index(fields=["case", "made_at"], name="documents_of_case"),
            models.Index(fields=["retain_until"], condition=Q(state="kept"), name="documents_by_retention"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "item", "purpose", "sha256"],
                condition=Q(state="kept"),
                nulls_distinct=False,
                name="one_document_a_content",
            ),
            models.UniqueConstraint(fields=["stored"], condition=~Q(stored=""), name="one_document_a_file"),
            models.UniqueConstraint(fields=["redacts"], condition=Q(state="kept"), name="one_rendition_a_document"),
            models.CheckConstraint(
                condition=~Q(kind="identity", redacts=None, state="kept") | Q(retain_until__isnull=False),
                name="a_copy_of_an_identity_document_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(state="kept") & ~Q(stored="") & Q(reason="") | ~Q(state="kept") & Q(stored=""),
                name="only_kept_documents_have_content",
            ),
            models.CheckConstraint(
                condition=~Q(state="quarantined") | ~Q(reason=""), name="a_refused_document_says_why"
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def is_kept(self) -> bool:
        return self.state == DocumentState.KEPT

    @property
    def is_copy(self) -> bool:
        """Whether it is a copy of an identity document as it came, for the eyes of who checks it alone."""
        return self.kind == Paper.IDENTITY and self.redacts_id is None

    @property
    def numbers(self) -> range:
        """The numbers of its pages."""
        return range(1, self.pages + 1)


def new_mark() -> str:
    return new_reference(MARK_LENGTH - 1)


class Mark(models.Model):
    """The one-time mark of a form that we made. Whoever sends the form back proves by it which case and which version
    of the form they signed. It is used once."""

    code = models.CharField(_("mark"), max_length=24, unique=True, default=new_mark, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="marks", verbose_name=_("case"))
    purpose = models.CharField(_("purpose"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"))
    issued_at = models.DateTimeField(_("issued"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True)
    used_by = models.OneToOneField(Document, models.PROTECT, null=True, blank=True, related_name="mark")

    class Meta:
        verbose_name = _("mark of a form")
        verbose_name_plural = _("marks of forms")
        indexes = [models.Index(fields=["case", "purpose", "-version"], name="marks_of_case")]
        constraints = [
            models.UniqueConstraint(fields=["case", "purpose", "version"], name="one_mark_a_version"),
            models.CheckConstraint(
                condition=Q(used_at=None, used_by=None) | Q(used_at__isnull=False, used_by__isnull=False),
                name="a_used_mark_says_by_what",
            ),
        ]

    def __str__(self) -> str:
        return self.code
