/* An event table in PostgreSQL, one row an event, driven by threads that each hold one connection.

   postgres_events callers|bulk CONNINFO CALLERS ORDERS SECONDS SEED uniform|skewed

   callers: two transactions an order, each one prepared INSERT of all its rows in one round trip.
   bulk: one COPY in binary form for 1,000 orders, the way to load data that
   https://www.postgresql.org/docs/15/populate.html recommends. */
#include "workload.h"

#include <arpa/inet.h>
#include <endian.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 4, CALLERS_MAX = 512 };

static const char *const insert_first =
    "INSERT INTO events (stream, revision, type, payload) VALUES"
    " ($1, $2, $3, $4), ($5, $6, $7, $8), ($9, $10, $11, $12)";
static const char *const insert_second =
    "INSERT INTO events (stream, revision, type, payload) VALUES"
    " ($1, $2, $3, $4), ($5, $6, $7, $8)";
static const Oid types[] = {20, 23, 21, 17, 20, 23, 21, 17, 20, 23, 21, 17};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct stream stream;
static uint64_t order_limit, orders_done;
static double deadline, *latencies;
static bool bulk;
static const char *conninfo;

static void check(bool holds, PGconn *connection, const char *what) {
    if (!holds) stop_with(what, PQerrorMessage(connection));
}

static PGconn *connected(void) {
    PGconn *connection = PQconnectdb(conninfo);
    check(PQstatus(connection) == CONNECTION_OK, connection, conninfo);
    return connection;
}

static void finish(PGconn *connection, PGresult *result, ExecStatusType expected,
                   const char *what) {
    check(PQresultStatus(result) == expected, connection, what);
    PQclear(result);
}

static void run(PGconn *connection, const char *sql) {
    finish(connection, PQexec(connection, sql), PGRES_COMMAND_OK, sql);
}

/* Takes the next orders of the stream; 0 when time or orders are used up. */
static uint64_t take_orders(struct order *orders, uint64_t wanted) {
    pthread_mutex_lock(&lock);
    uint64_t left = order_limit - stream.next_number;
    uint64_t count = seconds_now() >= deadline ? 0 : left < wanted ? left : wanted;
    for (uint64_t index = 0; index < count; index++) next_order(&stream, &orders[index]);
    pthread_mutex_unlock(&lock);
    return count;
}

static void insert_batch(PGconn *connection, const struct order *order, int first, int last) {
    struct {
        int64_t stream;
        int32_t revision;
        int16_t type;
        struct payload payload;
    } rows[FIRST_BATCH];
    const char *values[FIRST_BATCH * COLUMNS];
    int lengths[FIRST_BATCH * COLUMNS], formats[FIRST_BATCH * COLUMNS], count = 0;
    for (int revision = first; revision <= last; revision++) {
        int row = revision - first;
        rows[row].stream = (int64_t)htobe64(order->number);
        rows[row].revision = (int32_t)htonl((uint32_t)revision);
        rows[row].type = (int16_t)htons((uint16_t)revision);
        encode_event(order, (enum event_type)revision, &rows[row].payload);
        const char *row_values[] = {(char *)&rows[row].stream, (char *)&rows[row].revision,
                                    (char *)&rows[row].type, (char *)rows[row].payload.bytes};
        const int row_lengths[] = {8, 4, 2, (int)rows[row].payload.length};
        for (int column = 0; column < COLUMNS; column++, count++) {
            values[count] = row_values[column];
            lengths[count] = row_lengths[column];
            formats[count] = 1;
        }
    }
    const char *name = first == 1 ? "first" : "second";
    finish(connection, PQexecPrepared(connection, name, count, values, lengths, formats, 1),
           PGRES_COMMAND_OK, "INSERT");
}

static void put(unsigned char **end, const void *bytes, size_t length) {
    memcpy(*end, bytes, length);
    *end += length;
}

static void put_field(unsigned char **end, const void *bytes, size_t length) {
    uint32_t network = htonl((uint32_t)length);
    put(end, &network, sizeof network);
    put(end, bytes, length);
}

static void copy_group(PGconn *connection, const struct order *orders, uint64_t count) {
    static const char header[19] = "PGCOPY\n\377\r\n\0";
    finish(connection,
           PQexec(connection, "COPY events (stream, revision, type, payload) FROM STDIN"
                              " (FORMAT binary)"),
           PGRES_COPY_IN, "COPY");
    check(PQputCopyData(connection, header, sizeof header) == 1, connection, "COPY");
    for (uint64_t index = 0; index < count; index++) {
        unsigned char rows[EVENTS_PER_ORDER * (PAYLOAD_MAX + 64)], *end = rows;
        for (int revision = 1; revision <= EVENTS_PER_ORDER; revision++) {
            struct payload payload;
            encode_event(&orders[index], (enum event_type)revision, &payload);
            uint16_t columns = htons(COLUMNS), type = htons((uint16_t)revision);
            uint64_t number = htobe64(orders[index].number);
            uint32_t network_revision = htonl((uint32_t)revision);
            put(&end, &columns, sizeof columns);
            put_field(&end, &number, sizeof number);
            put_field(&end, &network_revision, sizeof network_revision);
            put_field(&end, &type, sizeof type);
            put_field(&end, payload.bytes, payload.length);
        }
        check(PQputCopyData(connection, (char *)rows, (int)(end - rows)) == 1, connection, "COPY");
    }
    check(PQputCopyEnd(connection, NULL) == 1, connection, "COPY");
    finish(connection, PQgetResult(connection), PGRES_COMMAND_OK, "COPY");
    PQclear(PQgetResult(connection));
}

