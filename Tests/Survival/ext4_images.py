#!/usr/bin/env python3
"""Crash images of a real ext4 from logged block writes (LOG.md section 10, bar 5).

    python3 Tests/Survival/ext4_images.py .build/release
    python3 Tests/Survival/ext4_images.py .build/release --images 3000 --liars 600 --seed 7
    python3 Tests/Survival/ext4_images.py .build/release --sabotage

Records real `daybook-simulate append` processes on ext4 on a loop device on a disk that this machine
serves through /dev/fuse (fuse_disk.py), in both durability modes, with data=ordered and
data=writeback, with blocks of 1 and 4 KiB, and on disks that had crashed before. Cuts the power at
points of the recorded writes (crash_images.py), lets ext4 recover each image, and asks `daybook verify`,
the opened log and the list of acknowledgements (image_judge.py). Exits 1 when anything is lost, refused
or not mountable, when a sabotaged image passes, or when a situation was never reached.

A failure keeps its recordings and prints the command that repeats the image from them; without them,
--seed and --image give the same kind of image of a new recording, whose timing differs.
--sabotage runs it against workers that forget to sync their segments and disks that forget what they
flushed, and succeeds when it notices.
Needs root, /dev/fuse, loop devices, ext4 in the kernel, mkfs.ext4 (package e2fsprogs).
"""

import argparse
import collections
import json
import multiprocessing
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time
import traceback

import loop_mount
from crash_images import HONEST_KINDS, LIAR_KINDS, SABOTAGE, ImageBuilder, Planner, Recording
from image_judge import CREATION, NESTED, SITUATIONS, Judge, is_noticed
from log_recording import Session, crash_base, make_base
from store_session import StoreJudge, StoreSession

# durability, mount options, block size, clean close, segment length, on top of which recording (or
# "store": the whole engine instead of a worker that uses the log alone).
SESSIONS = (
    ("lazy", "", 4096, True, 65_536, None),
    ("marked", "", 4096, False, 65_536, None),
    ("lazy", "data=writeback,commit=1", 4096, False, 65_536, None),
    ("marked", "data=writeback", 1024, True, 65_536, None),
    ("lazy", "", 4096, False, 65_536, 0),
    ("lazy", "commit=1", 1024, False, 16_384, None),
    ("marked", "data=writeback", 4096, True, 65_536, 2),
    ("marked", "", 1024, False, 16_384, 5),
    ("lazy", "", 4096, True, 1 << 20, "store"),
)
# Each must be reached by at least one honest image, else the run proves less than it says.
REQUIRED_SITUATIONS = (
    "frames written again", "torn write quarantined", "rotation completed", CREATION, NESTED)
# In a sabotaged run: of the images of workers that forget to sync, so many must be called a loss.
NOTICED_SHARE = 0.2
SHARED_MEMORY = pathlib.Path("/dev/shm")


def parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path,
                        help="directory with daybook and daybook-simulate")
    parser.add_argument("--images", type=int, default=360, help="honest images (360)")
    parser.add_argument("--liars", type=int, default=72, help="images of lying disks (72)")
    parser.add_argument("--canaries", type=int, default=18,
                        help="sabotaged images that must be noticed (18)")
    parser.add_argument("--rounds", type=int, default=24, help="rounds of appends a recording (24)")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--image", type=int, help="judge this image only")
    parser.add_argument("--recordings", type=pathlib.Path,
                        help="use kept recordings instead of making new ones")
    parser.add_argument("--sabotage", action="store_true",
                        help="only sabotage, of images and of workers: succeeds when it is noticed")
    parser.add_argument("--jobs", type=int, default=max(2, len(os.sched_getaffinity(0))))
    options = parser.parse_args(arguments)
    if options.sabotage:
        options.images, options.liars = min(options.images, 40), 0
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1 << 32)
    return options


# Recording

