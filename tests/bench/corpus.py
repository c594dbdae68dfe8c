# SPDX-License-Identifier: Apache-2.0
"""Real messages for benchmarks, of a labelled corpus where there is one."""
import os
import pathlib
import random
import sys
import tarfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))

from harness import SOURCE  # noqa: E402
from harness.stage import REPORTS  # noqa: E402

LARGEST = 2_000_000  # bytes; beyond, a few messages would be the whole figure


def corpus_option(options):
    options.add_argument("--corpus", type=pathlib.Path, help="a folder of *.tar.xz with messages (default $CLAWBACK_CORPUS/mail)",
                         default=pathlib.Path(os.environ.get("CLAWBACK_CORPUS", SOURCE / "../shared/corpus")) / "mail")


def unpacked(corpus, folder):
    """The messages of the corpus's archives, as files below folder."""
    files = []
    for archive in sorted(corpus.glob("*.tar.xz")):
        if archive.name.startswith("eicar"):
            continue
        with tarfile.open(archive) as packed:
            for member in packed:
                if member.isfile() and member.size <= LARGEST:
                    path = folder / f"{len(files)}.eml"
                    path.write_bytes(packed.extractfile(member).read())
                    files.append(path)
    return files


def messages(corpus, folder, count):
    """A sample of the corpus, or the reports of tests/data over and over where there is none."""
    folder.mkdir()
    files = unpacked(corpus, folder)
    if not files:
        print(f"no corpus at {corpus}: the reports of tests/data it is", file=sys.stderr)
        files = [path for path in sorted(REPORTS.glob("*.eml")) if path.stat().st_size <= LARGEST]
    chooser = random.Random(6)
    chosen = chooser.sample(files, count) if count <= len(files) else chooser.choices(files, k=count)
    return [str(path) for path in chosen]
