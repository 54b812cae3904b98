"""The window's pixels."""

from dataclasses import dataclass
from pathlib import Path

from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels
from kivy.graphics.texture import Texture


@dataclass(frozen=True, slots=True)
class Picture:
    """RGBA rows from the bottom up, as OpenGL gives them."""

    width: int
    height: int
    pixels: bytes

    def save(self, path: Path) -> None:
        """Write a PNG file."""
        texture = Texture.create(size=(self.width, self.height), colorfmt="rgba")
        texture.blit_buffer(self.pixels, colorfmt="rgba", bufferfmt="ubyte")
        texture.save(str(path), flipped=True)


def read_window() -> Picture:
    """Return what was drawn last; only right before the window swaps it away, or offscreen."""
    width, height = Window.system_size
    pixels = glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE)
    return Picture(width, height, bytes(pixels))
