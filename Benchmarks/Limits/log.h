#ifndef LIMITS_LOG_H
#define LIMITS_LOG_H

#include <openssl/sha.h>
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

/* Where the time goes, in nanoseconds; what a second thread does is counted beside it. */
struct stages {
    uint64_t make, encode, leaves, compress, checksum, chain, write, sync;
};

struct merkle {
    uint64_t size;
    uint8_t subtrees[64][DIGEST_BYTES];
    int count;
};

struct log {
    int segment, mark;
    uint64_t segment_bytes;
    uint64_t offset, durable_offset;
    uint64_t frame_number, batch_number, position; /* of the next frame */
    uint64_t generation;
    int64_t time;
    uint8_t chain[DIGEST_BYTES], log_id[16], segment_tag[4];
    bool hashes;
    uint8_t *stored; /* the frames of a group */
    size_t stored_count, stored_capacity;
    struct stages stages;
    uint64_t raw_bytes, stored_bytes, frames, syncs;
};

/* Makes the directory with mark and prewritten segment. `group_bytes`: a group's bytes at most. */
void log_create(
    struct log *log, const char *directory, uint64_t segment_bytes, size_t group_bytes,
    bool hashes);

/* Forms the group's frames, appends them, syncs, writes the mark. */
void log_commit(struct log *log, const struct group *group);

/* Says in the mark that the log was closed cleanly. */
void log_close(struct log *log);

/* Adds the batches' leaves to the tree. */
void add_leaves(struct merkle *merkle, const struct group *group);
void merkle_root(const struct merkle *merkle, uint8_t root[DIGEST_BYTES]);

#endif
