/* The limit of goal 10: the SQL of our selectors `order` and `dashboard` prepared once and stepped
   from C, every column read, on real read models. Keep the SQL equal to
   Sources/DaybookProjections/Selectors/ReadModels+{Order,Dashboard,…}.swift. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "support.h"
#include "workload.h"

static uint64_t question_count = 20000, seed = 1;

static const struct setting settings[] = {
    {"questions", SETTING_NUMBER, &question_count, "Questions of each kind, about random orders."},
    {"seed", SETTING_NUMBER, &seed, "Seed of the choice."},
    {NULL, 0, NULL, NULL}};

#define PAYABLE "net_minor + tax_minor + payable_surplus"
#define AMOUNT PAYABLE " + amount_surplus"
#define CAPTURED AMOUNT " - uncaptured_minor"

#define ORDER_COLUMNS \
    "order_id, order_number, user_id, status, payment_state, fulfilment_state, closure, " \
    "line_count, unit_count, currency, net_minor, tax_minor, " PAYABLE ", " CAPTURED ", " \
    "refunded_minor, payment_id_end, payment_reference, created_at, created_at + updated_after, " \
    "created_at + 86400000000 + expires_shift, " \
    "closed_reason, shipping_address, shipping_address_key, position, origin"

#define PAYMENT_COLUMNS \
    "payment_id_end, attempt, charge, payment_capture_mode, " AMOUNT ", authorized_minor, " \
    CAPTURED ", stray_minor, refunded_minor, held, payment_reference, failure_code, " \
    "failure_reason, authorization_expires_at, requested_after, capture_requested_at, " \
    "capture_unknown, void_requested_at, payment_updated_before, currency, created_at, " \
    "created_at + updated_after"

static const char order_sql[] =
    "SELECT " ORDER_COLUMNS ", lines, (SELECT position FROM projection), " PAYMENT_COLUMNS
    " FROM stored_orders "
    "WHERE substr(order_id, 1, 9) = ? AND order_id = ?";
static const char active_sql[] =
    "SELECT " ORDER_COLUMNS ", lines FROM stored_orders "
    "WHERE user_id = ? AND (status = 0 OR status = 3 OR status = 4) "
    "ORDER BY created_at DESC";
static const char recent_sql[] =
    "SELECT projection.position, products, order_number, created_at "
    "FROM projection LEFT JOIN user_orders ON user_id = ? "
    "WHERE projection.name = 'orders' ORDER BY created_at DESC, order_number DESC";

enum { PART_COUNT = 3, ACTIVE_LIMIT = 10 };
static const char *const part_sql[PART_COUNT] = {
    "SELECT * FROM refunds WHERE order_number = ? ORDER BY refund_id",
    "SELECT * FROM shipments WHERE order_number = ? ORDER BY shipment_id",
    "SELECT * FROM returns WHERE order_number = ? ORDER BY return_id"};

struct reader {
    sqlite3 *database;
    struct row begin, end, order, active, recent, parts[PART_COUNT];
    uint64_t sum, rows; /* of everything read, so that nothing may be left out */
};

/* An order, and the person who placed it. */
struct subject {
    uint8_t order_id[16], user_id[16];
};

/* MARK: reading rows */

static void read_columns(struct reader *reader, const struct row *row) {
    int count = sqlite3_column_count(row->statement);
    reader->rows += 1;
    for (int column = 0; column < count; column++) {
        if (sqlite3_column_type(row->statement, column) == SQLITE_INTEGER) {
            reader->sum += (uint64_t)sqlite3_column_int64(row->statement, column);
        } else {
            const uint8_t *bytes = sqlite3_column_blob(row->statement, column);
            int byte_count = sqlite3_column_bytes(row->statement, column);
            reader->sum += byte_count > 0 ? (uint64_t)bytes[byte_count - 1] : 0;
        }
    }
}

static void read_rows(struct reader *reader, struct row *row, uint64_t limit) {
    for (uint64_t count = 0; count < limit && step(row); count++) read_columns(reader, row);
    reset(row);
}

/* MARK: the questions */

static void ask_order(struct reader *reader, const struct subject *subject) {
    run(&reader->begin);
    bind_blob(&reader->order, subject->order_id, 9);
    bind_blob(&reader->order, subject->order_id, 16);
    errno = 0;
    if (!step(&reader->order)) fail("an order is gone");
    read_columns(reader, &reader->order);
    int64_t number = sqlite3_column_int64(reader->order.statement, 1);
    reset(&reader->order);
    for (int part = 0; part < PART_COUNT; part++) {
        bind_number(&reader->parts[part], number);
        read_rows(reader, &reader->parts[part], UINT64_MAX);
    }
    run(&reader->end);
}

