/*
 * Makes chosen system calls of a process on files below one directory fail, be interrupted, be short, or
 * be the last thing the process does. Loaded with LD_PRELOAD; the program needs no change.
 *
 * The plan and the counters lie in a file that the harness and the process map (DAYBOOK_SHIM_CONTROL), so
 * that one process can go through thousands of cases; DAYBOOK_SHIM_ROOT is the directory. Without both the
 * shim does nothing. Tests/Survival/shim.py has the other side of `struct control`.
 *
 * Build: cc -O2 -shared -fPIC -o shim.so shim.c
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum call {
    CALL_OPEN, CALL_READ, CALL_WRITE, CALL_DATASYNC, CALL_SYNC, CALL_TRUNCATE, CALL_ALLOCATE, CALL_RENAME,
    CALL_UNLINK, CALL_MKDIR, CALL_STAT, CALL_CHMOD, CALL_COUNT
};

enum action { ACT_NONE, ACT_FAIL, ACT_INTERRUPT, ACT_SHORT, ACT_EXIT_BEFORE, ACT_EXIT_AFTER, ACT_DELAY };

struct control {
    _Atomic uint32_t action;
    _Atomic uint32_t error;    /* errno of ACT_FAIL; milliseconds of ACT_DELAY */
    _Atomic uint32_t first;    /* counted from 1 among the calls that `calls` names */
    _Atomic uint32_t forever;  /* 0: only that call; 1: that one and all later ones */
    _Atomic uint32_t calls;    /* bit n: calls of kind n are counted */
    _Atomic uint32_t counted;  /* calls so far */
    _Atomic uint32_t hit;      /* calls that the plan changed */
    /* Set when the first planned failure came. */
    _Atomic uint32_t failed_kind;
    _Atomic uint64_t failed_inode;
    /* Calls of kind `failed_kind` on the same file, after its first failure. */
    _Atomic uint32_t repeated;
    /* Writes and syncs of that file, of any kind, after its first failure. */
    _Atomic uint32_t touched;
    _Atomic uint32_t kinds[CALL_COUNT];
};

static struct control *control;
static char root[PATH_MAX];
static size_t root_length;
/* Descriptors of files below the root; larger ones are looked up each time. */
static _Atomic unsigned char below[65536];
/* Calls of one descriptor that were interrupted already: the next attempt goes through. */
static _Thread_local int was_interrupted;

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("DAYBOOK_SHIM_CONTROL"), *directory = getenv("DAYBOOK_SHIM_ROOT");
    if (!path || !directory) return;
    int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    int fd = real_open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        fprintf(stderr, "shim: cannot open %s: %s\n", path, strerror(errno));
        _exit(99);
    }
    void *map = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        fprintf(stderr, "shim: cannot map %s: %s\n", path, strerror(errno));
        _exit(99);
    }
    root_length = strlen(directory);
    if (root_length >= sizeof root) _exit(99);
    memcpy(root, directory, root_length + 1);
    control = map;
}

