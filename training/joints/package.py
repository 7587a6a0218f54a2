"""Fetches the hand-landmark networks: they are files of the npm package @mediapipe/hands
(Apache-2.0), taken with `npm pack` into a folder that git ignores."""
import os
import subprocess
import tarfile

PACKAGE = "@mediapipe/hands@0.4.1675469240"
CACHE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".cache")


def landmark_file(kind="lite", cache=CACHE):
    """Path of hand_landmark_{kind}.tflite (kind: lite or full), fetched once."""
    path = os.path.join(cache, f"hand_landmark_{kind}.tflite")
    if os.path.exists(path):
        return path
    os.makedirs(cache, exist_ok=True)
    packed = subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=cache, check=True,
                            capture_output=True, text=True).stdout.split()[-1]
    archive = os.path.join(cache, packed)
    with tarfile.open(archive) as tar:
        for name in ("lite", "full"):
            file = f"hand_landmark_{name}.tflite"
            with open(os.path.join(cache, file), "wb") as out:
                out.write(tar.extractfile(f"package/{file}").read())
    os.remove(archive)
    return path
