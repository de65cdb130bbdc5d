"""Loop devices, mounts and a private mount namespace, by system calls: no process per step.

Everything made here goes away with the process, however it ends: mounts live in a namespace of their
own, and loop devices are marked to be detached when nothing uses them any more.
"""

import ctypes
import errno
import fcntl
import os
import pathlib
import struct
import time

_libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS = 0x00020000
MS_NOSUID, MS_NODEV, MS_NOATIME = 0x2, 0x4, 0x400
MS_REC, MS_PRIVATE = 0x4000, 0x40000
MNT_DETACH = 2
PR_SET_PDEATHSIG = 1

LOOP_CTL_GET_FREE, LOOP_CONFIGURE, LOOP_CLR_FD = 0x4C82, 0x4C0A, 0x4C01
LO_FLAGS_AUTOCLEAR = 4


def _check(result, what):
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def enter_private_namespace():
    """From here on no mount of this process is seen outside, and all end with it."""
    _check(_libc.unshare(CLONE_NEWNS), "unshare mounts")
    _check(_libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "make mounts private")


def die_with_parent(signal_number):
    """The kernel sends the signal when the parent ends, also when it is killed."""
    _libc.prctl(PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)


def mount(source, target, kind, options="", flags=MS_NOSUID | MS_NODEV | MS_NOATIME):
    _check(
        _libc.mount(str(source).encode(), str(target).encode(), kind.encode(), flags,
                    options.encode()),
        f"mount {kind} {source} with '{options}'")


def unmount(target, patience=10.0):
    """Unmounts; what is busy beyond the patience is detached, and that is an error."""
    end = time.monotonic() + patience
    while _libc.umount2(str(target).encode(), 0) != 0:
        code = ctypes.get_errno()
        if code == errno.EINVAL:
            return
        if code != errno.EBUSY or time.monotonic() > end:
            _libc.umount2(str(target).encode(), MNT_DETACH)
            raise OSError(code, f"unmount {target}: {os.strerror(code)}")
        time.sleep(0.01)


class LoopDevice:
    """A block device on a file; detached at the last close, which for a mounted one is the unmount."""

    def __init__(self, path):
        backing = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        control = os.open("/dev/loop-control", os.O_RDWR | os.O_CLOEXEC)
        try:
            self.descriptor = self._configure(control, backing)
        finally:
            os.close(control)
            os.close(backing)

    def _configure(self, control, backing):
        info = struct.pack("<5Q4I", 0, 0, 0, 0, 0, 0, 0, 0, LO_FLAGS_AUTOCLEAR) + bytes(176)
        config = struct.pack("<II", backing, 512) + info + bytes(64)
        # Others take devices too: between asking for a free one and taking it, it may be gone.
        for _ in range(1000):
            number = fcntl.ioctl(control, LOOP_CTL_GET_FREE)
            self.path = f"/dev/loop{number}"
            try:
                descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
            except FileNotFoundError:
                time.sleep(0.001)
                continue
            try:
                fcntl.ioctl(descriptor, LOOP_CONFIGURE, config)
                return descriptor
            except OSError as error:
                os.close(descriptor)
                if error.errno not in (errno.EBUSY, errno.ENXIO):
                    raise
        raise OSError(errno.EBUSY, "no free loop device after 1000 attempts")

    def close(self):
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


class MountedImage:
    """A file mounted through a loop device, as a context."""

    def __init__(self, path, target, kind, options):
        self.path, self.target, self.kind, self.options = path, target, kind, options

    def __enter__(self):
        device = LoopDevice(self.path)
        try:
            self.name = os.path.basename(device.path)
            mount(device.path, self.target, self.kind, self.options)
        finally:
            # The mount holds the device; without one this detaches it.
            device.close()
        return self

    def error_count(self):
        """Errors that ext4 has met in this file system, also in runs before."""
        try:
            return int(pathlib.Path(f"/sys/fs/ext4/{self.name}/errors_count").read_text())
        except FileNotFoundError:
            return 0

    def __exit__(self, *_):
        unmount(self.target)
