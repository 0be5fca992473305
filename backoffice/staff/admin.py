"""Accounts of staff in the admin, for administrators. The admin's own sign-in goes through allauth."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Channel
from backoffice.refusals import Invalid, Refused
from backoffice.staff.models import Role, StaffProfile, User
from backoffice.staff.portraits import drop, portrait_of
from backoffice.staff.read_only import OwnFilters
from backoffice.staff.roles import actor_of, assign
from backoffice.text_fields import KeptTexts

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.unregister(Group)
"""Groups are roles, and roles are defined in code: `roles.py`."""


class StaffProfileForm(KeptTexts, forms.ModelForm):  # type: ignore[type-arg]
    """An uploaded photo is drawn anew before it is kept."""

    class Meta:
        model = StaffProfile
        fields = ["badge_number", "phone_extension", "photo", "certified_visitor", "certified_until"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.photo_before = str(self.instance.photo.name or "")

    def clean_photo(self) -> object:
        photo = self.cleaned_data["photo"]
        if not isinstance(photo, UploadedFile):
            return photo
        try:
            return portrait_of(photo, size=photo.size or 0)
        except Invalid as invalid:
            raise ValidationError(invalid.sentence) from None


class UserForm(KeptTexts, UserChangeForm):  # type: ignore[type-arg]
    """An account, whose names are kept as all texts are."""


class NewUserForm(KeptTexts, AdminUserCreationForm):  # type: ignore[type-arg]
    """The same for a new account."""


class StaffProfileInline(admin.StackedInline):  # type: ignore[type-arg]
    model = StaffProfile
    form = StaffProfileForm
    can_delete = False
    extra = 0


@admin.register(User)
class UserAdmin(OwnFilters[User], DjangoUserAdmin):  # type: ignore[type-arg]
    """Nobody can make a superuser here, or change their own roles."""

    form = UserForm
    add_form = NewUserForm
    list_display = ["username", "first_name", "last_name", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_active", "groups"]
    inlines = [StaffProfileInline]
    actions = None
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name")}),
        (_("What the account may do"), {"fields": ("is_active", "is_staff", "groups")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = []

    def get_queryset(self, request: HttpRequest) -> Any:
        """Only superusers see superusers, and nobody sees the accounts of customers: the list would name them."""
        found = super().get_queryset(request).filter(customer__isnull=True)
        return found if request.user.is_superuser else found.filter(is_superuser=False)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The roles are boxes to tick: one press each, by mouse, key or thumb."""
        if db_field.name == "groups":
            kwargs |= {"widget": forms.CheckboxSelectMultiple(), "label": _("Roles"), "help_text": ""}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        own = ["is_active", "is_staff", "groups"] if obj is not None and obj.pk == request.user.pk else []
        return [*super().get_readonly_fields(request, obj), *own]

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return ((None, {"fields": ("username",)}), *fieldsets[1:])

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        return [StaffProfileInline] if obj is not None and obj.is_staff else []

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are switched off and never deleted, because timelines show their names."""
        return False

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        for profile in formset.forms:
            if isinstance(profile, StaffProfileForm) and "photo" in profile.changed_data:
                drop(profile.photo_before)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        groups = form.cleaned_data.pop("groups", None)
        super().save_related(request, form, formsets, change)
        if groups is None or set(groups) == set(form.instance.groups.all()):
            return
        try:
            by = actor_of(user=request.user, channel=Channel.DESK, request=request)
            assign(user=form.instance, roles=[Role(group.name) for group in groups], by=by)
        except Refused as refused:
            messages.error(request, refused.sentence)
