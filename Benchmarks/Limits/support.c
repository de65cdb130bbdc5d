#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

_Noreturn void fail(const char *format, ...) {
    int error = errno;
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, error ? ": %s\n" : "\n", strerror(error));
    exit(1);
}

static uint64_t read_clock(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t now_ns(void) { return read_clock(CLOCK_MONOTONIC); }

uint64_t thread_cpu_ns(void) { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

uint64_t process_cpu_ns(void) { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

/* MARK: options */

static void show_help(const char *about, const struct setting *settings) {
    printf("%s\n\nOPTIONS:\n", about);
    for (; settings->name; settings++) {
        printf("  --%-12s %s", settings->name, settings->help);
        if (settings->kind == SETTING_NUMBER)
            printf(" (default: %" PRIu64 ")", *(uint64_t *)settings->target);
        if (settings->kind == SETTING_TEXT && *(const char **)settings->target)
            printf(" (default: %s)", *(const char **)settings->target);
        printf("\n");
    }
    printf("  --%-12s %s\n", "help", "Show this.");
}

static const struct setting *find_setting(const struct setting *settings, const char *name) {
    for (; settings->name; settings++) {
        if (strcmp(settings->name, name) == 0) return settings;
    }
    errno = 0;
    fail("there is no option --%s; --help shows those that there are", name);
}

static void set_value(const struct setting *setting, const char *text) {
    errno = 0;
    if (!text) fail("--%s needs a value", setting->name);
    if (setting->kind == SETTING_TEXT) {
        *(const char **)setting->target = text;
        return;
    }
    char *end;
    uint64_t number = strtoull(text, &end, 10);
    if (errno || end == text || *end || *text == '-')
        fail("--%s takes a whole number, not '%s'", setting->name, text);
    *(uint64_t *)setting->target = number;
}

int read_settings(int argc, char **argv, const char *about, const struct setting *settings) {
    int index = 1;
    for (; index < argc && strncmp(argv[index], "--", 2) == 0; index++) {
        const char *name = argv[index] + 2;
        if (strcmp(name, "help") == 0) {
            show_help(about, settings);
            exit(0);
        }
        const struct setting *setting = find_setting(settings, name);
        if (setting->kind == SETTING_FLAG) *(int *)setting->target = 1;
        else set_value(setting, ++index < argc ? argv[index] : NULL);
    }
    return index;
}

/* MARK: memory and samples */

void *allocate(size_t byte_count) {
    void *memory = calloc(1, byte_count);
    if (!memory) fail("cannot allocate %zu bytes", byte_count);
    return memory;
}

static int compare_samples(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

void sort_samples(uint64_t *samples, size_t count) {
    qsort(samples, count, sizeof *samples, compare_samples);
}

uint64_t percentile(const uint64_t *sorted, size_t count, double of) {
    size_t place = (size_t)(of * (double)count);
    return count == 0 ? 0 : sorted[place < count ? place : count - 1];
}

/* MARK: files */

void write_at(int file, const void *bytes, size_t count, uint64_t offset) {
    const uint8_t *rest = bytes;
    while (count > 0) {
        ssize_t written = pwrite(file, rest, count, (off_t)offset);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) fail("cannot write %zu bytes at %" PRIu64, count, offset);
        rest += written;
        offset += (uint64_t)written;
        count -= (size_t)written;
    }
}

int create_prewritten(const char *path, uint64_t byte_count) {
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) fail("cannot create %s", path);
    uint8_t *zeros = allocate(MIB);
    for (uint64_t offset = 0; offset < byte_count; offset += MIB) {
        uint64_t rest = byte_count - offset;
        write_at(file, zeros, rest < MIB ? rest : MIB, offset);
    }
    free(zeros);
    if (fsync(file) != 0) fail("cannot sync %s", path);
    return file;
}

struct mapping map_file(const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) fail("cannot open %s", path);
    struct mapping mapping = {.bytes = NULL, .count = (size_t)status.st_size};
    if (mapping.count > 0) {
        void *bytes = mmap(NULL, mapping.count, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
        if (bytes == MAP_FAILED) fail("cannot map %s", path);
        mapping.bytes = bytes;
    }
    close(file);
    return mapping;
}
