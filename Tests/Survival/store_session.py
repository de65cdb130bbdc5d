"""The whole engine on a crashing ext4: a store that `daybook` processes fill, one command a process.

A command that ended with exit code 0 is acknowledged: the events at the positions it printed must be
there after a power cut, as they were at the end of the recording. The store must then open, take
another command, know the keys of acknowledged ones, and have read models that equal its log.
"""

import hashlib
import json
import signal
import subprocess
import time

import loop_mount
from image_judge import CREATION, Verdict
from log_recording import Session


def events_of(output):
    """Events by position, from what `daybook log tail --json` printed."""
    records = [json.loads(line) for line in output.splitlines()]
    return {record["data"]["position"]: record["data"]
            for record in records if record.get("of") == "event"}


def digest(event):
    return hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()


class StoreSession(Session):
    """Records `daybook` commands instead of a worker; `story["commands"]` has those with a key."""

    def run_worker(self, disk, root):
        self.root = root
        self.story["commands"] = []
        run = self.acknowledge
        run(disk, "init", "--seed", str(self.options["seed"]))
        self.story["created"] = self.story["opened"] = disk.count()
        for sku in ("A-1", "B-2"):
            run(disk, "product", "add", sku, "--name", f"Lamp {sku}", "--price", "9.99 GBP")
            run(disk, "stock", "receive", sku, "500", "--key", f"first-{sku}")
        users = []
        for number in range(self.options["rounds"]):
            if number % 6 == 0:
                answer = run(disk, "user", "register", f"u{number}@example.com", "--no-password")
                users.append(answer["user_id"])
            elif number % 3 == 1:
                run(disk, "order", "create", "--user", self.chance.choice(users), "--item",
                    f"A-1={self.chance.randint(1, 4)}", "--key", f"order-{number}")
            else:
                run(disk, "stock", "receive", self.chance.choice(("A-1", "B-2")),
                    str(self.chance.randint(1, 90)), "--key", f"stock-{number}")
            if self.chance.random() < 0.2:
                time.sleep(0.05)
        self.describe()

    def acknowledge(self, disk, *command):
        done = self.daybook(*command, "--json")
        count = disk.count()
        if done.returncode != 0:
            raise RuntimeError(f"`daybook {' '.join(command)}` ends with {done.returncode}:"
                               f" {done.stdout}{done.stderr}")
        answer = json.loads(done.stdout.splitlines()[-1])
        self.story["rounds"].append(count)
        for position in range(answer.get("first_position", 1), answer.get("last_position", 0) + 1):
            self.story["acks"].append([count, position, position, position, None])
        if "--key" in command:
            self.story["commands"].append([count, list(command)])
        return answer

    def daybook(self, *command):
        return subprocess.run(
            [self.program, *command, "--store", str(self.root / "store" / "shop")],
            capture_output=True, text=True, timeout=60,
            preexec_fn=lambda: loop_mount.die_with_parent(signal.SIGKILL))

    def describe(self):
        """Fills in what stands at each acknowledged position."""
        events = events_of(self.daybook("log", "tail", "-n", "100000", "--json").stdout)
        self.story["sent"] = {
            str(position): digest(event) for position, event in events.items()}
        for ack in self.story["acks"]:
            ack[4] = self.story["sent"][str(ack[1])]


class StoreJudge:
    def __init__(self, daybook, store):
        self.program, self.store = daybook, store / "shop"

    def examine(self, verdict: Verdict, image, recording):
        is_created = recording.is_created(image.cut)
        if not is_created and not (self.store / "log").is_dir() \
                or self.daybook("verify").returncode == 10 and not is_created:
            # `init` did not get far; it must not mind what it finds of an earlier attempt.
            if self.demand(verdict, "init", "--json") is not None:
                verdict.situations += (CREATION,)
            return
        self.demand(verdict, "verify", "--json")
        added = self.demand(
            verdict, "product", "add", "Z-9", "--name", "After", "--price", "1 GBP", "--json")
        if added is None:
            return
        self.compare(verdict, image, recording)
        self.repeat(verdict, image, recording)
        for command in ("verify", "replay"):
            self.demand(verdict, command, "--json")
        self.consult_doctor(verdict)

    def daybook(self, *command):
        return subprocess.run(
            [str(self.program), *command, "--store", str(self.store)],
            capture_output=True, text=True, timeout=120)

    def demand(self, verdict, *command):
        """The summary of a command that must succeed; `None` when it does not."""
        done = self.daybook(*command)
        if done.returncode != 0:
            verdict.fail("refusal", f"`daybook {' '.join(command)}` ends with {done.returncode}:"
                                    f" {done.stdout[-600:]}{done.stderr[-600:]}")
            return None
        return json.loads(done.stdout.splitlines()[-1])

    def consult_doctor(self, verdict):
        """Everything must be in order but the space: it is a small disk."""
        done = self.daybook("doctor", "--json")
        findings = [record for record in map(json.loads, done.stdout.splitlines())
                    if record["type"] == "finding" and record["code"] != "disk_space"]
        if done.returncode not in (0, 3) or findings:
            verdict.fail("refusal", f"`daybook doctor` ends with {done.returncode}: {findings}"
                                    f" {done.stderr[-600:]}")

    def compare(self, verdict, image, recording):
        tail = self.daybook("log", "tail", "-n", "100000", "--json")
        found = {position: digest(event) for position, event in events_of(tail.stdout).items()}
        demanded = recording.demanded(image.cut)
        for _, position, _, _, expected in demanded:
            if position not in found:
                verdict.fail("loss", f"the event at {position} was acknowledged and is gone; the log"
                                     f" ends at {max(found, default=0)}")
            elif found[position] != expected:
                verdict.fail("content", f"another event stands at {position} than acknowledged")
        if sorted(found) != list(range(1, len(found) + 1)):
            verdict.fail("content", f"positions are not dense: {sorted(found)}")
        verdict.acks_checked = len(demanded)

    def repeat(self, verdict, image, recording):
        """An acknowledged command with a key has no second effect, also after the crash."""
        commands = [words for count, words in recording.story["commands"] if count <= image.cut]
        if not commands:
            return
        answer = self.demand(verdict, *commands[-1], "--json")
        if answer is not None and answer.get("repeat") is not True:
            verdict.fail("loss", f"the key of `{' '.join(commands[-1])}` is forgotten: {answer}")