static void *caller(void *unused) {
    (void)unused;
    PGconn *connection = connected();
    if (!bulk) {
        finish(connection, PQprepare(connection, "first", insert_first, 12, types),
               PGRES_COMMAND_OK, "PREPARE");
        finish(connection, PQprepare(connection, "second", insert_second, 8, types),
               PGRES_COMMAND_OK, "PREPARE");
    }
    static _Thread_local struct order orders[GROUP];
    uint64_t count;
    while ((count = take_orders(orders, bulk ? GROUP : 1)) > 0) {
        double before = seconds_now();
        if (bulk) {
            copy_group(connection, orders, count);
        } else {
            insert_batch(connection, orders, 1, FIRST_BATCH);
            insert_batch(connection, orders, FIRST_BATCH + 1, EVENTS_PER_ORDER);
        }
        double took = seconds_now() - before;
        pthread_mutex_lock(&lock);
        latencies[orders_done] = took;
        orders_done += count;
        pthread_mutex_unlock(&lock);
    }
    PQfinish(connection);
    return NULL;
}

static double replay(PGconn *connection) {
    double start = seconds_now();
    finish(connection,
           PQexec(connection, "COPY (SELECT type, payload FROM events ORDER BY position) TO STDOUT"
                              " (FORMAT binary)"),
           PGRES_COPY_OUT, "replay");
    char *row;
    int length;
    uint64_t count = 0;
    /* A row is a column count (2 bytes), then each field behind its length (4 bytes); the first row
       stands behind the 19 bytes of the header, and the last message is the trailer alone. */
    while ((length = PQgetCopyData(connection, &row, 0)) > 0) {
        int offset = count == 0 ? 19 : 0;
        if (length - offset > 12) {
            uint16_t type;
            memcpy(&type, row + offset + 6, sizeof type);
            int64_t units = decode_event((enum event_type)ntohs(type),
                                         (unsigned char *)row + offset + 12,
                                         (size_t)(length - offset - 12));
            if (units < 0) stop_with("replay", "an event that was stored cannot be decoded");
            count++;
        }
        PQfreemem(row);
    }
    finish(connection, PQgetResult(connection), PGRES_COMMAND_OK, "replay");
    PQclear(PQgetResult(connection));
    if (count != orders_done * EVENTS_PER_ORDER)
        stop_with("replay", "not every stored event came back");
    return (double)count / (seconds_now() - start);
}

static double table_bytes(PGconn *connection) {
    PGresult *result = PQexec(connection, "SELECT pg_total_relation_size('events')");
    check(PQresultStatus(result) == PGRES_TUPLES_OK, connection, "size");
    double bytes = atof(PQgetvalue(result, 0, 0));
    PQclear(result);
    return bytes;
}

int main(int argc, char **argv) {
    if (argc != 8)
        stop_with("usage", "callers|bulk CONNINFO CALLERS ORDERS SECONDS SEED uniform|skewed");
    bulk = strcmp(argv[1], "bulk") == 0;
    conninfo = argv[2];
    int callers = atoi(argv[3]);
    if (callers < 1 || callers > CALLERS_MAX) stop_with("callers", "1 to 512");
    order_limit = strtoull(argv[4], NULL, 10);
    stream = stream_from(strtoull(argv[6], NULL, 10), strcmp(argv[7], "skewed") == 0);
    latencies = malloc((order_limit + GROUP) * sizeof *latencies);
    if (!latencies) stop_with("memory", "too many orders");

    PGconn *connection = connected();
    run(connection,
        "CREATE TABLE events (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        " stream bigint NOT NULL, revision integer NOT NULL, type smallint NOT NULL,"
        " payload bytea NOT NULL, UNIQUE (stream, revision))");
    double start = seconds_now();
    deadline = start + atof(argv[5]);
    pthread_t threads[CALLERS_MAX];
    for (int index = 0; index < callers; index++)
        if (pthread_create(&threads[index], NULL, caller, NULL) != 0)
            stop_with("threads", "cannot be started");
    for (int index = 0; index < callers; index++) pthread_join(threads[index], NULL);

    struct measurement measured = {.orders = orders_done, .seconds = seconds_now() - start};
    if (!bulk) measured.latencies = latencies;
    measured.bytes_per_order = table_bytes(connection) / (double)orders_done;
    measured.replay_events_per_second = replay(connection);
    print_measurement(&measured);
    PQfinish(connection);
    free(latencies);
}
