"""Android's TextToSpeech. Not run on a phone yet."""

from typing import Any

from jnius import PythonJavaClass, autoclass, java_method

from shared.localized_text import Language

_SUCCESS = 0


class AndroidSpeech:
    """The phone's chosen voice; it loads in the background, until then nothing is said."""

    def __init__(self) -> None:
        self._ready = _ReadyListener()
        activity = autoclass("org.kivy.android.PythonActivity").mActivity
        self._voice: Any = autoclass("android.speech.tts.TextToSpeech")(activity, self._ready)

    def say(self, text: str, language: Language) -> bool:
        """Start to say `text`; False while the voice is not there."""
        if not self._ready.done:
            return False
        locale = autoclass("java.util.Locale")
        self._voice.setLanguage(locale.CHINA if language == "zh" else locale.US)
        flush = autoclass("android.speech.tts.TextToSpeech").QUEUE_FLUSH
        return bool(self._voice.speak(text, flush, None, "screen") == _SUCCESS)

    def hush(self) -> None:
        """Stop the voice."""
        self._voice.stop()


class _ReadyListener(PythonJavaClass):  # type: ignore[misc]
    __javainterfaces__ = ("android/speech/tts/TextToSpeech$OnInitListener",)
    __javacontext__ = "app"

    def __init__(self) -> None:
        super().__init__()
        self.done = False

    @java_method("(I)V")  # type: ignore[untyped-decorator]
    def onInit(self, status: int) -> None:  # noqa: N802, the name is Java's
        self.done = status == _SUCCESS
