"""Fetches the hand-landmark networks: they are files of the npm package @mediapipe/hands
(Apache-2.0), taken with `npm pack` into a folder that git ignores."""
import os
import subprocess
import tarfile
import tempfile

PACKAGE = "@mediapipe/hands@0.4.1675469240"
CACHE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".cache")


def landmark_file(kind="lite", cache=CACHE):
    """Path of hand_landmark_{kind}.tflite (kind: lite or full), fetched once."""
    path = os.path.join(cache, f"hand_landmark_{kind}.tflite")
    if os.path.exists(path):
        return path
    os.makedirs(cache, exist_ok=True)
    # In a folder of its own, and put in place whole: several runs may begin at once.
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        done = subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"npm pack {PACKAGE} failed: {done.stderr.strip() or 'it does not say why'}")
        packed = done.stdout.split()[-1]
        with tarfile.open(os.path.join(folder, packed)) as tar:
            for name in (f"hand_landmark_{k}.tflite" for k in ("lite", "full")):
                with open(os.path.join(folder, name), "wb") as out:
                    out.write(tar.extractfile(f"package/{name}").read())
                os.replace(os.path.join(folder, name), os.path.join(cache, name))
    return path
