#include "models.h"

#include <stdlib.h>
#include <string.h>

#include "batches.h"
#include "support.h"

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

/* The setup is in the file before the first order is: called by each filler in between. */
static void note_setup(struct model *model) {
    model->setup_pages = query_number(model->database, "PRAGMA page_count");
}

/* MARK: orders.sqlite */

/* Rows in one column: 1,"A",…;2,"B",… */
enum { ROW_LIST_CAPACITY = 4096 };
struct row_list {
    size_t length;
    char text[ROW_LIST_CAPACITY];
};

static void add_text(struct row_list *list, const char *text, size_t count) {
    memcpy(list->text + list->length, text, count);
    list->length += count;
}

static void add_number(struct row_list *list, int64_t value) {
    char digits[20];
    size_t count = 0;
    do digits[count++] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    while (count > 0) list->text[list->length++] = digits[--count];
}

#define add_literal(list, text) add_text((list), (text), sizeof(text) - 1)

/* Products have numbers in the order in which they are first ordered. */
struct product_numbers {
    uint32_t count, of[PRODUCT_COUNT];
};

static uint32_t product_number(struct product_numbers *numbers, uint32_t product) {
    if (numbers->of[product] == 0) numbers->of[product] = ++numbers->count;
    return numbers->of[product];
}

/* Product, quantity; what is not there is zero or follows: the price is the product's. So an order's lines
   and what its person ordered are the same list. */
static void pack_lines(
    struct row_list *list, const struct order *order, struct product_numbers *numbers) {
    list->length = 0;
    for (uint32_t index = 0; index < order->line_count; index++) {
        struct order_line line = order->lines[index];
        if (index > 0) add_literal(list, ";");
        add_number(list, product_number(numbers, line.product));
        add_literal(list, ",");
        add_number(list, line.quantity);
    }
}

/* An identifier behind what it has in common with another at its beginning. */
static void bind_end(
    struct row *row, const struct identifier *identifier, const struct identifier *other) {
    size_t common = 0;
    while (common < 16 && identifier->bytes[common] == other->bytes[common]) common++;
    bind_blob(row, identifier->bytes + common, 16 - common);
}

static void bind_payment(struct row *row, const struct order *order) {
    bind_number(row, 0); /* captured */
    bind_end(row, &order->payment_id, &order->order_id);
    bind_number(row, 1); /* attempt */
    bind_number(row, 1); /* captured */
    bind_number(row, 0); /* automatic */
    bind_number(row, 0); /* the amount is what the order costs */
    bind_number(row, 0); /* authorized */
    bind_number(row, 0); /* all of it is captured */
    for (int zero = 0; zero < 3; zero++) bind_number(row, 0); /* stray, refunded, held */
    bind_number(row, 1); /* referred to by the key of the first attempt */
    for (int null = 0; null < 5; null++) bind_null(row); /* failure … authorization expiry */
    bind_number(row, 0); /* requested with the order */
    bind_null(row);      /* capture requested */
    bind_number(row, 0); /* capture unknown */
    bind_null(row);      /* void requested */
    bind_number(row, 0); /* changed last by its payment */
}

static void insert_order(
    struct row *row, const struct workload *workload, const struct order *order,
    struct product_numbers *numbers) {
    bind_number(row, (int64_t)order->number);
    bind_blob(row, &order->order_id, 16);
    bind_blob(row, &workload->users[order->user], 16);
    bind_literal(row, "EUR");
    bind_number(row, order->payable); /* net */
    bind_number(row, 0);              /* tax */
    bind_number(row, 0);              /* what is charged above them */
    bind_number(row, 0); /* tax rate */
    bind_number(row, 0); /* half_up */
    bind_number(row, 0); /* automatic */
    bind_number(row, order->line_count);
    bind_number(row, order->unit_count);
    bind_number(row, 0); /* shop */
    bind_number(row, order->placed_at);
    bind_number(row, 0); /* the usual deadline */
    bind_null(row); /* address and its key */
    bind_null(row);
    struct row_list lines;
    pack_lines(&lines, order, numbers);
    bind_text(row, lines.text, lines.length);
    bind_number(row, 1); /* paid, unfulfilled, open */
    bind_number(row, 0);
    bind_number(row, 0);
    bind_number(row, 0); /* shipped, returned */
    bind_number(row, 0);
    bind_null(row); /* processing since, closed reason */
    bind_null(row);
    bind_number(row, order->captured_at - order->placed_at);
    bind_number(row, order_position(order) + PLACEMENT_EVENTS);
    bind_payment(row, order);
    run(row);
}

