/* The limit of goal 7: the rows of the three read models in their final state, each inserted once,
   indexes last; from the workload itself, so nothing is read, decompressed or decoded. */

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "models.h"
#include "support.h"

static uint64_t order_count = 100000, seed = 1;
static const char *directory = "limit-rebuild-files", *schemas = SCHEMAS;
static int skewed, keep, vector;

static const struct setting settings[] = {
    {"orders", SETTING_NUMBER, &order_count, "Orders to project."},
    {"seed", SETTING_NUMBER, &seed, "Seed of the workload."},
    {"directory", SETTING_TEXT, &directory, "Where the files are made; must not exist."},
    {"schemas", SETTING_TEXT, &schemas, "The folder with inventory.sql, orders.sql, users.sql."},
    {"skewed", SETTING_FLAG, &skewed, "Ten products take 80 % of the lines."},
    {"keep", SETTING_FLAG, &keep, "Keep the files of the last pass."},
    {"vector", SETTING_FLAG, &vector, "Print the first five orders and stop."},
    {NULL, 0, NULL, NULL}};

/* MARK: one model */

static void model_path(const struct model *model, char path[4096]) {
    snprintf(path, 4096, "%s/%s.sqlite", directory, model->name);
}

static char *read_schema(const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.sql", schemas, name);
    struct mapping file = map_file(path);
    char *text = allocate(file.count + 1);
    memcpy(text, file.bytes, file.count);
    return text;
}

/* Ends the text before its first index and returns what begins there. */
static char *split_indexes(char *sql) {
    char *unique = strstr(sql, "\nCREATE UNIQUE INDEX"), *plain = strstr(sql, "\nCREATE INDEX");
    char *first = !plain || (unique && unique < plain) ? unique : plain;
    if (!first) return NULL;
    *first = 0;
    return first + 1;
}

static void rebuild(struct model *model) {
    char path[4096];
    model_path(model, path);
    char *sql = read_schema(model->name), *indexes = split_indexes(sql);
    model->database = open_database(
        path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX);
    execute(
        model->database,
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
        "PRAGMA cache_size = -65536");
    execute(model->database, sql);
    workload_begin(&model->workload, seed, skewed);
    model->order_count = order_count;
    uint64_t begin = now_ns(), cpu_begin = thread_cpu_ns();
    execute(model->database, "BEGIN");
    model->fill(model);
    insert_checkpoint(model);
    execute(model->database, "COMMIT");
    uint64_t filled = now_ns();
    if (indexes) execute(model->database, indexes);
    model->indexes_seconds = (double)(now_ns() - filled) / 1e9;
    model->cpu_seconds = (double)(thread_cpu_ns() - cpu_begin) / 1e9;
    model->rows_seconds = (double)(filled - begin) / 1e9;
    model->pages = query_number(model->database, "PRAGMA page_count");
    model->page_bytes = query_number(model->database, "PRAGMA page_size");
    close_database(model->database);
    free(sql);
}

/* MARK: all models, one after another and at once */

enum { MODEL_COUNT = 3 };
static struct model models[MODEL_COUNT] = {
    {.name = "orders", .fill = fill_orders},
    {.name = "inventory", .fill = fill_inventory},
    {.name = "users", .fill = fill_users}};

static void remove_files(void) {
    for (int index = 0; index < MODEL_COUNT; index++) {
        char path[4096];
        model_path(&models[index], path);
        if (unlink(path) != 0) fail("cannot remove %s", path);
    }
}

static void *rebuild_in_thread(void *model) {
    rebuild(model);
    return NULL;
}

static double rebuild_in_turn(void) {
    uint64_t begin = now_ns();
    for (int index = 0; index < MODEL_COUNT; index++) rebuild(&models[index]);
    return (double)(now_ns() - begin) / 1e9;
}

static double rebuild_at_once(void) {
    pthread_t threads[MODEL_COUNT];
    uint64_t begin = now_ns();
    for (int index = 0; index < MODEL_COUNT; index++) {
        errno = pthread_create(&threads[index], NULL, rebuild_in_thread, &models[index]);
        if (errno) fail("cannot start a thread");
    }
    for (int index = 0; index < MODEL_COUNT; index++) pthread_join(threads[index], NULL);
    return (double)(now_ns() - begin) / 1e9;
}

static double bytes_per_order(const struct model *model) {
    int64_t pages = model->pages - model->setup_pages;
    return (double)(pages * model->page_bytes) / (double)order_count;
}

static void report_pass(const char *name, double seconds, int is_last) {
    double rate = (double)order_count / seconds;
    fprintf(stderr, "rebuild, %s: %.0f orders/s (%.3f s)\n", name, rate, seconds);
    printf(
        "\"%s\":{\"seconds\":%.6f,\"orders_per_second\":%.0f,\"models\":[", name, seconds, rate);
    for (int index = 0; index < MODEL_COUNT; index++) {
        const struct model *model = &models[index];
        fprintf(
            stderr, "  %-9s rows %.3f s, indexes %.3f s (%.2f us of CPU an order)\n", model->name,
            model->rows_seconds, model->indexes_seconds,
            model->cpu_seconds * 1e6 / (double)order_count);
        printf(
            "%s{\"name\":\"%s\",\"rows_seconds\":%.6f,\"indexes_seconds\":%.6f"
            ",\"cpu_seconds\":%.6f}",
            index ? "," : "", model->name, model->rows_seconds, model->indexes_seconds,
            model->cpu_seconds);
    }
    printf("]}%s", is_last ? "" : ",");
}

static void report_bytes(void) {
    double total = 0;
    printf(",\"bytes_per_order\":{");
    for (int index = 0; index < MODEL_COUNT; index++) {
        total += bytes_per_order(&models[index]);
        printf("\"%s\":%.1f,", models[index].name, bytes_per_order(&models[index]));
    }
    printf("\"total\":%.1f}}\n", total);
    fprintf(
        stderr, "rebuild: bytes an order: orders %.1f + inventory %.1f + users %.1f = %.1f\n",
        bytes_per_order(&models[0]), bytes_per_order(&models[1]), bytes_per_order(&models[2]),
        total);
}

int main(int argc, char **argv) {
    int first = read_settings(
        argc, argv, "Inserts the rows of the three read models, each once (goal 7).", settings);
    if (first < argc) fail("takes no operands; --help shows the options");
    if (order_count == 0 || order_count > UINT32_MAX) fail("--orders is 1 to 4,294,967,295");
    if (vector) {
        print_vector(seed, skewed);
        return 0;
    }
    if (mkdir(directory, 0700) != 0) fail("cannot create %s", directory);
    /* Nobody asks for the statistics, and a lock is taken for them at each allocation. */
    if (sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK) fail("cannot configure SQLite");
    printf(
        "{\"limit\":\"rebuild\",\"orders\":%" PRIu64 ",\"seed\":%" PRIu64 ",\"skewed\":%s,",
        order_count, seed, skewed ? "true" : "false");
    report_pass("in_turn", rebuild_in_turn(), 0);
    remove_files();
    report_pass("at_once", rebuild_at_once(), 1);
    report_bytes();
    if (keep) return 0;
    remove_files();
    if (rmdir(directory) != 0) fail("cannot remove %s", directory);
    return 0;
}
