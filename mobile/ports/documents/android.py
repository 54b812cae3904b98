"""Android: the user chooses the place (Storage Access Framework). Not run on a phone yet.

No permission is needed: the app may write the one file that the user named.
"""

from jnius import JavaException, autoclass

from mobile.ports.android_activity import ask_activity
from mobile.ports.documents import NotSaved

_REQUEST = 4201


class AndroidDocuments:
    """Asks for a place and writes there."""

    async def save(self, name: str, media_type: str, content: bytes) -> str:
        """Save where the user chose; empty when they went back."""
        intents = autoclass("android.content.Intent")
        intent = intents(intents.ACTION_CREATE_DOCUMENT)
        intent.addCategory(intents.CATEGORY_OPENABLE)
        intent.setType(media_type)
        intent.putExtra(intents.EXTRA_TITLE, name)
        answer = await ask_activity(intent, _REQUEST)
        if answer is None:
            return ""
        resolver = autoclass("org.kivy.android.PythonActivity").mActivity.getContentResolver()
        try:
            stream = resolver.openOutputStream(answer.getData())
            stream.write(content)
            stream.close()
        except JavaException as error:
            raise NotSaved(type(error).__name__) from error
        return name
