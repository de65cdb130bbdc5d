/* The limit of goal 1: the canonical workload's batches encoded, hashed, compressed, checked,
   written and synced in groups, and nothing else: no decisions, no state, no callers. */

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batches.h"
#include "log.h"
#include "support.h"

static uint64_t order_count = 200000, group_size = 1000, seed = 1, thread_count = 3;
static const char *directory = "limit-append-log";
static int skewed, together, no_hashes, keep, vector;

static const struct setting settings[] = {
    {"orders", SETTING_NUMBER, &order_count, "Orders to append."},
    {"group", SETTING_NUMBER, &group_size, "Orders that share a sync."},
    {"threads", SETTING_NUMBER, &thread_count,
     "1; 2: the second one writes and syncs; 3: another one compresses."},
    {"seed", SETTING_NUMBER, &seed, "Seed of the workload."},
    {"directory", SETTING_TEXT, &directory, "The log to make; must not exist."},
    {"skewed", SETTING_FLAG, &skewed, "Ten products take 80 % of the lines."},
    {"together", SETTING_FLAG, &together, "Both batches of an order in one group."},
    {"no-hashes", SETTING_FLAG, &no_hashes, "Leave out chain and Merkle leaves."},
    {"keep", SETTING_FLAG, &keep, "Keep the log; daybook verify accepts it."},
    {"vector", SETTING_FLAG, &vector, "Print the first five orders and stop."},
    {NULL, 0, NULL, NULL}};

struct run {
    struct workload workload;
    struct log log;
    struct merkle merkle;
    struct order *orders, *waiting; /* of this group; of the last one, unless together */
    size_t waiting_count;
    uint64_t *causes, *waiting_causes;
    uint64_t position; /* of the last event */
    uint64_t remaining;
    struct group groups[2];
    struct stored_group stored[2];
    struct stages stages;
};

/* MARK: filling groups */

static void end_batch(struct group *group, const uint8_t *end, uint32_t event_count) {
    uint32_t start = (uint32_t)group->raw_count;
    group->raw_count = (size_t)(end - group->raw);
    group->spans[group->span_count++] = (struct span){
        .start = start, .count = (uint32_t)group->raw_count - start, .event_count = event_count};
}

static uint8_t *next_batch(const struct group *group) { return group->raw + group->raw_count; }

static void add_capture(
    struct run *run, struct group *group, const struct order *order, uint64_t cause) {
    end_batch(
        group, encode_capture(next_batch(group), &run->workload, order, cause), CAPTURE_EVENTS);
    run->position += CAPTURE_EVENTS;
    group->time = order->captured_at;
}

static void add_orders(struct run *run, struct group *group, size_t count) {
    for (size_t index = 0; index < count; index++) {
        const struct order *order = &run->orders[index];
        end_batch(
            group, encode_placement(next_batch(group), &run->workload, order), PLACEMENT_EVENTS);
        run->position += PLACEMENT_EVENTS;
        run->causes[index] = run->position;
        group->time = order->placed_at;
        if (together) add_capture(run, group, order, run->position);
    }
}

static void add_waiting_captures(struct run *run, struct group *group) {
    for (size_t index = 0; index < run->waiting_count; index++)
        add_capture(run, group, &run->waiting[index], run->waiting_causes[index]);
    run->waiting_count = 0;
}

static void let_wait(struct run *run, size_t count) {
    struct order *orders = run->orders;
    uint64_t *causes = run->causes;
    run->orders = run->waiting;
    run->causes = run->waiting_causes;
    run->waiting = orders;
    run->waiting_causes = causes;
    run->waiting_count = count;
}

