"""Opening pictures as people see them: turned as a camera's EXIF orientation says, RGB of 8 bits, what is transparent black."""
import numpy as np
from PIL import Image, ImageOps

ORIENTATION = 0x0112


class Unreadable(OSError):
    """A picture that no decoder reads; its message says which and what to do."""


def open_upright(path, longest=None):
    """The picture as RGB. `longest`, px: a JPEG may be decoded smaller, its longer side at least that."""
    try:
        with Image.open(path) as image:
            if longest:
                image.draft("RGB", (longest, longest))
            return _rgb(ImageOps.exif_transpose(image) if _orientation(image) > 1 else image)
    except Exception as error:  # decoders raise all kinds
        raise unreadable(path, error) from error


def upright_size(path):
    """(width, height) of open_upright, from the file's header."""
    try:
        with Image.open(path) as image:
            return image.size[::-1] if _orientation(image) >= 5 else image.size
    except Exception as error:
        raise unreadable(path, error) from error


def unreadable(path, error):
    # No SystemExit: a process that makes samples would end by it without a word.
    reason = " ".join(str(error).split())  # one line, by which files.in_words finds it
    return Unreadable(f"{path} cannot be read as a picture ({reason}). Replace it, or take it out of the data.")


def _orientation(image):
    """1 to 8. Of a PNG only what stands before its pixels: Pillow would decode all of it to find what stands after."""
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    found = image.getexif().get(ORIENTATION, 1)
    return found if found in range(1, 9) else 1


def _rgb(image):
    if image.mode.startswith("I"):  # grey of 16 bits, which convert() would cut off at 255
        return Image.fromarray((np.asarray(image) / 257).round().clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        picture = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, (0, 0, 0, 255)), picture).convert("RGB")
    return image.convert("RGB")
