/* The limit of goals 2 and 3: appends to a prewritten file, each made durable by fdatasync. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support.h"

static uint64_t seconds = 3, file_mib = 256;
static const char *path = "limit-sync-file";

static const struct setting settings[] = {
    {"seconds", SETTING_NUMBER, &seconds, "How long for each size."},
    {"file-mib", SETTING_NUMBER, &file_mib, "Length of the file; begun anew at its end."},
    {"file", SETTING_TEXT, &path, "The file to make and remove; must not exist."},
    {NULL, 0, NULL, NULL}};

enum { SAMPLE_LIMIT = 1 << 20 };

/* One size's samples: the whole append, and its fdatasync alone. */
struct samples {
    uint64_t *appends, *syncs;
    size_t count;
    double rate;
};

static void fill(uint8_t *bytes, size_t count) {
    for (size_t index = 0; index < count; index++) bytes[index] = (uint8_t)(index * 167 + 1);
}

static void append(int file, const uint8_t *bytes, size_t count, struct samples *samples) {
    uint64_t places = file_mib * MIB / count;
    uint64_t begin = now_ns();
    write_at(file, bytes, count, samples->count % places * count);
    uint64_t written = now_ns();
    if (fdatasync(file) != 0) fail("cannot sync %s", path);
    uint64_t end = now_ns();
    samples->appends[samples->count] = end - begin;
    samples->syncs[samples->count] = end - written;
    samples->count += 1;
}

static void measure(int file, size_t count, struct samples *samples) {
    uint8_t *bytes = allocate(count);
    fill(bytes, count);
    samples->count = 0;
    uint64_t begin = now_ns(), limit = seconds * 1000000000u;
    while (now_ns() - begin < limit && samples->count < SAMPLE_LIMIT)
        append(file, bytes, count, samples);
    samples->rate = (double)samples->count / ((double)(now_ns() - begin) / 1e9);
    sort_samples(samples->appends, samples->count);
    sort_samples(samples->syncs, samples->count);
    free(bytes);
}

static double microseconds(const uint64_t *sorted, size_t count, double of) {
    return (double)percentile(sorted, count, of) / 1000;
}

static void report(size_t count, const struct samples *samples, int is_first) {
    double p50 = microseconds(samples->appends, samples->count, 0.5);
    double p99 = microseconds(samples->appends, samples->count, 0.99);
    double sync_p50 = microseconds(samples->syncs, samples->count, 0.5);
    double sync_p99 = microseconds(samples->syncs, samples->count, 0.99);
    fprintf(
        stderr,
        "sync: %7zu bytes: append p50 %.0f us, p99 %.0f us; fdatasync alone p50 %.0f us, p99 %.0f "
        "us; %.0f a second\n",
        count, p50, p99, sync_p50, sync_p99, samples->rate);
    printf(
        "%s{\"bytes\":%zu,\"samples\":%zu,\"p50_us\":%.1f,\"p99_us\":%.1f,\"fdatasync_p50_us\":%.1f"
        ",\"fdatasync_p99_us\":%.1f,\"per_second\":%.0f}",
        is_first ? "" : ",", count, samples->count, p50, p99, sync_p50, sync_p99, samples->rate);
}

int main(int argc, char **argv) {
    static const size_t sizes[] = {4 * KIB, 64 * KIB, MIB};
    int first = read_settings(
        argc, argv, "Appends to a prewritten file and syncs each one (goals 2 and 3).", settings);
    if (first < argc) fail("takes no operands; --help shows the options");
    if (seconds == 0 || file_mib == 0) fail("--seconds and --file-mib are at least 1");
    int file = create_prewritten(path, file_mib * MIB);
    struct samples samples = {
        .appends = allocate(SAMPLE_LIMIT * sizeof(uint64_t)),
        .syncs = allocate(SAMPLE_LIMIT * sizeof(uint64_t))};
    printf("{\"limit\":\"sync\",\"file_mib\":%" PRIu64 ",\"sizes\":[", file_mib);
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        measure(file, sizes[index], &samples);
        report(sizes[index], &samples, index == 0);
    }
    printf("]}\n");
    if (unlink(path) != 0) fail("cannot remove %s", path);
    return 0;
}
