#ifndef LIMITS_LOG_H
#define LIMITS_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A Daybook log of one segment, as Schemas/log/FORMAT.md describes it: written here from that page
   alone, and accepted by `daybook verify`. Nothing is checked that a writer need not check. */

enum {
    SEGMENT_HEADER_BYTES = 4096,
    FRAME_HEADER_BYTES = 128,
    SHARED_FRAME_BYTES = 65536,
    DIGEST_BYTES = 32,
};
#define SEGMENT_BYTES_LIMIT (UINT64_C(1) << 30)

/* One batch in a group's bytes, its length included. */
struct span {
    uint32_t start, count;
    uint32_t event_count;
};

/* Batches that are made durable together. */
struct group {
    uint8_t *raw;
    size_t raw_count;
    struct span *spans;
    size_t span_count;
    int64_t time;
};

/* Where the time goes, in nanoseconds; of threads that work at the same time, all of it. */
struct stages {
    uint64_t make, encode, leaves, compress, checksum, chain, write, sync;
};

struct merkle {
    uint64_t size;
    uint8_t subtrees[64][DIGEST_BYTES];
    int count;
};

/* Where a log stands behind a frame. */
struct place {
    uint64_t offset;
    uint64_t frame_number, batch_number, position; /* of the next frame */
    int64_t time;
    uint8_t chain[DIGEST_BYTES];
};

/* A group's frames as they will lie in the file. */
struct stored_group {
    uint8_t *bytes;
    size_t count, capacity;
    uint64_t offset;
    struct place end;
};

/* One thread forms groups, the same or another one stores them, in the same order. */
struct log {
    int segment, mark;
    uint64_t segment_bytes, generation;
    struct place formed;
    _Atomic uint64_t durable_offset;
    uint8_t log_id[16], segment_tag[4];
    bool hashes;
    struct stages stages;
    uint64_t raw_bytes, frames, syncs;
    uint64_t *sync_samples; /* nanoseconds of each sync */
    size_t sync_limit;
};

/* Makes the directory with mark and prewritten segment; there will be so many groups at most. */
void log_create(
    struct log *log, const char *directory, uint64_t segment_bytes, size_t sync_limit,
    bool hashes);

/* Room for the frames of a group of at most so many bytes. */
void stored_group_create(struct stored_group *stored, size_t group_bytes);

/* Forms the group's frames behind those formed before: compression, checksums, chain. */
void log_form(struct log *log, const struct group *group, struct stored_group *stored);

/* Appends the frames, syncs, writes the mark. */
void log_store(struct log *log, const struct stored_group *stored);

/* Says in the mark that the log was closed cleanly; everything formed is stored. */
void log_close(struct log *log);

/* Adds the batches' leaves to the tree. */
void add_leaves(struct merkle *merkle, const struct group *group);
void merkle_root(const struct merkle *merkle, uint8_t root[DIGEST_BYTES]);

#endif
