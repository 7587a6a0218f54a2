"""Files that people name: read, or refused in one sentence."""
import csv
import json
import os
import posixpath

import numpy as np

from upright import Unreadable


def normal(path):
    """A path of a list, as all lists are compared: without "./" and doubled slashes."""
    return posixpath.normpath(path)


def require_folder(path):
    if not os.path.isdir(path):
        raise SystemExit(f"There is no folder {path}.")


def require_file(path):
    if not os.path.isfile(path):
        raise SystemExit(f"There is no file {path}.")


def folder_for(path):
    """Makes the folder of a file that is written at the end: hours may lie before it."""
    folder = os.path.dirname(os.path.abspath(path))
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise SystemExit(f"{path} cannot be written: {folder} is no folder and cannot be made one ({error.strerror}).") from None
    if os.path.isdir(path):
        raise SystemExit(f"{path} is a folder: name a file in it.")


def csv_rows(path):
    """The rows of a CSV that are not blank, as (number of the line, cells). Spreadsheets begin such a file with a byte order mark."""
    require_file(path)
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error):
        raise SystemExit(f"{path} is no CSV in UTF-8: save it as such, with commas.") from None


def read_json(path, *keys):
    """An object that has these keys."""
    require_file(path)
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except ValueError:
        found = None
    missing = [key for key in keys if not isinstance(found, dict) or key not in found]
    if missing or found is None:
        raise SystemExit(f"{path} is no JSON file with {' and '.join(keys) or 'anything'} in it.")
    return found


def read_arrays(path, *keys):
    """{name: array} of an .npz that has these arrays."""
    require_file(path)
    try:
        with np.load(path) as stored:
            found = {name: stored[name] for name in stored.files}
    except Exception as error:  # NumPy raises all kinds
        raise SystemExit(f"{path} cannot be read as an .npz file ({error}).") from None
    if any(key not in found for key in keys):
        raise SystemExit(f"{path} is an .npz file without {' and '.join(key for key in keys if key not in found)}.")
    return found


def in_words(main):
    """Runs a script; of a picture that cannot be read it says which, without where in the program."""
    try:
        main()
    except Unreadable as error:  # a DataLoader's process puts its traceback before the sentence
        raise SystemExit(str(error).strip().splitlines()[-1].rpartition("Unreadable: ")[2]) from None
