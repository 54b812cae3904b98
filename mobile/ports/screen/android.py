"""Android: night mode, brightness and wakefulness of the app's window. Not run on a phone yet."""

from android.runnable import run_on_ui_thread
from jnius import autoclass

_FULL = 1.0
_AS_THE_PHONE_HAS_IT = -1.0


class AndroidScreen:
    """Sets the attributes of the activity's window, which end with the app."""

    def is_dark(self) -> bool:
        """Tell whether the phone is in its night mode."""
        activity = autoclass("org.kivy.android.PythonActivity").mActivity
        configuration = autoclass("android.content.res.Configuration")
        night = activity.getResources().getConfiguration().uiMode & configuration.UI_MODE_NIGHT_MASK
        return bool(night == configuration.UI_MODE_NIGHT_YES)

    def show_code(self) -> None:
        """Full brightness, and stay awake."""
        _set_window(_FULL, keep_on=True)

    def rest(self) -> None:
        """Give both back."""
        _set_window(_AS_THE_PHONE_HAS_IT, keep_on=False)


@run_on_ui_thread  # type: ignore[untyped-decorator]
def _set_window(brightness: float, *, keep_on: bool) -> None:
    window = autoclass("org.kivy.android.PythonActivity").mActivity.getWindow()
    attributes = window.getAttributes()
    attributes.screenBrightness = brightness
    window.setAttributes(attributes)
    flag = autoclass("android.view.WindowManager$LayoutParams").FLAG_KEEP_SCREEN_ON
    if keep_on:
        window.addFlags(flag)
    else:
        window.clearFlags(flag)
