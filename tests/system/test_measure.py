#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# ctest: unit
# seconds: 20
"""packaging/model/measure and the made-up mail, on a corpus of a few messages: with a program in place of clawback that
keeps what it was fitted to and asked about, so that what is checked is who judges whom, and that counts are right."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MODEL = ROOT / "packaging/model"
sys.path.insert(0, str(MODEL))
import make_mail  # noqa: E402

# learn: the labels are the model. classify: a message says itself what it is called.
PROGRAM = '''#!/usr/bin/env python3
import json, os, sys
words = sys.argv[2:]
if sys.argv[1] == "learn":
    options = dict(zip(words[:4:2], words[1:4:2]))
    open(options["--out"], "w").write(open(options["--labels"]).read())
else:
    model = open(words[words.index("--model") + 1]).read()
    fitted = [line.split("\\t")[0] for line in model.splitlines()]
    for file in words[words.index("--model") + 2:]:
        text = open(file).read()
        with open(os.environ["SEEN"], "a") as seen:
            seen.write(json.dumps({"file": file, "fitted": fitted, "text": text}) + "\\n")
        called = text.split("called: ")[1].split()[0]
        reason = {"NONE": [], "SPAM": [{"reason": "model-spam", "weight": 0.7}], "SPOOF": [{"reason": "link-text-mismatch", "weight": 0.6}]}[called]
        print(json.dumps({"disposition": called, "score": 0, "findings": reason}))
'''


class Measured(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.corpus = cls.folder / "corpus"
        program = cls.folder / "clawback"
        program.write_text(PROGRAM)
        program.chmod(0o755)
        cls.environment = {**os.environ, "CLAWBACK": str(program), "SEEN": str(cls.folder / "seen")}
        lines = ["path\tlabel\tsource\tdate"]
        for label, source, count, called in (("ham", "dsn", 12, "NONE"), ("ham", "list-usrp", 8, "SPAM"), ("spam", "sa-spam-1", 10, "SPAM"), ("phish", "phishpot", 10, "SPOOF")):
            (cls.corpus / label / source).mkdir(parents=True)
            for i in range(count):
                path = f"{label}/{source}/{i}.eml"
                (cls.corpus / path).write_text(f"From: a@b.example\nX-Mark: kept?\n\tfolded\nSubject: x\n\ncalled: {called}\n")
                lines.append(f"{path}\t{label}\t{source}\t20{i:02}-01-01")
        (cls.corpus / "labels.tsv").write_text("\n".join(lines) + "\n")
        cls.shipped = cls.measure()
        cls.whole = cls.measure("--whole", "--folds", "3")

    @classmethod
    def measure(cls, *options):
        (cls.folder / "seen").write_text("")
        done = subprocess.run([MODEL / "measure", cls.corpus, *options], env=cls.environment, capture_output=True, text=True, check=True)
        seen = [json.loads(line) for line in (cls.folder / "seen").read_text().splitlines()]
        return done.stdout, seen

    def path_of(self, entry):
        return str(pathlib.Path(entry["file"]).relative_to(self.corpus))

    def test_each_message_is_judged_once_by_a_model_that_did_not_see_it(self):
        for _, seen in (self.shipped, self.whole):
            self.assertEqual(len({self.path_of(entry) for entry in seen}), 40)
            self.assertEqual(len(seen), 40)
            for entry in seen:
                self.assertNotIn(self.path_of(entry), entry["fitted"])

    def test_only_permitted_sources_and_made_mail_are_fitted_to_unless_the_whole_is_asked_for(self):
        fitted = {path.split("/")[1] if not path.startswith("made/") else "made" for entry in self.shipped[1] for path in entry["fitted"]}
        self.assertEqual(fitted, {"dsn", "sa-spam-1", "made"})
        self.assertTrue(any(path.startswith("phish/phishpot/") for entry in self.whole[1] for path in entry["fitted"]))

    def test_the_whole_is_learnt_as_an_operator_does(self):
        fitted = {path.split("/")[0] for entry in self.whole[1] for path in entry["fitted"]}
        self.assertNotIn("made", fitted)

    def test_by_time_the_earlier_half_judges_the_later(self):
        _, seen = self.measure("--by-time", "--whole")
        self.assertEqual(len(seen), 20)
        for entry in seen:
            source, number = self.path_of(entry).rsplit("/", 1)
            earlier = [int(path.rsplit("/", 1)[1][:-4]) for path in entry["fitted"] if path.startswith(source + "/")]
            self.assertTrue(earlier)
            self.assertLess(max(earlier), int(number[:-4]))

    def test_counts_are_of_what_was_answered(self):
        text, _ = self.shipped
        rows = [" ".join(line.split()) for line in text.splitlines()]
        self.assertIn("ham 20 40.00 % (8/20)", rows)
        self.assertIn("ham dsn 12 0.00 % (0/12)", rows)
        self.assertIn("spam 10 100.00 % (10/10)", rows)
        # Left out: by the detector what it alone found, by the model what it alone did.
        self.assertIn("(nothing) 10 10 8", rows)
        self.assertIn("link_mismatch 10 0 8", rows)
        self.assertIn("model 0 10 0", rows)

    def test_the_slice_to_look_at_is_a_part_and_headers_are_cut_where_asked(self):
        _, seen = self.measure("--headers", "--slice", "look")
        self.assertTrue(20 < len(seen) < 40, len(seen))
        for entry in seen:
            self.assertEqual(entry["text"].split("\n\n")[0], "From: a@b.example\nSubject: x")


class MadeMail(unittest.TestCase):
    def test_it_is_the_same_every_time(self):
        program = f"import sys; sys.path.insert(0, {str(MODEL)!r}); import make_mail as m; print([getattr(m.Maker(f'{{k}} {{i}}'), k)() for k in ('wanted', 'feed', 'answer', 'service', 'phish', 'spam') for i in range(60)])"
        made = {subprocess.run([sys.executable, "-B", "-c", program], check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout for seed in ("1", "2")}
        self.assertEqual(len(made), 1)
        self.assertGreater(len(made.pop()), 100_000)

    def test_feeds_and_answers_are_filled_in_and_differ(self):
        subjects = set()
        for i in range(400):
            text = (make_mail.Maker.feed if i % 2 else make_mail.Maker.answer)(make_mail.Maker(f"test {i}"))
            head, _, body = text.partition("\n\n")
            self.assertIn("\nSubject: ", head)
            self.assertNotIn("{", head)
            self.assertTrue(body.strip())
            subjects.add(head.split("\nSubject: ")[1].split("\n")[0])
        self.assertGreater(len(subjects), 300)


if __name__ == "__main__":
    unittest.main()
