/* The limit of goal 6: every payload of a real log decompressed and copied once, from the page
   cache, on one thread and on two. Nothing is checked and nothing is decoded. */

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <lz4.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "support.h"

static uint64_t rounds = 3;

static const struct setting settings[] = {
    {"rounds", SETTING_NUMBER, &rounds, "Passes over the log; the fastest counts."},
    {NULL, 0, NULL, NULL}};

enum { FRAME_RAW_LIMIT = 16 << 20, THREAD_COUNT = 2, FRAMES_A_TURN = 16 };

struct frame {
    const uint8_t *payload;
    uint32_t stored, raw;
    uint8_t codec;
};

struct frames {
    struct frame *items;
    size_t count, capacity;
    uint64_t events, raw_bytes, stored_bytes;
};

/* MARK: finding the frames */

static uint32_t load32(const uint8_t *bytes, size_t offset) {
    uint32_t value;
    memcpy(&value, bytes + offset, sizeof value);
    return value;
}

static void add_frame(struct frames *frames, const uint8_t *header, uint32_t stored) {
    if (frames->count == frames->capacity) {
        frames->capacity = frames->capacity ? 2 * frames->capacity : 1024;
        frames->items = realloc(frames->items, frames->capacity * sizeof *frames->items);
        if (!frames->items) fail("no memory for the list of frames");
    }
    struct frame frame = {
        .payload = header + FRAME_HEADER_BYTES, .stored = stored, .raw = load32(header, 12),
        .codec = header[5]};
    if (frame.raw > FRAME_RAW_LIMIT || (frame.codec == 0 && frame.raw != stored))
        fail("a frame's lengths are wrong; verify the log first");
    frames->items[frames->count++] = frame;
    frames->events += load32(header, 44);
    frames->raw_bytes += frame.raw;
    frames->stored_bytes += stored;
}

/* Frames of batches; a seal or a note holds no events. The end is where no frame begins. */
static void add_segment(struct frames *frames, const struct mapping *segment) {
    size_t offset = SEGMENT_HEADER_BYTES;
    while (offset + FRAME_HEADER_BYTES <= segment->count) {
        const uint8_t *header = segment->bytes + offset;
        if (memcmp(header, "\xF5" "DBF", 4) != 0) return;
        uint32_t stored = load32(header, 8);
        if (stored > segment->count - offset - FRAME_HEADER_BYTES)
            fail("a frame is longer than its segment; verify the log first");
        if (header[4] == 1) add_frame(frames, header, stored);
        offset += FRAME_HEADER_BYTES + ((size_t)stored + 7) / 8 * 8;
    }
}

static int is_segment(const struct dirent *entry) {
    return strncmp(entry->d_name, "log-", 4) == 0 && strlen(entry->d_name) == 28;
}

static struct frames find_frames(const char *directory) {
    struct frames frames = {0};
    struct dirent **names;
    int count = scandir(directory, &names, is_segment, alphasort);
    if (count < 0) fail("cannot list %s", directory);
    errno = 0;
    for (int index = 0; index < count; index++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", directory, names[index]->d_name);
        struct mapping segment = map_file(path);
        add_segment(&frames, &segment);
        free(names[index]);
    }
    free(names);
    if (frames.events == 0) fail("%s holds no log with events", directory);
    return frames;
}

/* MARK: reading them */

struct pass {
    const struct frames *frames;
    _Atomic size_t next;
};

static void read_frame(const struct frame *frame, uint8_t *raw, uint8_t *copy) {
    if (frame->codec == 1) {
        int count = LZ4_decompress_safe(
            (const char *)frame->payload, (char *)raw, (int)frame->stored, (int)frame->raw);
        if (count != (int)frame->raw) fail("a payload does not decompress; verify the log first");
    } else {
        memcpy(raw, frame->payload, frame->raw);
    }
    memcpy(copy, raw, frame->raw);
    __asm__ volatile("" : : "r"(copy) : "memory"); /* the copy is wanted */
}

static void *read_frames(void *argument) {
    struct pass *pass = argument;
    uint8_t *raw = allocate(FRAME_RAW_LIMIT), *copy = allocate(FRAME_RAW_LIMIT);
    for (;;) {
        size_t first = atomic_fetch_add(&pass->next, FRAMES_A_TURN);
        if (first >= pass->frames->count) break;
        size_t end = first + FRAMES_A_TURN;
        if (end > pass->frames->count) end = pass->frames->count;
        for (; first < end; first++) read_frame(&pass->frames->items[first], raw, copy);
    }
    free(raw);
    free(copy);
    return NULL;
}

static double pass_seconds(const struct frames *frames, int thread_count) {
    struct pass pass = {.frames = frames};
    pthread_t others[THREAD_COUNT];
    uint64_t begin = now_ns();
    for (int index = 1; index < thread_count; index++) {
        errno = pthread_create(&others[index], NULL, read_frames, &pass);
        if (errno) fail("cannot start a thread");
    }
    read_frames(&pass);
    for (int index = 1; index < thread_count; index++) pthread_join(others[index], NULL);
    return (double)(now_ns() - begin) / 1e9;
}

static double fastest(const struct frames *frames, int thread_count) {
    double best = pass_seconds(frames, thread_count);
    for (uint64_t round = 1; round < rounds; round++) {
        double seconds = pass_seconds(frames, thread_count);
        if (seconds < best) best = seconds;
    }
    return best;
}

int main(int argc, char **argv) {
    int first = read_settings(
        argc, argv,
        "Decompresses and copies the payloads of a log (goal 6).\n\nUSAGE: limit-read [OPTIONS] "
        "LOG-DIRECTORY", settings);
    if (argc - first != 1) fail("takes the directory of one log, such as shop/log");
    struct frames frames = find_frames(argv[first]);
    printf(
        "{\"limit\":\"read\",\"frames\":%zu,\"events\":%" PRIu64 ",\"raw_bytes\":%" PRIu64
        ",\"stored_bytes\":%" PRIu64 ",\"threads\":[",
        frames.count, frames.events, frames.raw_bytes, frames.stored_bytes);
    for (int threads = 1; threads <= THREAD_COUNT; threads++) {
        double seconds = fastest(&frames, threads);
        double bytes = (double)frames.raw_bytes / seconds, events = (double)frames.events / seconds;
        fprintf(
            stderr, "read: %d thread%s: %.2f GB/s raw, %.1f M events/s\n", threads,
            threads > 1 ? "s" : "", bytes / 1e9, events / 1e6);
        printf(
            "%s{\"threads\":%d,\"seconds\":%.6f,\"raw_bytes_per_second\":%.0f"
            ",\"events_per_second\":%.0f}",
            threads > 1 ? "," : "", threads, seconds, bytes, events);
    }
    printf("]}\n");
    return 0;
}
