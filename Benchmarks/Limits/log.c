#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <lz4.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "CDaybookCRC32C.h"
#include "batches.h"
#include "support.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "integers are stored as they are");

#define STORE(bytes, offset, type, value) \
    do { \
        type stored_value = (value); \
        memcpy((bytes) + (offset), &stored_value, sizeof(type)); \
    } while (0)

static const uint8_t salt[DIGEST_BYTES] = "a fixed salt for a measured log";

/* MARK: hashes */

struct piece {
    const void *bytes;
    size_t count;
};

/* SHA-256 of the pieces; the low-level functions, for EVP costs more than a short message. */
static void hash(uint8_t digest[DIGEST_BYTES], const struct piece *pieces, size_t count) {
    SHA256_CTX context;
    SHA256_Init(&context);
    for (size_t index = 0; index < count; index++)
        SHA256_Update(&context, pieces[index].bytes, pieces[index].count);
    SHA256_Final(digest, &context);
}

#define HASH(digest, ...) \
    hash( \
        (digest), (struct piece[]){__VA_ARGS__}, \
        sizeof((struct piece[]){__VA_ARGS__}) / sizeof(struct piece))

static void merkle_node(uint8_t digest[DIGEST_BYTES], const uint8_t *left, const uint8_t *right) {
    HASH(digest, {"\1", 1}, {left, DIGEST_BYTES}, {right, DIGEST_BYTES});
}

static void add_leaf(struct merkle *merkle, const uint8_t *message, size_t count) {
    uint8_t node[DIGEST_BYTES];
    HASH(node, {"\0", 1}, {message, count});
    for (uint64_t rest = merkle->size++; rest & 1; rest >>= 1)
        merkle_node(node, merkle->subtrees[--merkle->count], node);
    memcpy(merkle->subtrees[merkle->count++], node, DIGEST_BYTES);
}

void add_leaves(struct merkle *merkle, const struct group *group) {
    for (size_t index = 0; index < group->span_count; index++) {
        const uint8_t *batch = group->raw + group->spans[index].start;
        const uint8_t *message = skip_length(batch);
        add_leaf(merkle, message, group->spans[index].count - (size_t)(message - batch));
    }
}

void merkle_root(const struct merkle *merkle, uint8_t root[DIGEST_BYTES]) {
    if (merkle->count == 0) {
        hash(root, NULL, 0);
        return;
    }
    memcpy(root, merkle->subtrees[merkle->count - 1], DIGEST_BYTES);
    for (int index = merkle->count - 2; index >= 0; index--)
        merkle_node(root, merkle->subtrees[index], root);
}

/* MARK: segment header and mark */

static const char header_text[] =
    "Daybook log segment, format 1.\n"
    "Append-only record of business events: a 4096-byte header, then frames.\n"
    "Layout: Schemas/log/FORMAT.md of the Daybook project (frames: LZ4 blocks of\n"
    "protobuf messages, Schemas/log/batch.proto).\n";

static void write_segment_header(struct log *log) {
    uint8_t header[SEGMENT_HEADER_BYTES] = {0};
    memset(header, ' ', 247);
    memcpy(header, header_text, sizeof header_text - 1);
    header[247] = '\n';
    memcpy(header + 248, "\x89" "DBK\r\n\x1a\n", 8);
    STORE(header, 256, uint16_t, 1);
    STORE(header, 260, uint32_t, SEGMENT_HEADER_BYTES);
    memcpy(header + 264, log->log_id, 16);
    for (int field = 0; field < 4; field++) STORE(header, 280 + 8 * field, uint64_t, 1);
    STORE(header, 312, int64_t, TIME_BEGIN);
    STORE(header, 320, uint32_t, 0);
    STORE(header, 328, uint64_t, log->segment_bytes);
    memcpy(header + 352, log->formed.chain, DIGEST_BYTES);
    memcpy(header + 416, salt, DIGEST_BYTES);
    STORE(header, 4092, uint32_t, daybook_crc32c(0, header, 4092));
    write_at(log->segment, header, sizeof header, 0);
}

