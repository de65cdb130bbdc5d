"""The verdict on one image: mounted, recovered by ext4, opened by the real programs, compared.

For an honest image: ext4 mounts it and meets no error; `daybook verify` finds nothing; the log opens;
every batch that was acknowledged before the cut is there, at its positions, with its content; what is
there beyond them was sent, whole, and stands in dense order; `daybook verify` agrees afterwards.

For an image of a lying disk: either it is refused (exit code 65, or 74 where the file system itself
is damaged), or everything acknowledged is there, or what is missing was provable by nothing on the
disk (log_evidence.py): then the disk went back to an earlier state that was right in its time, which
only a witness elsewhere can notice. An image that opens with less than its own files prove is a
silent loss. ext4 may refuse such a disk or find errors on it.
"""

import dataclasses
import json
import pathlib
import re
import subprocess

import loop_mount
from crash_images import SABOTAGE
from log_evidence import Evidence

# What the log says it did, and what it is called in the table of situations.
SITUATIONS = {
    "frames written again": r"wrote \d+ bytes again",
    "torn write quarantined": r"moved a torn write",
    "rotation completed": r"completed an interrupted rotation",
    "closed cleanly": r", closed cleanly before",
}
CREATION, NESTED = "creation begun again", "crash in a recovery"


@dataclasses.dataclass
class Verdict:
    number: int
    kind: str
    # ok, or for liars: refused, undetectable, unmountable.
    outcome: str = "ok"
    failure: str | None = None
    # loss, refusal, mount, file-system, content, disagreement.
    failure_class: str | None = None
    acks_checked: int = 0
    situations: tuple = ()

    def fail(self, failure_class, text):
        if self.failure is None:
            self.failure_class, self.failure = failure_class, text
        self.outcome = "failed"
        return self


