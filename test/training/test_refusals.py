"""What would spoil a run without a word is refused in a sentence: mixed letters, mixed folds, boxes in pixels, misspelt names."""
import contextlib
import csv
import io
import os
import shutil
import unittest
from unittest import mock

import pictures
import numpy as np
import torch
from PIL import Image

import average
import calibrate
import crossval
import curves
import dump
import joints_mlp
import manifest
import train
import tutorial_splits
from checkpoint import last_checkpoint, load_state
from dataset import attach_soft, dropped_paths, judged_splits, manifest_rows, read_joints, read_pictures, require_same_labels, signers_of
from files import folder_for, in_words, read_arrays, read_json
from layers import fits, fitting, layers_of, load_architecture
from joints import label
from morph import Judge


class Refusals(pictures.WithFolder):
    copies = 0

    def copy(self, change=lambda text: text, file="manifest.csv", labels=()):
        """A copy of the data folder with a file changed and labels of its own."""
        Refusals.copies += 1
        folder = self.path(f"copy-{Refusals.copies}")
        shutil.copytree(self.data, folder)
        with open(os.path.join(folder, file), newline="", encoding="utf-8") as source:
            text = source.read()
        with open(os.path.join(folder, file), "w", newline="", encoding="utf-8") as target:
            target.write(change(text))
        if labels:
            self.write(os.path.join(folder, "labels.txt"), "\n".join(labels))
        return folder

    def write(self, path, text):
        with open(self.path(path), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(path)

    def given(self, out, *more, data=None):
        return ["--data", data or self.data, "--out", self.path(out), "--arch", self.table, "--batch", "32", "--workers", "0",
                "--device", "cpu", "--threads", "1", *more]

    def trained(self, out, *more, data=None):
        with contextlib.redirect_stdout(io.StringIO()) as told:
            run = train.main(self.given(out, "--samples", "32", *more, data=data))
        return run, told.getvalue()

    def refused(self, sentence, function, *arguments):
        """The function ends with the sentence, as a script or its parser would."""
        with contextlib.redirect_stderr(io.StringIO()) as told, contextlib.redirect_stdout(io.StringIO()), \
                self.assertRaises(SystemExit) as ended:
            function(*arguments)
        self.assertRegex(f"{ended.exception} {told.getvalue()}", sentence)

    # Letters

    def test_a_run_is_not_resumed_with_letters_in_another_order(self):
        self.trained("ordered", data=self.copy(labels="ab"))
        checkpoint = last_checkpoint(self.path("ordered"))
        self.refused("letters a b, the data of b a", train.main,
                     self.given("further", "--samples", "64", "--resume", checkpoint, data=self.copy(labels="ba")))
        mean = self.path("ordered/mean.pt")
        average.main([mean, f"{checkpoint}=1"])
        self.assertEqual((last_checkpoint(self.path("ordered")), last_checkpoint(self.path("ordered"), True)), (mean, checkpoint))
        self.refused("Give it to --weights", train.main, self.given("further", "--samples", "64", "--resume", mean))

    def test_what_was_made_of_other_letters_is_not_used(self):
        ordered, other, more = (self.copy(labels=labels) for labels in ("ab", "ba", "abc"))
        opinions, judge = self.path("opinions.npz"), self.path("judge.npz")
        with contextlib.redirect_stdout(io.StringIO()):
            joints_mlp.main(["--data", ordered, "--oof", opinions, "--judge", judge, "--epochs", "1"])
        found = read_pictures(ordered, "train")
        attach_soft(found, ordered, [opinions])
        self.assertTrue(any(p.soft is not None for p in found))
        Judge(judge, labels=("a", "b"))
        for folder in (other, more):
            self.refused("labels.txt that it was made with", attach_soft, read_pictures(folder), folder, [opinions])
        self.refused("labels.txt that it was made with", lambda: Judge(judge, labels=("b", "a")))
        arrays = read_arrays(opinions, "paths")
        del arrays["labels"]  # as files were before they held their labels
        np.savez(opinions, **arrays)
        attach_soft(found, ordered, [opinions])
        self.refused("4 outputs a picture", attach_soft, read_pictures(more), more, [opinions])
        np.savez(opinions, **{**arrays, "paths": np.array([f"elsewhere/{p}" for p in arrays["paths"]])})
        self.refused("no opinion of any train picture", attach_soft, read_pictures(ordered), ordered, [opinions])

    def test_folds_of_other_letters_are_not_calibrated_on(self):
        os.makedirs(self.path("strange"))
        np.savez(self.path("strange/fold0.npz"), paths=np.array(["train/ann/a/0000.jpg"]), logits=np.zeros((1, 3)), labels=["b", "a"])
        self.refused("letters b a", calibrate.left_out, self.copy(labels="ab"), self.path("strange"))
        self.assertIsNone(require_same_labels(np.array(["a"]).tolist(), ("a",), "it"))

    # Folds

    def crossval(self, out, *more, data=None):
        with contextlib.redirect_stdout(io.StringIO()):
            crossval.main(["--data", data or self.data, "--out", self.path(out), "--json", self.path(f"{out}/new/crossval.json"),
                           "--samples", "32", "--folds", "2", "--arch", self.table, "--batch", "32", "--workers", "0", "--device", "cpu",
                           *more])

    def test_a_cross_validation_goes_on_with_its_own_pictures_and_options_alone(self):
        other = "take another --out"
        self.refused("batch", self.crossval, "folds", "--batch", "0")  # nothing has begun: the options may be mended
        self.crossval("folds", "--threads", "1")
        self.crossval("folds", "--threads", "2")
        for more in (("--opinions",), ("--samples", "64"), ("--folds", "3"), ("--smoothing", "0.1")):
            self.refused(other, self.crossval, "folds", *more)
        person = self.copy(lambda text: text.replace(",train,b,ann", ",train,b,eve"))
        before = os.path.join(self.path("folds"), "options.json")
        os.remove(before)  # as folders were before they held their options
        self.refused(other, lambda: self.crossval("folds", data=person))
        self.crossval("folds")

    # People and lists

    def test_a_misspelt_person_or_list_is_refused(self):
        self.refused("no signer Nobody", train.main, self.given("never", "--samples", "32", "--leave-out", "ann,Nobody"))
        self.refused("no file .*nope.csv", train.main, self.given("never", "--samples", "32", "--keep-out", self.path("nope.csv")))
        self.assertEqual(signers_of("", self.data), set())
        self.refused("who is in", read_pictures, self.copy(lambda text: text.replace(",ann,", ",,")))

    def test_paths_are_compared_in_one_form(self):
        dotted = self.copy(lambda text: text.replace("train/", "./train//"))
        self.assertTrue(all(p.joints is not None for p in read_pictures(dotted, "train") if p.has_hand))
        kept_out = self.write("kept-out.csv", "path\n./train/ann/a/0000.jpg\n")
        run, told = self.trained("dotted", "--keep-out", kept_out, data=dotted)
        self.assertEqual(len(run.pictures), len(read_pictures(self.data, "train")) - 1)
        for what in ("ann, bob in train and in dev", "no train pictures of c d e"):
            self.assertIn(what, told)

    def test_the_list_of_wrong_labels_holds_for_the_data_that_it_was_made_of(self):
        rows = manifest_rows(self.data)
        theirs = self.write("theirs.csv", "path,label\ntrain/ann/a/9999.jpg,a\n")
        other = self.write("others.csv", "path,label\ntrain/ann/a/0001.jpg,a\ntrain/zoe/a/0001.jpg,a\n")
        self.assertEqual(dropped_paths(self.data, rows, theirs), {"train/ann/a/9999.jpg"})
        self.assertEqual(dropped_paths(self.data, rows, other), set())
        own = self.copy()
        self.write(os.path.join(own, "dropped.csv"), "path\ntrain/ann/a/0002.jpg\n")
        self.assertEqual(len(read_pictures(own)), len(rows) - 1)

    # Manifest and joints

    def test_a_box_is_in_fractions(self):
        with_box = lambda box: self.copy(lambda text: text.replace("train,a,ann,,,,", f"train,a,ann,{box}", 1))
        self.assertIsNotNone(read_pictures(with_box("-0.5,0,1,2.06")))
        for box in ("12,20,50,60", "0.5,0.5,0.2,0.9", "0.1,0.1,0.1,0.9", "0.1,0.2,0.9,", "0,0,nan,1", "x,0,1,1"):
            self.refused(f"the box {box}: .*fractions", read_pictures, with_box(box))
            self.assertIsNotNone(read_pictures(with_box(box), "dev"))  # which has none such

    def test_a_manifest_that_is_none_is_named(self):
        bare = self.copy()
        os.remove(os.path.join(bare, "manifest.csv"))
        self.refused("no manifest.csv in", read_pictures, bare)
        self.refused("no folder", read_pictures, self.path("nowhere"))
        self.refused("no column path, letter", read_pictures, self.copy(lambda text: text.replace(",", ";")))
        self.refused("Line 3 .* no letter", read_pictures, self.copy(lambda text: text.replace(",train,a,ann,,,,", ",train", 2)
                                                                      .replace(",train\r", ",train,a,ann\r", 1)))
        with open(os.path.join(bare, "manifest.csv"), "w", encoding="utf-16") as file:
            file.write("path,split,letter,signer\n")
        self.refused("no CSV in UTF-8", read_pictures, bare)

    def test_other_splits_are_judged_and_not_trained_on(self):
        held = self.copy(lambda text: text.replace(",dev,", ",test,"))
        self.assertEqual(judged_splits(held), {"test"})
        self.assertEqual({p.split for p in read_pictures(held, judged_splits(held))}, {"test"})
        self.refused("split 'test'", read_pictures, held, "train")
        both = self.copy(lambda text: text.replace(",dev,b,", ",test,b,"))
        self.assertEqual(judged_splits(both), {"dev"})

    def test_joints_of_hands_that_were_not_found_may_be_missing(self):
        lines = lambda text: text.splitlines(True)
        without = self.copy(lambda text: "".join([*lines(text)[:1], f"train/x.jpg,0,{',' * 63}\r\n", *lines(text)[1:]]), "joints.csv")
        self.assertEqual(len(read_joints(without)[0]), len(read_joints(self.data)[0]))

    def test_joints_may_have_blank_lines_and_a_cut_one_is_named(self):
        count = len(read_joints(self.data)[0])
        self.assertEqual(len(read_joints(self.copy(lambda text: text.replace("\n", "\n\r\n", 3), "joints.csv"))[0]), count)
        self.assertEqual(read_joints(self.copy(lambda text: "", "joints.csv"))[0], {})
        self.refused("Line 97 .*joints.csv", read_joints, self.copy(lambda text: text[:-40], "joints.csv"))

    def test_a_manifest_is_made_of_pictures_alone(self):
        folder = self.path("found")
        picture = os.path.join(self.data, "train/ann/a/0000.jpg")
        for name in ("train/ann/.hidden/1.jpg", "train/ann/a /1.jpg", "train/ann/a /._1.jpg", "train/ann/a /1.txt", "train/1.jpg"):
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            shutil.copy(picture, os.path.join(folder, name))
        os.symlink(os.path.join(self.data, "dev/bob"), os.path.join(folder, "train/bob"))
        os.symlink(folder, os.path.join(folder, "train/loop"))
        rows, passed_over = manifest.rows_of(folder)
        self.assertEqual({(row["signer"], row["letter"]) for row in rows}, {("ann", "a"), ("bob", "a"), ("bob", "b"), ("bob", "none")})
        self.assertGreaterEqual(passed_over, 2)
        os.rename(os.path.join(folder, "train/ann/a "), os.path.join(folder, "train/ann/None"))
        self.refused("named None: write none", manifest.rows_of, folder)

    def test_pictures_that_cannot_be_read_do_not_end_the_labelling(self):
        folder = self.copy()
        os.remove(os.path.join(folder, "joints.csv"))
        open(os.path.join(folder, "train/ann/a/0000.jpg"), "w").close()

        class Labeller:
            def __init__(self, path):
                pass

            def label(self, image, box):
                return 0.9, 1.0, np.zeros((21, 3), np.float32)

        with mock.patch.object(label, "Labeller", Labeller), mock.patch.object(label, "landmark_file"):
            self.refused("0000.jpg cannot be read as a picture(.|\n)*1 could not be read", label.label_folder, folder)
            self.assertEqual(len(read_joints(folder)[0]), len(read_joints(self.data)[0]) - 1)

    # Options and files

    def test_a_model_that_learned_no_joints_gives_no_hand(self):
        bare = self.copy()
        os.remove(os.path.join(bare, "joints.csv"))
        box = lambda text: text.replace(",ann,,,,", ",ann,0.1,0.1,0.9,0.9").replace("none,ann,0.1,0.1,0.9,0.9", "none,ann,,,,")
        with open(os.path.join(bare, "manifest.csv"), encoding="utf-8") as file:
            text = file.read()
        self.write(os.path.join(bare, "manifest.csv"), box(text))
        _, told = self.trained("bare", data=bare)
        self.assertIn("letters and no hand", told)
        found = dump.dump(last_checkpoint(self.path("bare")), self.path("bare-dump"), bare, 4)
        self.assertEqual((found["outputs"], found["parity"]["joints"]), (["letters"], None))
        self.assertNotIn("joints", {layer["name"] for layer in found["layers"]})
        state = load_state(last_checkpoint(self.path("bare")))
        self.assertFalse(state.pop("joints_learned"))
        torch.save(state, self.path("older.pt"))  # as checkpoints were before they said so
        self.assertEqual(dump.dump(self.path("older.pt"), self.path("older-dump"))["outputs"], ["letters", "joints"])

    def test_options_that_cannot_be_are_refused(self):
        sentences = {("--samples", "0"): "above 0", ("--batch", "0"): "above 0", ("--minutes", "-1"): "above 0",
                     ("--size", "30"): "does not fit.*28 or 31", ("--arch", "nope"): "nope is no architecture.*hand-trunk",
                     ("--init", "nope.tflite"): "no file nope", ("--judge", "nope"): "no file nope",
                     ("--teacher", "nope"): "no file nope"}
        for given, sentence in sentences.items():
            self.refused(sentence, train.arguments, self.given("never", *given))
        for given, sentence in {("--device", "nonsense"): "no device", ("--resume", "99.pt"): "no checkpoint at 99.pt",
                                ("--soft", "nope"): "no file nope", ("--weights", self.table): "as a checkpoint",
                                ("--teacher", self.table): "as a checkpoint",
                                ("--init", self.table): "no landmark network"}.items():
            self.refused(sentence, train.main, self.given("never", "--samples", "32", *given))
        layers = layers_of(load_architecture("hand-trunk"))
        self.assertEqual([fits(layers, side) for side in (50, 128, 160, 192, 224)], [False, True, True, True, True])
        self.assertEqual(fitting(layers, 50), [48, 51])

    def test_a_dump_takes_a_temperature_or_a_calibration(self):
        for given, sentence in ((("--calibration", "c.json", "--temperature", "3"), "not allowed with"),
                                (("--temperature", "0"), "above 0"), (("--calibration", "nope"), "no file nope")):
            with mock.patch("sys.argv", ["dump.py", "any.pt", self.path("out"), *given]):
                self.refused(sentence, dump.main)

    def test_pictures_that_teach_no_letter_are_refused(self):
        for word in (",train,", ",a,", ",b,"):
            data = self.copy(lambda text: "".join(line for line in text.splitlines(True) if word not in line)) if word == ",train," else \
                self.copy(lambda text: text.replace(",a,", ",none,").replace(",b,", ",other,"))
            self.refused("no train picture of a letter", train.main, self.given("never", "--samples", "32", data=data))

    def test_a_broken_picture_ends_a_run_with_its_name(self):
        data = self.copy()
        for letter in ("a", "b"):
            for i in range(12):
                open(os.path.join(data, f"train/ann/{letter}/{i:04d}.jpg"), "w").close()
        for workers in ("0", "1"):
            self.refused(r"^\S+jpg cannot be read as a picture", in_words,
                         lambda: train.main(self.given(f"broken-{workers}", "--samples", "32", "--workers", workers, data=data)))

    def test_files_that_are_none_are_named(self):
        text = self.write("text.csv", "path\n")
        for sentence, function, arguments in (
                ("as a checkpoint", load_state, (text,)), ("no JSON file with temperature", read_json, (text, "temperature")),
                ("as an .npz file", read_arrays, (text, "paths")), ("is no folder", folder_for, (os.path.join(text, "x.json"),)),
                ("no share", average.main, ([self.path("mean.pt"), f"{text}=x"],)), ("no file", curves.main, (["out.svg", "a=nope"],)),
                ("nothing", average.main, ([self.path("mean.pt"), f"{text}=0"],)), ("Draws", curves.main, ([],)),
                ("neither", dump.require_pictures, (self.scratch.name,)),
                ("ann, bob", tutorial_splits.main, (["--data", self.data, "--out", self.path("s"), "--json", self.path("s.json")],))):
            self.refused(sentence, function, *arguments)


if __name__ == "__main__":
    unittest.main()
