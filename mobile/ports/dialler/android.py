"""Android: the phone's own telephone app, the number filled in. Not run on a phone yet.

It takes no permission: the user presses the call key.
"""

from jnius import JavaException, autoclass

from mobile.ports.dialler import NoDialler


class AndroidDialler:
    """Opens the telephone app."""

    def dial(self, number: str) -> None:
        """Put the number before the user."""
        intent = autoclass("android.content.Intent")
        address = autoclass("android.net.Uri").parse(f"tel:{number}")
        try:
            autoclass("org.kivy.android.PythonActivity").mActivity.startActivity(
                intent(intent.ACTION_DIAL, address)
            )
        except JavaException as error:
            raise NoDialler(str(error)) from error