class Judge:
    """Judges images; `store_judge` those of whole stores."""

    def __init__(self, daybook, simulate, mount_point, store_judge=None):
        self.store_judge = store_judge
        self.daybook, self.simulate = daybook, simulate
        self.mount_point = pathlib.Path(mount_point)
        self.store = self.mount_point / "store"
        self.log = self.store / "log"

    def judge(self, image, recording, path):
        verdict = Verdict(image.number, image.kind)
        try:
            mounted = loop_mount.MountedImage(
                path, self.mount_point, "ext4", recording.story["options"]["mount"]).__enter__()
        except OSError as error:
            if image.is_liar:
                verdict.outcome = "unmountable"
                return verdict
            return verdict.fail("mount", f"ext4 does not mount it: {error}")
        try:
            judge = self.store_judge if recording.story["options"]["kind"] == "store" else self
            judge.examine(verdict, image, recording)
            if mounted.error_count() and not image.is_liar:
                verdict.fail("file-system", f"ext4 met {mounted.error_count()} errors in it")
        finally:
            mounted.__exit__()
        return verdict

    def examine(self, verdict, image, recording):
        demanded = recording.demanded(image.cut)
        is_created = recording.is_created(image.cut)
        evidence = Evidence(self.log) if image.is_liar else None
        before = self.run(self.daybook, "verify", "--store", self.store, "--json")
        segment_bytes = recording.story["options"]["segment_bytes"]
        opened = self.run(
            self.simulate, "witness", self.log, "--segment-bytes", segment_bytes)
        if opened.returncode == 10 and not is_created:
            # There was no log yet, so making one must work, whatever the first attempt left.
            made = self.run(self.simulate, "append", self.log, "--batches", "2",
                            "--segment-bytes", segment_bytes)
            if made.returncode != 0:
                return verdict.fail(
                    "refusal", f"creating the log again ends with {made.returncode}: {made.stderr}")
            verdict.situations += (CREATION,)
            return None
        verdict.situations += tuple(
            name for name, pattern in SITUATIONS.items() if re.search(pattern, opened.stderr))
        if recording.is_recovering(image.cut):
            verdict.situations += (NESTED,)
        if image.is_liar:
            return self.judge_liar(verdict, recording, demanded, evidence, before, opened)
        if opened.returncode != 0:
            return verdict.fail(
                "refusal", f"opening ends with {opened.returncode}: {opened.stderr.strip()}")
        allowed = (0,) if is_created else (0, 10)
        if before.returncode not in allowed:
            verdict.fail("refusal", f"daybook verify before opening ends with {before.returncode}:"
                                    f" {before.stderr.strip()}")
        batches = self.compare(verdict, recording, demanded, opened.stdout)
        verdict.acks_checked = len(demanded)
        self.verify_after(verdict, batches)
        return None

    def verify_after(self, verdict, batches):
        after = self.run(self.daybook, "verify", "--store", self.store, "--json")
        if after.returncode != 0:
            return verdict.fail("refusal", f"daybook verify after opening ends with"
                                           f" {after.returncode}: {after.stderr.strip()}")
        summary = json.loads(after.stdout.splitlines()[-1])
        if summary["batches"] != len(batches):
            verdict.fail("disagreement", f"verify counts {summary['batches']} batches,"
                                         f" the witness {len(batches)}")
        return None

    def compare(self, verdict, recording, demanded, output):
        """Checks what is there for itself and against what was acknowledged."""
        batches = [line.split()[1:] for line in output.splitlines() if line.startswith("batch ")]
        sent = set(recording.story["sent"].values())
        position = 1
        seen = {}
        for number, (name, first, last, digest) in enumerate(batches, 1):
            if int(name) != number or int(first) != position or int(last) < position:
                verdict.fail("content", f"batch {name} [{first}, {last}] is not in dense order")
            if digest not in sent:
                verdict.fail("content", f"batch {name} was never sent, or not like this: {digest}")
            if digest in seen.values():
                verdict.fail("content", f"batch {name} is there twice")
            seen[int(first), int(last)] = digest
            position = int(last) + 1
        for _, token, first, last, digest in demanded:
            found = seen.get((first, last))
            if found is None:
                verdict.fail("loss", f"batch t{token} [{first}, {last}] was acknowledged and is gone;"
                                     f" there are {len(batches)} batches, {len(demanded)} were"
                                     " acknowledged")
            elif found != digest:
                verdict.fail("content", f"[{first}, {last}] holds another batch than t{token}")
        return batches

    def judge_liar(self, verdict, recording, demanded, evidence, before, opened):
        # 75: what the disk made of its own bitmaps says that no block or inode is free.
        if opened.returncode in (65, 74, 75):
            verdict.outcome = "refused"
            if opened.returncode == 65 and before.returncode == 0:
                verdict.fail("disagreement", "daybook verify finds nothing in what opening refuses:"
                                             f" {opened.stderr.strip()}")
            return
        if opened.returncode == 10:
            if evidence.exists:
                verdict.fail("loss", f"'no log there' although {'; '.join(evidence.reasons)}")
            elif demanded:
                verdict.outcome = "undetectable"
            return
        if opened.returncode != 0:
            verdict.fail("refusal", f"opening ends with {opened.returncode}: {opened.stderr}")
            return
        batches = self.compare(verdict, recording, demanded, opened.stdout)
        if before.returncode == 0 and verdict.failure is None:
            self.verify_after(verdict, batches)
        if verdict.failure_class != "loss":
            verdict.acks_checked = len(demanded)
            return
        if len(batches) < evidence.batches:
            verdict.failure += f"; the files prove {evidence.batches}: {'; '.join(evidence.reasons)}"
            return
        verdict.outcome, verdict.failure, verdict.failure_class = "undetectable", None, None

    def run(self, *command):
        return subprocess.run(
            [str(word) for word in command], capture_output=True, text=True, timeout=120)


def is_noticed(verdict):
    """Whether a sabotaged image was seen for what it is.

    In a store the next command takes the position of a lost event, which then has other content.
    """
    return verdict.kind == SABOTAGE and verdict.failure_class in ("loss", "refusal", "content")
