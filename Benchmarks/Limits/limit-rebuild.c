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

#include "batches.h"
#include "database.h"
#include "support.h"
#include "workload.h"

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

/* MARK: positions, as limit-append gives them */

enum { ORDER_EVENTS = PLACEMENT_EVENTS + CAPTURE_EVENTS };

static int64_t product_position(uint32_t product) { return 1 + product * PRODUCT_EVENTS; }

static int64_t user_position(uint32_t user) {
    return 1 + PRODUCT_COUNT * PRODUCT_EVENTS + user * USER_EVENTS;
}

/* Of the first event: the order's placing. Then come reservation, request, capture, mail. */
static int64_t order_position(const struct order *order) {
    return user_position(USER_COUNT) + (int64_t)(order->number - 1) * ORDER_EVENTS;
}

/* MARK: one model */

struct model {
    const char *name;
    void (*fill)(struct model *);
    sqlite3 *database;
    struct workload workload;
    double rows_seconds, indexes_seconds, cpu_seconds;
    int64_t setup_pages, pages, page_bytes;
};

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

/* The setup is in the file before the first order is: called by each filler in between. */
static void note_setup(struct model *model) {
    model->setup_pages = query_number(model->database, "PRAGMA page_count");
}

/* The checkpoint, so that limit-select can be asked about these files; of no log. */
static void insert_checkpoint(struct model *model) {
    static const uint8_t zeros[32];
    struct row row = prepare_insert(model->database, "projection", 10);
    bind_text(&row, model->name, strlen(model->name));
    bind_blob(&row, zeros, 16); /* log id */
    bind_number(&row, user_position(USER_COUNT) - 1 + (int64_t)order_count * ORDER_EVENTS);
    bind_number(&row, PRODUCT_COUNT + USER_COUNT + 2 * (int64_t)order_count);
    bind_blob(&row, zeros, 32); /* chain */
    bind_blob(&row, zeros, 16); /* schema hash */
    for (int null = 0; null < 4; null++) bind_null(&row);
    run(&row);
    finish(&row);
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

/* MARK: orders.sqlite */

/* What a person ordered of a product; both are the index of a row. */
struct bought {
    uint32_t last_order;
    uint16_t times, units;
};

static void insert_order(
    struct row *row, const struct workload *workload, const struct order *order,
    const char reference[REFERENCE_LENGTH]) {
    bind_number(row, (int64_t)order->number);
    bind_blob(row, &order->order_id, 16);
    bind_blob(row, &workload->users[order->user], 16);
    bind_literal(row, "EUR");
    bind_number(row, order->payable); /* net */
    bind_number(row, 0);              /* tax */
    bind_number(row, order->payable);
    bind_number(row, 0); /* tax rate */
    bind_literal(row, "half_up");
    bind_literal(row, "automatic");
    bind_number(row, order->line_count);
    bind_number(row, order->unit_count);
    bind_literal(row, "shop");
    bind_number(row, order->placed_at);
    bind_number(row, order->placed_at + PAYMENT_DEADLINE);
    bind_null(row); /* address and its key */
    bind_null(row);
    bind_literal(row, "paid");
    bind_literal(row, "captured");
    bind_literal(row, "unfulfilled");
    bind_literal(row, "open");
    bind_blob(row, &order->payment_id, 16);
    bind_text(row, reference, REFERENCE_LENGTH);
    bind_literal(row, "captured");
    bind_number(row, order->payable); /* captured */
    bind_number(row, 0);              /* refunded, shipped, returned */
    bind_number(row, 0);
    bind_number(row, 0);
    bind_null(row); /* processing since, closed reason */
    bind_null(row);
    bind_number(row, order->captured_at);
    bind_number(row, order_position(order) + PLACEMENT_EVENTS);
    run(row);
}

static void insert_lines(
    struct row *row, const struct workload *workload, const struct order *order) {
    for (uint32_t index = 0; index < order->line_count; index++) {
        struct order_line line = order->lines[index];
        const struct product *product = &workload->products[line.product];
        bind_number(row, (int64_t)order->number);
        bind_number(row, index + 1);
        bind_text(row, product->sku, 5);
        bind_text(row, product->name, product->name_length);
        bind_number(row, line.quantity);
        bind_number(row, product->price);
        bind_number(row, 0); /* overridden */
        bind_number(row, product->price * line.quantity);
        for (int zero = 0; zero < 4; zero++) bind_number(row, 0); /* tax … returned */
        run(row);
    }
}

static void insert_payment(
    struct row *row, const struct order *order, const char reference[REFERENCE_LENGTH]) {
    bind_blob(row, &order->payment_id, 16);
    bind_number(row, (int64_t)order->number);
    bind_number(row, 1); /* attempt */
    bind_literal(row, "captured");
    bind_literal(row, "captured");
    bind_literal(row, "automatic");
    bind_literal(row, "EUR");
    bind_number(row, order->payable);
    bind_number(row, 0); /* authorized */
    bind_number(row, order->payable);
    for (int zero = 0; zero < 3; zero++) bind_number(row, 0); /* stray, refunded, held */
    bind_text(row, reference, REFERENCE_LENGTH);
    for (int null = 0; null < 5; null++) bind_null(row); /* failure … authorization expiry */
    bind_number(row, order->placed_at);
    bind_null(row);      /* capture requested */
    bind_number(row, 0); /* capture unknown */
    bind_null(row);      /* void requested */
    bind_number(row, order->captured_at);
    run(row);
}

static void count_bought(struct bought *bought, const struct order *order) {
    for (uint32_t index = 0; index < order->line_count; index++) {
        struct order_line line = order->lines[index];
        struct bought *cell = &bought[order->user * PRODUCT_COUNT + line.product];
        cell->last_order = (uint32_t)order->number;
        cell->times += 1;
        cell->units += line.quantity;
    }
}

/* In the order of the key: users' identifiers and SKUs rise with their numbers. */
static void insert_bought(struct model *model, const struct bought *bought) {
    struct row row = prepare_insert(model->database, "user_products", 7);
    for (uint32_t place = 0; place < USER_COUNT * PRODUCT_COUNT; place++) {
        if (bought[place].times == 0) continue;
        const struct product *product = &model->workload.products[place % PRODUCT_COUNT];
        bind_blob(&row, &model->workload.users[place / PRODUCT_COUNT], 16);
        bind_text(&row, product->sku, 5);
        bind_text(&row, product->name, product->name_length);
        bind_number(&row, order_placed_at(bought[place].last_order));
        bind_number(&row, bought[place].times);
        bind_number(&row, bought[place].times); /* a product is in an order once */
        bind_number(&row, bought[place].units);
        run(&row);
    }
    finish(&row);
}

static void fill_orders(struct model *model) {
    struct row orders = prepare_insert(model->database, "orders", 32);
    struct row lines = prepare_insert(model->database, "order_lines", 12);
    struct row payments = prepare_insert(model->database, "payments", 24);
    struct bought *bought = allocate(USER_COUNT * PRODUCT_COUNT * sizeof *bought);
    note_setup(model);
    for (uint64_t count = 0; count < order_count; count++) {
        struct order order;
        char reference[REFERENCE_LENGTH];
        workload_next(&model->workload, &order);
        payment_reference(&order.order_id, reference);
        insert_order(&orders, &model->workload, &order, reference);
        insert_lines(&lines, &model->workload, &order);
        insert_payment(&payments, &order, reference);
        count_bought(bought, &order);
    }
    insert_bought(model, bought);
    free(bought);
    finish(&orders);
    finish(&lines);
    finish(&payments);
}

/* MARK: inventory.sqlite */

static void insert_products(struct model *model, struct row *movements) {
    struct row products = prepare_insert(model->database, "products", 10);
    for (uint32_t index = 0; index < PRODUCT_COUNT; index++) {
        const struct product *product = &model->workload.products[index];
        bind_text(&products, product->sku, 5);
        bind_text(&products, product->name, product->name_length);
        bind_number(&products, product->price);
        bind_literal(&products, "EUR");
        bind_number(&products, 1); /* stocked, on sale, no backorders */
        bind_number(&products, 1);
        bind_number(&products, 0);
        bind_number(&products, product_created_at(index));
        bind_number(&products, product_created_at(index));
        bind_number(&products, product_position(index));
        run(&products);
        bind_number(movements, product_position(index) + 1);
        bind_number(movements, 1);
        bind_text(movements, product->sku, 5);
        bind_literal(movements, "main");
        bind_literal(movements, "received");
        bind_number(movements, STOCK_RECEIVED);
        bind_null(movements);
        run(movements);
    }
    finish(&products);
}

static void insert_movements(
    struct row *row, const struct workload *workload, const struct order *order,
    uint32_t reserved[PRODUCT_COUNT]) {
    for (uint32_t index = 0; index < order->line_count; index++) {
        struct order_line line = order->lines[index];
        bind_number(row, order_position(order) + 1);
        bind_number(row, index + 1);
        bind_text(row, workload->products[line.product].sku, 5);
        bind_literal(row, "main");
        bind_literal(row, "reserved");
        bind_number(row, line.quantity);
        bind_blob(row, &order->order_id, 16);
        run(row);
        reserved[line.product] += line.quantity;
    }
}

static void insert_stock(struct model *model, const uint32_t reserved[PRODUCT_COUNT]) {
    struct row row = prepare_insert(model->database, "stock", 5);
    for (uint32_t index = 0; index < PRODUCT_COUNT; index++) {
        bind_text(&row, model->workload.products[index].sku, 5);
        bind_literal(&row, "main");
        bind_number(&row, STOCK_RECEIVED);
        bind_number(&row, reserved[index]);
        bind_number(&row, 0); /* backordered */
        run(&row);
    }
    finish(&row);
}

static void fill_inventory(struct model *model) {
    uint32_t reserved[PRODUCT_COUNT] = {0};
    struct row movements = prepare_insert(model->database, "stock_movements", 7);
    insert_products(model, &movements);
    note_setup(model);
    for (uint64_t count = 0; count < order_count; count++) {
        struct order order;
        workload_next(&model->workload, &order);
        insert_movements(&movements, &model->workload, &order, reserved);
    }
    insert_stock(model, reserved);
    finish(&movements);
}

/* MARK: users.sqlite */

static void insert_user(struct row *row, const struct identifier *user, uint32_t index) {
    int64_t at = user_created_at(index);
    bind_blob(row, user, 16);
    bind_literal(row, "enabled");
    bind_null(row); /* reason */
    bind_number(row, at);
    bind_null(row); /* the provider's customer */
    bind_number(row, at);
    bind_number(row, at);
    bind_number(row, user_position(index) + 2);
    run(row);
}

static void insert_claim(struct row *row, const struct identifier *user, uint32_t index) {
    struct user_secrets secrets = make_user_secrets(index);
    bind_blob(row, secrets.digest, sizeof secrets.digest);
    bind_blob(row, user, 16);
    bind_number(row, user_created_at(index));
    bind_null(row); /* released */
    run(row);
}

static void insert_verification(struct row *row, const struct identifier *user, uint32_t index) {
    struct user_secrets secrets = make_user_secrets(index);
    int64_t at = user_created_at(index);
    bind_blob(row, &secrets.verification, 16);
    bind_blob(row, user, 16);
    bind_literal(row, "email_verification");
    bind_literal(row, "used");
    bind_blob(row, secrets.digest, sizeof secrets.digest);
    bind_number(row, at);
    bind_number(row, at + PAYMENT_DEADLINE);
    bind_number(row, at); /* used */
    bind_null(row);       /* voided, and why */
    bind_null(row);
    run(row);
}

static void insert_users(struct model *model) {
    struct row users = prepare_insert(model->database, "users", 8);
    struct row claims = prepare_insert(model->database, "email_claims", 4);
    struct row verifications = prepare_insert(model->database, "verifications", 10);
    for (uint32_t index = 0; index < USER_COUNT; index++) {
        const struct identifier *user = &model->workload.users[index];
        insert_user(&users, user, index);
        insert_claim(&claims, user, index);
        insert_verification(&verifications, user, index);
    }
    finish(&users);
    finish(&claims);
    finish(&verifications);
}

static void insert_mail(
    struct row *row, const struct workload *workload, const struct order *order) {
    char cause[ORDER_TEXT_LENGTH];
    order_text(&order->order_id, cause);
    bind_blob(row, &order->mail_id, 16);
    bind_literal(row, "order_confirmed");
    bind_blob(row, &workload->users[order->user], 16);
    bind_text(row, cause, sizeof cause);
    bind_literal(row, "requested");
    bind_number(row, 0); /* failures */
    bind_null(row);      /* error, the provider's name */
    bind_null(row);
    bind_number(row, order->captured_at);
    bind_number(row, order->captured_at);
    run(row);
}

static void fill_users(struct model *model) {
    struct row mails = prepare_insert(model->database, "mails", 10);
    insert_users(model);
    note_setup(model);
    for (uint64_t count = 0; count < order_count; count++) {
        struct order order;
        workload_next(&model->workload, &order);
        insert_mail(&mails, &model->workload, &order);
    }
    finish(&mails);
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
    fprintf(stderr, "rebuild, %s: %.0f orders/s (%.3f s)\n", name, (double)order_count / seconds,
            seconds);
    printf("\"%s\":{\"seconds\":%.6f,\"orders_per_second\":%.0f,\"models\":[", name, seconds,
           (double)order_count / seconds);
    for (int index = 0; index < MODEL_COUNT; index++) {
        const struct model *model = &models[index];
        fprintf(
            stderr, "  %-9s rows %.3f s, indexes %.3f s (%.2f us of CPU an order)\n", model->name,
            model->rows_seconds, model->indexes_seconds,
            model->cpu_seconds * 1e6 / (double)order_count);
        printf(
            "%s{\"name\":\"%s\",\"rows_seconds\":%.6f,\"indexes_seconds\":%.6f,\"cpu_seconds\":%.6f}",
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