def record_all(options, work, sessions=SESSIONS, preload=None):
    recordings = []
    for number, session in enumerate(sessions):
        durability, mount, block_bytes, closes, segment_bytes, on_top_of = session
        chance = random.Random(f"{options.seed}-record-{number}")
        directory = work / f"recording-{number}"
        settings = {
            "durability": durability, "mount": mount, "block_bytes": block_bytes, "closes": closes,
            "segment_bytes": segment_bytes, "rounds": options.rounds,
            "kind": "store" if on_top_of == "store" else "log",
            "seed": (options.seed + number) % (1 << 32)}
        before = None
        if on_top_of in (None, "store"):
            make_base(directory, settings, work)
        else:
            before = crash(recordings[on_top_of], directory, chance, work)
            # Tokens go on from there, and so does the worker's seed.
            settings["seed"] = recordings[on_top_of].story["options"]["seed"]
        if settings["kind"] == "store":
            session = StoreSession(str(work / "daybook"), directory, settings, chance)
        else:
            session = Session(str(work / "daybook-simulate"), directory, settings,
                              chance, before, preload)
        session.record(work)
        recordings.append(Recording(directory))
    return recordings


def crash(earlier, directory, chance, work):
    """Makes the disk of a crashed recording the base of the next one."""
    planner = Planner([earlier], chance)
    while True:
        image = planner.draw_torn(0)
        # Late enough that something is to be lost, early enough that it is not at rest.
        if image and len(earlier.demanded(image.cut)) > 10:
            break
    crash_base(earlier, image, directory, work)
    return {"acks": [[0, *ack[1:]] for ack in earlier.demanded(image.cut)],
            "sent": earlier.story["sent"], "created": 0}


# Judging