static int by_user(const void *left, const void *right) {
    const struct order *a = left, *b = right;
    if (a->user != b->user) return a->user < b->user ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* Users' identifiers rise with their numbers. */
static void insert_purchases(
    struct model *model, struct order *orders, struct product_numbers *numbers) {
    struct row row = prepare_insert(model->database, "user_orders", 4);
    qsort(orders, model->order_count, sizeof *orders, by_user);
    for (uint64_t index = 0; index < model->order_count; index++) {
        const struct order *order = &orders[index];
        struct row_list products;
        pack_lines(&products, order, numbers);
        bind_blob(&row, &model->workload.users[order->user], 16);
        bind_number(&row, order->placed_at);
        bind_number(&row, (int64_t)order->number);
        bind_text(&row, products.text, products.length);
        run(&row);
    }
    finish(&row);
}

static void insert_sold_products(struct model *model, const struct product_numbers *numbers) {
    struct row row = prepare_insert(model->database, "sold_products", 4);
    for (uint32_t index = 0; index < PRODUCT_COUNT; index++) {
        const struct product *product = &model->workload.products[index];
        if (numbers->of[index] == 0) continue;
        bind_text(&row, product->sku, 5);
        bind_text(&row, product->name, product->name_length);
        bind_number(&row, numbers->of[index]);
        bind_number(&row, product->price);
        run(&row);
    }
    finish(&row);
}

void fill_orders(struct model *model) {
    struct row orders = prepare_insert(model->database, "stored_orders", 49);
    struct product_numbers numbers = {0};
    struct order *placed = allocate(model->order_count * sizeof *placed);
    note_setup(model);
    for (uint64_t count = 0; count < model->order_count; count++) {
        struct order order;
        workload_next(&model->workload, &order);
        insert_order(&orders, &model->workload, &order, &numbers);
        placed[count] = order;
    }
    insert_purchases(model, placed, &numbers);
    insert_sold_products(model, &numbers);
    free(placed);
    finish(&orders);
}

/* MARK: inventory.sqlite */

/* SKU, quantity; the location is the main one. */
static void pack_movement(
    struct row_list *list, const struct product *product, int64_t quantity) {
    add_literal(list, "\"");
    add_text(list, product->sku, 5);
    add_literal(list, "\",");
    add_number(list, quantity);
}

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
        struct row_list lines;
        lines.length = 0;
        pack_movement(&lines, product, STOCK_RECEIVED);
        bind_number(movements, product_position(index) + 1);
        bind_number(movements, 3); /* received */
        bind_null(movements);
        bind_text(movements, lines.text, lines.length);
        run(movements);
    }
    finish(&products);
}

static void insert_movements(
    struct row *row, const struct workload *workload, const struct order *order,
    uint32_t reserved[PRODUCT_COUNT]) {
    struct row_list lines;
    lines.length = 0;
    for (uint32_t index = 0; index < order->line_count; index++) {
        struct order_line line = order->lines[index];
        if (index > 0) add_literal(&lines, ";");
        pack_movement(&lines, &workload->products[line.product], line.quantity);
        reserved[line.product] += line.quantity;
    }
    bind_number(row, order_position(order) + 1);
    bind_number(row, 0); /* reserved */
    bind_blob(row, &order->order_id, 16);
    bind_text(row, lines.text, lines.length);
    run(row);
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

void fill_inventory(struct model *model) {
    uint32_t reserved[PRODUCT_COUNT] = {0};
    struct row movements = prepare_insert(model->database, "stock_ledger", 4);
    insert_products(model, &movements);
    note_setup(model);
    for (uint64_t count = 0; count < model->order_count; count++) {
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
    bind_blob(row, &order->mail_id, 16);
    bind_number(row, 0); /* order_confirmed */
    bind_blob(row, &workload->users[order->user], 16);
    bind_end(row, &order->order_id, &order->mail_id);
    bind_null(row);      /* verification */
    bind_number(row, 0); /* requested */
    bind_number(row, 0); /* failures */
    bind_null(row);      /* error, the provider's name */
    bind_null(row);
    bind_number(row, order->captured_at);
    bind_number(row, 0); /* changed when requested */
    run(row);
}

void fill_users(struct model *model) {
    struct row mails = prepare_insert(model->database, "stored_mails", 11);
    insert_users(model);
    note_setup(model);
    for (uint64_t count = 0; count < model->order_count; count++) {
        struct order order;
        workload_next(&model->workload, &order);
        insert_mail(&mails, &model->workload, &order);
    }
    finish(&mails);
}

/* MARK: the checkpoint */

void insert_checkpoint(struct model *model) {
    static const uint8_t zeros[32];
    int64_t count = (int64_t)model->order_count;
    struct row row = prepare_insert(model->database, "projection", 10);
    bind_text(&row, model->name, strlen(model->name));
    bind_blob(&row, zeros, 16); /* log id */
    bind_number(&row, user_position(USER_COUNT) - 1 + count * ORDER_EVENTS);
    bind_number(&row, PRODUCT_COUNT + USER_COUNT + 2 * count);
    bind_blob(&row, zeros, 32); /* chain */
    bind_blob(&row, zeros, 16); /* schema hash */
    for (int null = 0; null < 4; null++) bind_null(&row);
    run(&row);
    finish(&row);
}
