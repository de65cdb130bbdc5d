/* Loaded into a worker with LD_PRELOAD, makes every sync of a segment file succeed without doing
 * anything: the mistake of acknowledging before the data is durable, in a program that does not have
 * it. All other syncs are done. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_segment(int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, ".seg") != NULL;
}

int fdatasync(int descriptor) {
    return is_segment(descriptor) ? 0 : (int)syscall(SYS_fdatasync, descriptor);
}

int fsync(int descriptor) {
    return is_segment(descriptor) ? 0 : (int)syscall(SYS_fsync, descriptor);
}
