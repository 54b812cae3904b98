"""A desktop's voice: espeak-ng, where it is installed."""

import shutil
import subprocess

from shared.localized_text import Language

_VOICES = {"zh": "cmn", "en": "en"}
_WORDS_A_MINUTE = "150"


class DesktopSpeech:
    """Runs one `espeak-ng` at a time; the text goes in by its standard input."""

    def __init__(self) -> None:
        self._program = shutil.which("espeak-ng")
        self._speaking: subprocess.Popen[bytes] | None = None

    def say(self, text: str, language: Language) -> bool:
        """Start to say `text`; False without espeak-ng."""
        self.hush()
        if self._program is None:
            return False
        self._speaking = subprocess.Popen(  # noqa: S603, the program is the one on PATH
            [self._program, "-v", _VOICES[language], "-s", _WORDS_A_MINUTE, "--stdin"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if self._speaking.stdin is not None:
            self._speaking.stdin.write(text.encode())
            self._speaking.stdin.close()
        return True

    def hush(self) -> None:
        """End the running voice."""
        if self._speaking is not None:
            self._speaking.terminate()
            self._speaking.wait()
            self._speaking = None