/* Even generations lie in slot A, odd ones in B. */
static void write_mark(struct log *log, const struct place *durable, uint32_t flags) {
    uint8_t slot[256] = {0};
    memcpy(slot, "DBKMARK1", 8);
    memcpy(slot + 8, log->log_id, 16);
    STORE(slot, 24, uint64_t, log->generation);
    STORE(slot, 32, uint32_t, 1);
    STORE(slot, 36, uint32_t, flags);
    STORE(slot, 40, uint64_t, 1);
    STORE(slot, 48, uint64_t, durable->offset);
    STORE(slot, 56, uint64_t, durable->frame_number);
    STORE(slot, 64, uint64_t, durable->batch_number);
    STORE(slot, 72, uint64_t, durable->position);
    STORE(slot, 80, int64_t, durable->time);
    memcpy(slot + 88, durable->chain, DIGEST_BYTES);
    STORE(slot, 252, uint32_t, daybook_crc32c(0, slot, 252));
    write_at(log->mark, slot, sizeof slot, log->generation % 2 ? 4096 : 0);
}

/* MARK: life of a log */

static void name_log(struct log *log) {
    uint64_t names = 1;
    struct identifier identifier = make_identifier(&names, TIME_BEGIN);
    memcpy(log->log_id, identifier.bytes, 16);
    static const char genesis[] = "daybook log genesis 1\n";
    HASH(log->formed.chain, {genesis, sizeof genesis - 1}, {log->log_id, 16});
    uint8_t tag[DIGEST_BYTES];
    uint64_t number = 1;
    HASH(tag, {salt, DIGEST_BYTES}, {&number, 8});
    memcpy(log->segment_tag, tag, sizeof log->segment_tag);
}

static void create_lock(const char *directory) {
    char path[4096];
    snprintf(path, sizeof path, "%s/LOCK", directory);
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) fail("cannot create %s", path);
    close(file);
}

void log_create(
    struct log *log, const char *directory, uint64_t segment_bytes, size_t sync_limit,
    bool hashes) {
    char path[4096];
    *log = (struct log){
        .segment_bytes = segment_bytes, .generation = 2, .durable_offset = SEGMENT_HEADER_BYTES,
        .formed = {
            .offset = SEGMENT_HEADER_BYTES, .frame_number = 1, .batch_number = 1, .position = 1,
            .time = INT64_MIN},
        .hashes = hashes, .sync_limit = sync_limit,
        .sync_samples = allocate(sync_limit * sizeof(uint64_t))};
    if (mkdir(directory, 0700) != 0) fail("cannot create %s", directory);
    create_lock(directory);
    snprintf(path, sizeof path, "%s/MARK", directory);
    log->mark = create_prewritten(path, 8192);
    snprintf(path, sizeof path, "%s/log-%020d.seg", directory, 1);
    log->segment = create_prewritten(path, segment_bytes);
    name_log(log);
    write_segment_header(log);
    if (fsync(log->segment) != 0) fail("cannot sync the segment");
    write_mark(log, &log->formed, 0);
    if (fsync(log->mark) != 0) fail("cannot sync the mark");
    log->generation = 3;
}

void log_close(struct log *log) {
    write_mark(log, &log->formed, 1);
    if (fsync(log->mark) != 0) fail("cannot sync the mark");
    close(log->mark);
    close(log->segment);
}

/* MARK: frames */

/* The batches that share a frame: as many as fit 64 KiB, at least one. */
struct draft {
    size_t first_span, end_span;
    size_t start, count;
    uint32_t event_count;
};

static struct draft next_draft(const struct group *group, size_t span) {
    struct draft draft = {.first_span = span, .end_span = span, .start = group->spans[span].start};
    for (; draft.end_span < group->span_count; draft.end_span++) {
        const struct span *next = &group->spans[draft.end_span];
        size_t count = next->start + next->count - draft.start;
        if (draft.end_span > span && count > SHARED_FRAME_BYTES) break;
        draft.count = count;
        draft.event_count += next->event_count;
    }
    return draft;
}

/* Compresses behind the place of the header; stored as it is when that is not longer. */
static uint32_t store_payload(struct log *log, uint8_t *frame, const uint8_t *raw, size_t count) {
    char *payload = (char *)frame + FRAME_HEADER_BYTES;
    int stored = LZ4_compress_default((const char *)raw, payload, (int)count, (int)count - 1);
    if (stored <= 0) {
        memcpy(payload, raw, count);
        stored = (int)count;
    }
    frame[5] = (size_t)stored < count;
    log->raw_bytes += count;
    return (uint32_t)stored;
}