#define REAL(type, name, arguments) \
    static type (*real) arguments; \
    if (!real) real = (type (*) arguments)dlsym(RTLD_NEXT, #name)

static int is_path_below(const char *path)
{
    return control && strncmp(path, root, root_length) == 0
        && (path[root_length] == '/' || path[root_length] == 0);
}

static int is_below(int fd)
{
    return control && fd >= 0 && fd < (int)sizeof below && below[fd];
}

static int is_at_below(int fd, const char *path)
{
    return path[0] == '/' ? is_path_below(path) : is_below(fd);
}

static uint64_t inode_of(int fd)
{
    static int (*real)(int, struct stat *);
    if (!real) real = dlsym(RTLD_NEXT, "fstat");
    struct stat status;
    return fd >= 0 && real(fd, &status) == 0 ? (uint64_t)status.st_ino : 0;
}

/* Counts the call and says what is to happen to it. */
static enum action plan(enum call kind, int fd)
{
    atomic_fetch_add(&control->kinds[kind], 1);
    if (atomic_load(&control->failed_inode)
        && (kind == CALL_WRITE || kind == CALL_DATASYNC || kind == CALL_SYNC || kind == CALL_TRUNCATE)
        && inode_of(fd) == atomic_load(&control->failed_inode)) {
        atomic_fetch_add(&control->touched, 1);
        if (kind == atomic_load(&control->failed_kind)) atomic_fetch_add(&control->repeated, 1);
    }
    uint32_t action = atomic_load(&control->action);
    if (!(atomic_load(&control->calls) & (1u << kind))) return ACT_NONE;
    if (action == ACT_INTERRUPT && was_interrupted) {
        /* The call is tried again, as it should be: not another call. */
        was_interrupted = 0;
        return ACT_NONE;
    }
    uint32_t number = atomic_fetch_add(&control->counted, 1) + 1, first = atomic_load(&control->first);
    if (action == ACT_NONE || number < first) return ACT_NONE;
    if (number > first && !atomic_load(&control->forever)) return ACT_NONE;
    if (action == ACT_SHORT && kind != CALL_WRITE && kind != CALL_READ) return ACT_NONE;
    atomic_fetch_add(&control->hit, 1);
    if (action == ACT_INTERRUPT) was_interrupted = 1;
    if (action == ACT_EXIT_BEFORE) _exit(137);
    if (action == ACT_DELAY) usleep(1000 * atomic_load(&control->error));
    if (action == ACT_FAIL) {
        uint64_t none = 0, inode = inode_of(fd);
        if (inode && atomic_compare_exchange_strong(&control->failed_inode, &none, inode))
            atomic_store(&control->failed_kind, kind);
    }
    return action;
}

/* Returns from the calling function unless the call is to be made; leaves `action` behind. */
#define PLAN(kind, fd, failure) \
    enum action action = plan(kind, fd); \
    if (action == ACT_FAIL) { errno = (int)atomic_load(&control->error); return failure; } \
    if (action == ACT_INTERRUPT) { errno = EINTR; return failure; }

#define DONE(result) \
    do { if (action == ACT_EXIT_AFTER) _exit(137); return result; } while (0)

static int note_open(int fd, int is_ours)
{
    if (fd >= 0 && fd < (int)sizeof below) below[fd] = is_ours ? 1 : 0;
    return fd;
}

int open(const char *path, int flags, ...)
{
    REAL(int, open, (const char *, int, ...));
    mode_t mode = 0;
    if (flags & (O_CREAT | O_TMPFILE)) {
        va_list list;
        va_start(list, flags);
        mode = va_arg(list, mode_t);
        va_end(list);
    }
    if (!is_path_below(path)) return note_open(real(path, flags, mode), 0);
    PLAN(CALL_OPEN, -1, -1)
    int fd = note_open(real(path, flags, mode), 1);
    DONE(fd);
}

int openat(int directory, const char *path, int flags, ...)
{
    REAL(int, openat, (int, const char *, int, ...));
    mode_t mode = 0;
    if (flags & (O_CREAT | O_TMPFILE)) {
        va_list list;
        va_start(list, flags);
        mode = va_arg(list, mode_t);
        va_end(list);
    }
    if (!is_at_below(directory, path)) return note_open(real(directory, path, flags, mode), 0);
    PLAN(CALL_OPEN, -1, -1)
    int fd = note_open(real(directory, path, flags, mode), 1);
    DONE(fd);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int directory, const char *path, int flags, ...) __attribute__((alias("openat")));

/* Never fails on purpose: a close is never tried again. */
int close(int fd)
{
    REAL(int, close, (int));
    if (fd >= 0 && fd < (int)sizeof below) below[fd] = 0;
    return real(fd);
}

ssize_t pread(int fd, void *bytes, size_t count, off_t offset)
{
    REAL(ssize_t, pread, (int, void *, size_t, off_t));
    if (!is_below(fd)) return real(fd, bytes, count, offset);
    PLAN(CALL_READ, fd, -1)
    if (action == ACT_SHORT && count > 1) count = (count + 1) / 2;
    ssize_t result = real(fd, bytes, count, offset);
    DONE(result);
}

ssize_t pread64(int fd, void *bytes, size_t count, off_t offset) __attribute__((alias("pread")));

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset)
{
    REAL(ssize_t, pwrite, (int, const void *, size_t, off_t));
    if (!is_below(fd)) return real(fd, bytes, count, offset);
    PLAN(CALL_WRITE, fd, -1)
    if (action == ACT_SHORT && count > 1) count = (count + 1) / 2;
    ssize_t result = real(fd, bytes, count, offset);
    DONE(result);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t offset) __attribute__((alias("pwrite")));