/* Fills the group with the next orders. Returns whether there was anything left. */
static bool fill_group(struct run *run, struct group *group) {
    size_t count = run->remaining < group_size ? run->remaining : group_size;
    group->raw_count = group->span_count = 0;
    uint64_t begin = now_ns();
    for (size_t index = 0; index < count; index++)
        workload_next(&run->workload, &run->orders[index]);
    uint64_t made = now_ns();
    add_waiting_captures(run, group);
    add_orders(run, group, count);
    uint64_t encoded = now_ns();
    if (!no_hashes) add_leaves(&run->merkle, group);
    run->stages.make += made - begin;
    run->stages.encode += encoded - made;
    run->stages.leaves += now_ns() - encoded;
    run->remaining -= count;
    if (!together) let_wait(run, count);
    return group->span_count > 0;
}

/* What is there before the first order, in one group; not measured. */
static void append_setup(struct run *run) {
    struct group *group = &run->groups[0];
    for (uint32_t index = 0; index < PRODUCT_COUNT; index++)
        end_batch(
            group, encode_product(next_batch(group), &run->workload, index), PRODUCT_EVENTS);
    for (uint32_t index = 0; index < USER_COUNT; index++)
        end_batch(group, encode_user(next_batch(group), &run->workload, index), USER_EVENTS);
    group->time = user_created_at(USER_COUNT - 1);
    run->position = PRODUCT_COUNT * PRODUCT_EVENTS + USER_COUNT * USER_EVENTS;
    add_leaves(&run->merkle, group);
    log_form(&run->log, group, &run->stored[0]);
    log_store(&run->log, &run->stored[0]);
}

/* MARK: threads */

static void append_alone(struct run *run) {
    while (fill_group(run, &run->groups[0])) {
        log_form(&run->log, &run->groups[0], &run->stored[0]);
        log_store(&run->log, &run->stored[0]);
    }
}

/* Two buffers that go to and fro between two threads. */
struct exchange {
    sem_t empty, full;
};

/* Filled groups, then formed ones; an empty one is the last. */
struct pipeline {
    struct run *run;
    struct exchange filled, formed;
};

static void wait_for(sem_t *semaphore) {
    while (sem_wait(semaphore) != 0) {
        if (errno != EINTR) fail("cannot wait for another thread");
    }
}

static void *fill_groups(void *argument) {
    struct pipeline *pipeline = argument;
    bool is_filled = true;
    for (int turn = 0; is_filled; turn ^= 1) {
        wait_for(&pipeline->filled.empty);
        is_filled = fill_group(pipeline->run, &pipeline->run->groups[turn]);
        sem_post(&pipeline->filled.full);
    }
    return NULL;
}

static void *form_groups(void *argument) {
    struct pipeline *pipeline = argument;
    struct run *run = pipeline->run;
    bool is_filled = true;
    for (int turn = 0; is_filled; turn ^= 1) {
        wait_for(&pipeline->filled.full);
        wait_for(&pipeline->formed.empty);
        is_filled = run->groups[turn].span_count > 0;
        log_form(&run->log, &run->groups[turn], &run->stored[turn]);
        sem_post(&pipeline->filled.empty);
        sem_post(&pipeline->formed.full);
    }
    return NULL;
}

static void *fill_and_form_groups(void *argument) {
    struct pipeline *pipeline = argument;
    struct run *run = pipeline->run;
    bool is_filled = true;
    for (int turn = 0; is_filled; turn ^= 1) {
        is_filled = fill_group(run, &run->groups[turn]);
        wait_for(&pipeline->formed.empty);
        log_form(&run->log, &run->groups[turn], &run->stored[turn]);
        sem_post(&pipeline->formed.full);
    }
    return NULL;
}

static void store_groups(struct pipeline *pipeline) {
    struct run *run = pipeline->run;
    for (int turn = 0;; turn ^= 1) {
        wait_for(&pipeline->formed.full);
        if (run->stored[turn].count == 0) return;
        log_store(&run->log, &run->stored[turn]);
        sem_post(&pipeline->formed.empty);
    }
}

static pthread_t start(void *(*work)(void *), struct pipeline *pipeline) {
    pthread_t thread;
    errno = pthread_create(&thread, NULL, work, pipeline);
    if (errno) fail("cannot start a thread");
    return thread;
}

