"""Pages that are made when they are first shown; until then not even their code is loaded."""

from importlib import import_module

from kivy.animation import Animation
from kivy.clock import Clock
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.viewmodels.models import Models

# Each place's page, and the model it is drawn from.
PAGES = {
    "enrol": ("EnrolPage", "enrol"),
    "home": ("HomePage", "code"),
    "code": ("CodePage", "code"),
    "challenge": ("ChallengePage", "challenge"),
    "wallet": ("WalletPage", "wallet"),
    "me": ("MePage", "me"),
    "sign_in": ("SignInPage", "sign_in"),
    "devices": ("DevicesPage", "devices"),
    "paper": ("PaperPage", "paper"),
    "data_use": ("DataUsePage", "data_use"),
    "card_loss": ("CardLossPage", "card_loss"),
    "rights": ("RightsPage", "rights"),
    "notices": ("NoticesPage", "notices"),
    "consents": ("ConsentsPage", "consents"),
    "data_copy": ("DataCopyPage", "data_copy"),
    "closing": ("ClosingPage", "closing"),
    "corrections": ("CorrectionsPage", "corrections"),
    "register": ("RegisterPage", "register"),
    "venues": ("VenuesPage", "venues"),
    "book": ("BookPage", "book"),
    "bookings": ("BookingsPage", "bookings"),
    "pass": ("PassPage", "passes"),
    "shop": ("ShopPage", "shop"),
    "voucher": ("VoucherPage", "voucher"),
    "library": ("LibraryPage", "library"),
    "stored_value": ("StoredValuePage", "stored_value"),
    "subsidies": ("SubsidiesPage", "subsidies"),
    "rating": ("RatingPage", "rating"),
    "recommendations": ("RecommendationsPage", "recommendations"),
    "exams": ("ExamsPage", "exams"),
    "records": ("RecordsPage", "records"),
    "attendance": ("AttendancePage", "attendance"),
    "safe_check": ("FamilyPage", "safe_check"),
    "licences": ("FamilyPage", "licences"),
    "payment": ("PaymentPage", "payment"),
    "family": ("FamilyPage", "family"),
    "timeline": ("TimelinePage", "timeline"),
    "services": ("ServicesPage", "services"),
    "call_family": ("FamilyPage", "call_family"),
    "payout": ("FamilyPage", "payout"),
    "help": ("HelpPage", "help"),
    "guides": ("GuidesPage", "guides"),
}
_FOLDERS = {
    "pass": "passes",
    "call_family": "family",
    "payout": "family",
    "safe_check": "family",
    "licences": "family",
}  # where a page has no package of its name
_FADE_SECONDS = 0.15
_GUIDE_AFTER_START = 1.0  # seconds


class LazyScreens(BoxLayout):
    """Shows one page at a time and keeps those made so far."""

    def __init__(self, models: Models) -> None:
        super().__init__()
        self._models = models
        self._pages: dict[str, Page] = {}
        self.page: Page | None = None

    def show(self, name: str) -> Page:
        """Bring the page of that name to the front and return it."""
        page = self._pages.get(name) or self._make(name)
        if page is not self.page:
            page.open()
            if self.page is not None:
                Animation.cancel_all(self.page)
                self.remove_widget(self.page)
                page.opacity = 0
                Animation(opacity=1, duration=_FADE_SECONDS).start(page)
            self.add_widget(page)
            self.page = page
        return page

    def _make(self, name: str) -> Page:
        page_class, model = PAGES[name]
        module = import_module(f"mobile.ui.screens.{_FOLDERS.get(name, name)}.screen")
        page: Page = getattr(module, page_class)(
            models=self._models, model=getattr(self._models, model)
        )
        if self._pages:
            _end_with_guide(page, name)
        else:  # the start waits for nothing that is below what it shows
            Clock.schedule_once(lambda _: _end_with_guide(page, name), _GUIDE_AFTER_START)
        self._pages[name] = page
        return page


def _end_with_guide(page: Page, name: str) -> None:
    """Put the way to its guide under the page of a service."""
    from mobile.core.service_map import guided_service_at  # noqa: PLC0415, not before the code
    from mobile.ui.widgets.guide_link import GuideLink  # noqa: PLC0415, nor this

    item = guided_service_at(name)
    if item:
        GuideLink.put_under(page, item)