int fdatasync(int fd)
{
    REAL(int, fdatasync, (int));
    if (!is_below(fd)) return real(fd);
    PLAN(CALL_DATASYNC, fd, -1)
    int result = real(fd);
    DONE(result);
}

int fsync(int fd)
{
    REAL(int, fsync, (int));
    if (!is_below(fd)) return real(fd);
    PLAN(CALL_SYNC, fd, -1)
    int result = real(fd);
    DONE(result);
}

int ftruncate(int fd, off_t length)
{
    REAL(int, ftruncate, (int, off_t));
    if (!is_below(fd)) return real(fd, length);
    PLAN(CALL_TRUNCATE, fd, -1)
    int result = real(fd, length);
    DONE(result);
}

int ftruncate64(int fd, off_t length) __attribute__((alias("ftruncate")));

/* Returns the error instead of setting errno. */
int posix_fallocate(int fd, off_t offset, off_t length)
{
    REAL(int, posix_fallocate, (int, off_t, off_t));
    if (!is_below(fd)) return real(fd, offset, length);
    enum action action = plan(CALL_ALLOCATE, fd);
    if (action == ACT_FAIL) return (int)atomic_load(&control->error);
    if (action == ACT_INTERRUPT) return EINTR;
    int result = real(fd, offset, length);
    DONE(result);
}

int posix_fallocate64(int fd, off_t offset, off_t length) __attribute__((alias("posix_fallocate")));

int renameat(int old_directory, const char *old, int new_directory, const char *new)
{
    REAL(int, renameat, (int, const char *, int, const char *));
    if (!is_at_below(old_directory, old)) return real(old_directory, old, new_directory, new);
    PLAN(CALL_RENAME, -1, -1)
    int result = real(old_directory, old, new_directory, new);
    DONE(result);
}

int rename(const char *old, const char *new)
{
    REAL(int, rename, (const char *, const char *));
    if (!is_path_below(old)) return real(old, new);
    PLAN(CALL_RENAME, -1, -1)
    int result = real(old, new);
    DONE(result);
}

int unlinkat(int directory, const char *path, int flags)
{
    REAL(int, unlinkat, (int, const char *, int));
    if (!is_at_below(directory, path)) return real(directory, path, flags);
    PLAN(CALL_UNLINK, -1, -1)
    int result = real(directory, path, flags);
    DONE(result);
}

int unlink(const char *path)
{
    REAL(int, unlink, (const char *));
    if (!is_path_below(path)) return real(path);
    PLAN(CALL_UNLINK, -1, -1)
    int result = real(path);
    DONE(result);
}

int mkdir(const char *path, mode_t mode)
{
    REAL(int, mkdir, (const char *, mode_t));
    if (!is_path_below(path)) return real(path, mode);
    PLAN(CALL_MKDIR, -1, -1)
    int result = real(path, mode);
    DONE(result);
}

int mkdirat(int directory, const char *path, mode_t mode)
{
    REAL(int, mkdirat, (int, const char *, mode_t));
    if (!is_at_below(directory, path)) return real(directory, path, mode);
    PLAN(CALL_MKDIR, -1, -1)
    int result = real(directory, path, mode);
    DONE(result);
}

int fstat(int fd, struct stat *status)
{
    REAL(int, fstat, (int, struct stat *));
    if (!is_below(fd)) return real(fd, status);
    PLAN(CALL_STAT, fd, -1)
    int result = real(fd, status);
    DONE(result);
}

int fchmod(int fd, mode_t mode)
{
    REAL(int, fchmod, (int, mode_t));
    if (!is_below(fd)) return real(fd, mode);
    PLAN(CALL_CHMOD, fd, -1)
    int result = real(fd, mode);
    DONE(result);
}