def judge_share(options, directories, images, work, results):
    """One process: judges its images, in the order in which they can be built."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    loop_mount.die_with_parent(signal.SIGTERM)
    work.mkdir()
    mount_point = work / "mount"
    mount_point.mkdir()
    programs = work.parent
    judge = Judge(programs / "daybook", programs / "daybook-simulate", mount_point,
                  StoreJudge(programs / "daybook", mount_point / "store"))
    recording, builder, image = None, None, None
    try:
        for image in images:
            if recording is None or recording.directory != directories[image.recording]:
                recording = Recording(directories[image.recording])
                builder = ImageBuilder(recording)
            builder.build(image, work / "image")
            results.put(judge.judge(image, recording, work / "image"))
        results.put(None)
    except Exception:
        place = image.describe() if image else "before the first image"
        results.put(f"seed {options.seed}: {place}\n{traceback.format_exc()}")


def judge_all(options, recordings, images, work):
    order = sorted(images, key=lambda image: (image.recording, image.base, image.number))
    directories = [recording.directory for recording in recordings]
    results = multiprocessing.Queue()
    processes = [
        multiprocessing.Process(
            target=judge_share,
            args=(options, directories, order[share::options.jobs], work / f"job-{share}", results))
        for share in range(options.jobs)]
    verdicts = []
    try:
        for process in processes:
            process.start()
        finished = 0
        while finished < len(processes):
            verdict = results.get(timeout=300)
            if isinstance(verdict, str):
                raise RuntimeError(f"the harness failed:\n{verdict}")
            if verdict is None:
                finished += 1
            else:
                verdicts.append(verdict)
    finally:
        for process in processes:
            if process.is_alive():
                process.join(1)
                process.terminate()
            process.join()
    return sorted(verdicts, key=lambda verdict: verdict.number)


# Reporting

class Report:
    def __init__(self, options, recordings, images, verdicts, seconds):
        self.options, self.recordings = options, recordings
        self.images = {image.number: image for image in images}
        self.verdicts, self.seconds = verdicts, seconds
        self.canaries = [verdict for verdict in verdicts if verdict.kind == SABOTAGE]
        self.honest = [verdict for verdict in verdicts if verdict.kind in HONEST_KINDS]
        self.liars = [verdict for verdict in verdicts if verdict.kind in LIAR_KINDS]
        self.failures = [verdict for verdict in self.honest + self.liars if verdict.failure]
        self.missed = [verdict for verdict in self.canaries if not is_noticed(verdict)]
        self.situations = collections.Counter(
            name for verdict in self.honest for name in verdict.situations)
        self.unreached = [] if options.image is not None else [
            name for name in REQUIRED_SITUATIONS if not self.situations[name]]

    @property
    def is_ok(self):
        return bool(self.verdicts) and not (self.failures or self.missed or self.unreached)

    def count(self, failure_class):
        return sum(verdict.failure_class == failure_class for verdict in self.failures)

    def show(self):
        print(f"images: {len(self.honest)} honest, {len(self.liars)} of lying disks,"
              f" {len(self.canaries)} sabotaged, in {self.seconds:.1f} s:"
              f" {60 * len(self.verdicts) / self.seconds:.0f} a minute")
        for title, verdicts in (("honest", self.honest), ("lying", self.liars)):
            kinds = collections.Counter(verdict.kind for verdict in verdicts)
            print(f"{title}: " + (", ".join(f"{kinds[kind]} {kind}" for kind in sorted(kinds)) or "none"))
        outcomes = collections.Counter(verdict.outcome for verdict in self.liars)
        print("lying disks: " + (", ".join(f"{count} {name}" for name, count in outcomes.items())
                                 or "none"))
        print(f"acknowledgements checked: {sum(v.acks_checked for v in self.honest)} on honest disks,"
              f" {sum(v.acks_checked for v in self.liars)} on lying ones")
        print("situations: " + ", ".join(f"{self.situations[name]} {name}" for name in (*SITUATIONS, CREATION, NESTED)))
        print(f"mount failures {self.count('mount')}, file system errors {self.count('file-system')},"
              f" losses {self.count('loss')}, refusals {self.count('refusal')}, wrong content"
              f" {self.count('content')}, disagreements {self.count('disagreement')}")
        print(f"sabotaged images noticed: {len(self.canaries) - len(self.missed)} of"
              f" {len(self.canaries)}")
        for name in self.unreached:
            print(f"FAILED: the situation '{name}' was never reached; more --images or --rounds?")
        for verdict in self.failures[:10] + self.missed[:10]:
            self.show_failure(verdict)

    def show_failure(self, verdict):
        print(f"FAILED {verdict.failure_class or 'sabotage not noticed'}:"
              f" {self.images[verdict.number].describe()}\n  {verdict.failure}\n"
              f"  repeat: {self.command()} --image {verdict.number}")

    def command(self):
        options = self.options
        kept = f" --recordings {options.recordings}" if options.recordings else ""
        return (f"python3 {sys.argv[0]} {options.programs} --seed {options.seed}"
                f" --images {options.images} --liars {options.liars}"
                f" --canaries {options.canaries}{kept}")

    def line(self):
        return json.dumps({
            "bar": "5", "ok": self.is_ok,
            "images": len(self.honest), "liar_images": len(self.liars),
            "sabotaged": len(self.canaries),
            "sabotage_noticed": len(self.canaries) - len(self.missed),
            "acknowledged_checked": sum(verdict.acks_checked for verdict in self.honest),
            "lost_acknowledgements": self.count("loss"), "refusals": self.count("refusal"),
            "mount_failures": self.count("mount"), "failures": len(self.failures),
            "liar_outcomes": dict(collections.Counter(v.outcome for v in self.liars)),
            "situations": dict(self.situations), "seed": self.options.seed,
            "seconds": round(self.seconds, 1),
            "images_per_minute": round(60 * len(self.verdicts) / self.seconds)})


def keep(options, work):
    """Copies the recordings to where a later run finds them."""
    target = pathlib.Path(f"/tmp/daybook-ext4-{options.seed}")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for directory in sorted(work.glob("recording-*")):
        shutil.copytree(directory, target / directory.name)
    return target


def remove_leftovers():
    """Of runs that were killed; their mounts ended with them."""
    for directory in SHARED_MEMORY.glob("daybook-ext4-*"):
        number = directory.name.rsplit("-", 1)[1]
        if number.isdigit() and not pathlib.Path(f"/proc/{number}").exists():
            shutil.rmtree(directory, ignore_errors=True)


def sabotage(options, work):
    """Runs the harness against what it must not let pass."""
    started = time.monotonic()
    library = work / "forget_segment_syncs.so"
    subprocess.run(
        ["clang", "-shared", "-fPIC", "-O1", "-o", str(library),
         str(pathlib.Path(__file__).with_name("forget_segment_syncs.c"))], check=True)
    recordings = record_all(options, work, SESSIONS[:4], library)
    images = Planner(recordings, random.Random(f"{options.seed}-plan")).plan(options.images, 0, 0)
    verdicts = judge_all(options, recordings, images, work)
    losses = sum(verdict.failure_class in ("loss", "refusal") for verdict in verdicts)
    print(f"seed {options.seed}: workers that forget to sync segments: {losses} of {len(images)}"
          " images are called a loss or damage")
    for directory in list(work.iterdir()):
        if directory.is_dir():
            shutil.rmtree(directory)
    recordings = record_all(options, work, SESSIONS[:4])
    images = Planner(recordings, random.Random(f"{options.seed}-plan")).plan(
        0, 0, options.canaries)
    verdicts = judge_all(options, recordings, images, work)
    noticed = sum(is_noticed(verdict) for verdict in verdicts)
    print(f"disks that forget what they flushed: {noticed} of {len(verdicts)} images are called a"
          " loss or damage")
    is_ok = losses >= NOTICED_SHARE * options.images > 0 and noticed == len(verdicts) > 0
    print(json.dumps({
        "bar": "5-sabotage", "ok": is_ok, "worker_images": options.images,
        "worker_images_noticed": losses, "disk_images": len(verdicts),
        "disk_images_noticed": noticed, "seed": options.seed,
        "seconds": round(time.monotonic() - started, 1)}))
    return 0 if is_ok else 1


def run(options, work):
    started = time.monotonic()
    if options.sabotage:
        return sabotage(options, work)
    if options.recordings:
        recordings = [Recording(path) for path in sorted(options.recordings.glob("recording-*"))]
    else:
        recordings = record_all(options, work)
    images = Planner(recordings, random.Random(f"{options.seed}-plan")).plan(
        options.images, options.liars, options.canaries)
    entries = sum(len(recording.entries) for recording in recordings)
    acks = sum(len(recording.story["acks"]) for recording in recordings)
    print(f"seed {options.seed}: {len(recordings)} recordings, {entries} block writes and flushes,"
          f" {acks} acknowledgements, in {time.monotonic() - started:.1f} s", flush=True)
    if options.image is not None:
        images = [image for image in images if image.number == options.image]
        print("\n".join(image.describe() for image in images) or "there is no such image")
        options.jobs = 1
    verdicts = judge_all(options, recordings, images, work)
    report = Report(options, recordings, images, verdicts, time.monotonic() - started)
    if not report.is_ok and not options.recordings:
        options.recordings = keep(options, work)
        print(f"recordings kept in {options.recordings}")
    report.show()
    print(report.line())
    return 0 if report.is_ok else 1


def obstacle(options):
    """Why nothing can be proved on this machine; a run that cannot run is a failed run."""
    if os.geteuid() != 0:
        return "mounting needs root"
    for path in (pathlib.Path("/dev/fuse"), pathlib.Path("/dev/loop-control"), SHARED_MEMORY,
                 options.programs / "daybook", options.programs / "daybook-simulate"):
        if not path.exists():
            return f"{path} is not there"
    if not shutil.which("mkfs.ext4"):
        return "mkfs.ext4 is not there: apt-get install e2fsprogs"
    return None


def main():
    options = parse(sys.argv[1:])
    reason = obstacle(options)
    if reason:
        print(json.dumps({"bar": "5", "ok": False, "reason": reason}))
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    loop_mount.enter_private_namespace()
    remove_leftovers()
    work = SHARED_MEMORY / f"daybook-ext4-{os.getpid()}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        # Copies, so that a build meanwhile does not change what is being tested.
        for program in ("daybook", "daybook-simulate"):
            shutil.copy2(options.programs / program, work / program)
        return run(options, work)
    except KeyboardInterrupt:
        print(f"interrupted; seed {options.seed}")
        return 130
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