static void write_frame_header(
    struct log *log, uint8_t *frame, const struct draft *draft, uint32_t stored) {
    memcpy(frame, "\xF5" "DBF", 4);
    frame[4] = 1;
    STORE(frame, 6, uint16_t, 0);
    STORE(frame, 8, uint32_t, stored);
    STORE(frame, 12, uint32_t, (uint32_t)draft->count);
    STORE(frame, 16, uint64_t, log->formed.frame_number);
    STORE(frame, 24, uint64_t, log->formed.batch_number);
    STORE(frame, 32, uint64_t, log->formed.position);
    STORE(frame, 40, uint32_t, (uint32_t)(draft->end_span - draft->first_span));
    STORE(frame, 44, uint32_t, draft->event_count);
    STORE(frame, 48, int64_t, log->formed.time);
    STORE(frame, 56, uint32_t, 1);
    STORE(frame, 60, uint32_t, daybook_crc32c(0, frame + FRAME_HEADER_BYTES, stored));
    memset(frame + 64, 0, 8);
    STORE(frame, 104, uint64_t, log->formed.offset);
    STORE(frame, 112, uint64_t, log->durable_offset);
    memcpy(frame + 120, log->segment_tag, 4);
}

static void finish_frame(struct log *log, uint8_t *frame, uint32_t stored) {
    uint8_t *chain = log->formed.chain;
    if (log->hashes)
        HASH(chain, {"\2", 1}, {chain, DIGEST_BYTES}, {frame, 72},
             {frame + FRAME_HEADER_BYTES, stored});
    memcpy(frame + 72, chain, DIGEST_BYTES);
    STORE(frame, 124, uint32_t, daybook_crc32c(0, frame, 124));
}

static void step_over(struct log *log, const struct draft *draft, size_t frame_bytes) {
    log->frames += 1;
    log->formed.offset += frame_bytes;
    log->formed.frame_number += 1;
    log->formed.batch_number += draft->end_span - draft->first_span;
    log->formed.position += draft->event_count;
}

/* Returns the frame's length with its padding. */
static size_t form_frame(
    struct log *log, uint8_t *frame, const struct group *group, const struct draft *draft) {
    uint64_t begin = now_ns();
    uint32_t stored = store_payload(log, frame, group->raw + draft->start, draft->count);
    uint64_t compressed = now_ns();
    write_frame_header(log, frame, draft, stored);
    uint64_t checked = now_ns();
    finish_frame(log, frame, stored);
    log->stages.compress += compressed - begin;
    log->stages.checksum += checked - compressed;
    log->stages.chain += now_ns() - checked;
    size_t end = FRAME_HEADER_BYTES + stored, padded = (end + 7) / 8 * 8;
    memset(frame + end, 0, padded - end);
    step_over(log, draft, padded);
    return padded;
}

/* MARK: groups */

void stored_group_create(struct stored_group *stored, size_t group_bytes) {
    /* A header and padding for each 64 KiB, and one frame that is not full. */
    stored->capacity = group_bytes + group_bytes / 128 + KIB;
    stored->bytes = allocate(stored->capacity);
}

void log_form(struct log *log, const struct group *group, struct stored_group *stored) {
    stored->count = 0;
    stored->offset = log->formed.offset;
    if (group->time > log->formed.time) log->formed.time = group->time;
    for (size_t span = 0; span < group->span_count;) {
        struct draft draft = next_draft(group, span);
        errno = 0;
        if (stored->count + draft.count + FRAME_HEADER_BYTES + 8 > stored->capacity)
            fail("a group's frames need more than %zu bytes", stored->capacity);
        stored->count += form_frame(log, stored->bytes + stored->count, group, &draft);
        span = draft.end_span;
    }
    stored->end = log->formed;
    if (stored->end.offset > log->segment_bytes)
        fail("the segment of %" PRIu64 " bytes is full; take fewer --orders", log->segment_bytes);
}

void log_store(struct log *log, const struct stored_group *stored) {
    uint64_t begin = now_ns();
    write_at(log->segment, stored->bytes, stored->count, stored->offset);
    uint64_t written = now_ns();
    if (fdatasync(log->segment) != 0) fail("cannot sync the segment");
    uint64_t synced = now_ns();
    log->durable_offset = stored->end.offset;
    write_mark(log, &stored->end, 0);
    log->generation += 2;
    if (log->syncs < log->sync_limit) log->sync_samples[log->syncs] = synced - written;
    log->syncs += 1;
    log->stages.write += written - begin + (now_ns() - synced);
    log->stages.sync += synced - written;
}