static void append_in_pipeline(struct run *run) {
    struct pipeline pipeline = {.run = run};
    pthread_t threads[2];
    int count = 0;
    sem_init(&pipeline.filled.empty, 0, 2);
    sem_init(&pipeline.filled.full, 0, 0);
    sem_init(&pipeline.formed.empty, 0, 2);
    sem_init(&pipeline.formed.full, 0, 0);
    if (thread_count == 3) {
        threads[count++] = start(fill_groups, &pipeline);
        threads[count++] = start(form_groups, &pipeline);
    } else {
        threads[count++] = start(fill_and_form_groups, &pipeline);
    }
    store_groups(&pipeline);
    while (count > 0) pthread_join(threads[--count], NULL);
}

/* MARK: the run */

/* Room for the setup, or for both batches of one group's orders. */
static size_t batch_capacity(void) {
    size_t setup = PRODUCT_COUNT + USER_COUNT, orders = 2 * group_size;
    return setup > orders ? setup : orders;
}

static uint64_t segment_bytes(void) {
    uint64_t bytes = SEGMENT_HEADER_BYTES + 16 * MIB + order_count * 700;
    bytes = (bytes + 4095) / 4096 * 4096;
    return bytes < SEGMENT_BYTES_LIMIT ? bytes : SEGMENT_BYTES_LIMIT;
}

static struct run *begin_run(void) {
    struct run *run = allocate(sizeof *run);
    workload_begin(&run->workload, seed, skewed);
    run->remaining = order_count;
    run->orders = allocate(group_size * sizeof *run->orders);
    run->waiting = allocate(group_size * sizeof *run->waiting);
    run->causes = allocate(group_size * sizeof *run->causes);
    run->waiting_causes = allocate(group_size * sizeof *run->waiting_causes);
    for (int index = 0; index < 2; index++) {
        run->groups[index].raw = allocate(batch_capacity() * BATCH_BOUND);
        run->groups[index].spans = allocate(batch_capacity() * sizeof(struct span));
        stored_group_create(&run->stored[index], batch_capacity() * BATCH_BOUND);
    }
    /* The setup's group, and the captures that wait behind the last one. */
    size_t sync_limit = order_count / group_size + 3;
    log_create(&run->log, directory, segment_bytes(), sync_limit, !no_hashes);
    return run;
}

static double per_order(uint64_t total) { return (double)total / (double)order_count; }

/* What a run did, without the setup. */
struct result {
    double rate, seconds, raw, file, cpu, sync_p50;
    uint64_t frames, syncs;
    struct stages stages; /* in total */
};

static struct result result_of(const struct run *run, const struct log *before, double seconds) {
    const struct log *log = &run->log;
    struct result result = {
        .rate = (double)order_count / seconds, .seconds = seconds,
        .raw = per_order(log->raw_bytes - before->raw_bytes),
        .file = per_order(log->formed.offset - before->formed.offset),
        .frames = log->frames - before->frames, .syncs = log->syncs - before->syncs};
    uint64_t *samples = log->sync_samples + before->syncs;
    sort_samples(samples, result.syncs);
    result.sync_p50 = (double)percentile(samples, result.syncs, 0.5) / 1000;
    result.stages = run->stages;
    result.stages.compress = log->stages.compress - before->stages.compress;
    result.stages.checksum = log->stages.checksum - before->stages.checksum;
    result.stages.chain = log->stages.chain - before->stages.chain;
    result.stages.write = log->stages.write - before->stages.write;
    result.stages.sync = log->stages.sync - before->stages.sync;
    return result;
}