static void ask_dashboard(struct reader *reader, const struct subject *subject) {
    run(&reader->begin);
    bind_blob(&reader->recent, subject->user_id, 16);
    read_rows(reader, &reader->recent, UINT64_MAX);
    bind_blob(&reader->active, subject->user_id, 16);
    read_rows(reader, &reader->active, ACTIVE_LIMIT);
    run(&reader->end);
}

/* MARK: the run */

static struct reader open_reader(const char *directory) {
    char path[4096];
    snprintf(path, sizeof path, "%s/orders.sqlite", directory);
    struct reader reader = {0};
    sqlite3 *database = open_database(path, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX);
    execute(
        database, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0");
    reader.database = database;
    reader.begin = prepare(database, "BEGIN");
    reader.end = prepare(database, "COMMIT");
    reader.order = prepare(database, order_sql);
    reader.active = prepare(database, active_sql);
    reader.recent = prepare(database, recent_sql);
    for (int part = 0; part < PART_COUNT; part++)
        reader.parts[part] = prepare(database, part_sql[part]);
    return reader;
}

static struct subject *choose_subjects(sqlite3 *database, int64_t highest) {
    struct subject *subjects = allocate(question_count * sizeof *subjects);
    struct row row =
        prepare(database, "SELECT order_id, user_id FROM stored_orders WHERE order_number = ?");
    uint64_t state = seed;
    for (uint64_t index = 0; index < question_count; index++) {
        bind_number(&row, 1 + (int64_t)(next_random(&state) % (uint64_t)highest));
        if (!step(&row)) fail("order numbers have gaps; is this a read model of Daybook?");
        memcpy(subjects[index].order_id, sqlite3_column_blob(row.statement, 0), 16);
        memcpy(subjects[index].user_id, sqlite3_column_blob(row.statement, 1), 16);
        reset(&row);
    }
    finish(&row);
    return subjects;
}

static void measure(
    struct reader *reader, const char *name, const struct subject *subjects,
    void (*ask)(struct reader *, const struct subject *)) {
    uint64_t *samples = allocate(question_count * sizeof *samples), total = 0;
    for (uint64_t index = 0; index < question_count / 10; index++) ask(reader, &subjects[index]);
    reader->rows = 0;
    uint64_t cpu_begin = thread_cpu_ns();
    for (uint64_t index = 0; index < question_count; index++) {
        uint64_t begin = now_ns();
        ask(reader, &subjects[index]);
        total += samples[index] = now_ns() - begin;
    }
    double cpu = (double)(thread_cpu_ns() - cpu_begin) / 1000 / (double)question_count;
    sort_samples(samples, question_count);
    double p50 = (double)percentile(samples, question_count, 0.5) / 1000;
    double p99 = (double)percentile(samples, question_count, 0.99) / 1000;
    double rows = (double)reader->rows / (double)question_count;
    double rate = (double)question_count / ((double)total / 1e9);
    fprintf(
        stderr, "select: %-9s p50 %.1f us, p99 %.1f us, mean %.1f us of CPU, %.0f a second, "
        "%.1f rows each\n",
        name, p50, p99, cpu, rate, rows);
    printf(
        ",\"%s\":{\"p50_us\":%.2f,\"p99_us\":%.2f,\"cpu_us\":%.2f,\"per_second\":%.0f"
        ",\"rows\":%.2f}",
        name, p50, p99, cpu, rate, rows);
    free(samples);
}

int main(int argc, char **argv) {
    int first = read_settings(
        argc, argv,
        "Asks the questions of our selectors in C (goal 10).\n\nUSAGE: limit-select [OPTIONS] "
        "READ-MODEL-DIRECTORY", settings);
    if (argc - first != 1) fail("takes the directory of read models, such as shop/read-models");
    if (question_count == 0) fail("--questions is at least 1");
    struct reader reader = open_reader(argv[first]);
    int64_t highest =
        query_number(reader.database, "SELECT coalesce(max(order_number), 0) FROM stored_orders");
    errno = 0;
    if (highest == 0) fail("%s holds no orders", argv[first]);
    struct subject *subjects = choose_subjects(reader.database, highest);
    printf(
        "{\"limit\":\"select\",\"orders\":%" PRId64 ",\"questions\":%" PRIu64
        ",\"seed\":%" PRIu64,
        highest, question_count, seed);
    measure(&reader, "order", subjects, ask_order);
    measure(&reader, "dashboard", subjects, ask_dashboard);
    printf("}\n");
    fprintf(stderr, "select: %" PRId64 " orders, checksum %016" PRIx64 "\n", highest, reader.sum);
    return 0;
}