static void show(const struct result *result) {
    const struct stages *stages = &result->stages;
    fprintf(
        stderr,
        "append: %.0f orders/s, %.1f raw and %.1f stored bytes an order, %" PRIu64
        " syncs (p50 %.0f us) in %.3f s\n"
        "        ns an order: %.0f of CPU; make %.0f, encode %.0f, leaves %.0f, lz4 %.0f, "
        "crc %.0f, chain %.0f, write %.0f, sync %.0f\n",
        result->rate, result->raw, result->file, result->syncs, result->sync_p50, result->seconds,
        result->cpu, per_order(stages->make), per_order(stages->encode),
        per_order(stages->leaves), per_order(stages->compress), per_order(stages->checksum),
        per_order(stages->chain), per_order(stages->write), per_order(stages->sync));
}

static const char *truth(int flag) { return flag ? "true" : "false"; }

static void print(const struct result *result) {
    const struct stages *stages = &result->stages;
    printf(
        "{\"limit\":\"append\",\"orders\":%" PRIu64 ",\"group\":%" PRIu64 ",\"threads\":%" PRIu64
        ",\"seed\":%" PRIu64 ",\"skewed\":%s,\"together\":%s,\"hashes\":%s,\"seconds\":%.6f"
        ",\"orders_per_second\":%.0f,\"raw_bytes_per_order\":%.1f,\"stored_bytes_per_order\":%.1f"
        ",\"frames\":%" PRIu64 ",\"syncs\":%" PRIu64 ",\"sync_p50_us\":%.1f"
        ",\"cpu_ns_per_order\":%.0f",
        order_count, group_size, thread_count, seed, truth(skewed), truth(together),
        truth(!no_hashes), result->seconds, result->rate, result->raw, result->file,
        result->frames, result->syncs, result->sync_p50, result->cpu);
    printf(
        ",\"ns_per_order\":{\"make\":%.0f,\"encode\":%.0f,\"leaves\":%.0f,\"compress\":%.0f"
        ",\"checksum\":%.0f,\"chain\":%.0f,\"write\":%.0f,\"sync\":%.0f}}\n",
        per_order(stages->make), per_order(stages->encode), per_order(stages->leaves),
        per_order(stages->compress), per_order(stages->checksum), per_order(stages->chain),
        per_order(stages->write), per_order(stages->sync));
}

static void show_root(const struct run *run) {
    uint8_t root[DIGEST_BYTES];
    merkle_root(&run->merkle, root);
    fprintf(stderr, "        kept in %s, Merkle root ", directory);
    for (int index = 0; index < DIGEST_BYTES; index++) fprintf(stderr, "%02x", root[index]);
    fprintf(stderr, "\n");
}

static void remove_log(void) {
    static const char *const names[] = {"LOCK", "MARK", "log-00000000000000000001.seg"};
    char path[4096];
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[index]);
        if (unlink(path) != 0) fail("cannot remove %s", path);
    }
    if (rmdir(directory) != 0) fail("cannot remove %s", directory);
}

static void check_settings(int operand_count) {
    if (operand_count > 0) fail("takes no operands; --help shows the options");
    if (thread_count < 1 || thread_count > 3) fail("--threads is 1, 2 or 3");
    if (order_count == 0 || group_size == 0 || group_size > 1000000)
        fail("--orders is at least 1, --group 1 to 1,000,000");
}

int main(int argc, char **argv) {
    int first = read_settings(
        argc, argv, "Appends the canonical workload as a Daybook log, doing nothing else (goal 1).",
        settings);
    check_settings(argc - first);
    if (vector) {
        print_vector(seed, skewed);
        return 0;
    }
    struct run *run = begin_run();
    append_setup(run);
    struct log before = run->log;
    uint64_t begin = now_ns(), cpu_begin = process_cpu_ns();
    if (thread_count == 1) append_alone(run);
    else append_in_pipeline(run);
    double seconds = (double)(now_ns() - begin) / 1e9;
    struct result result = result_of(run, &before, seconds);
    result.cpu = per_order(process_cpu_ns() - cpu_begin);
    log_close(&run->log);
    show(&result);
    print(&result);
    if (keep) show_root(run);
    else remove_log();
    return 0;
}
