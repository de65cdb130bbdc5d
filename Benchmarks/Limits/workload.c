#include "workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static uint32_t below(uint64_t *state, uint32_t limit) {
    return (uint32_t)(next_random(state) % limit);
}

int64_t product_created_at(uint32_t product) { return TIME_BEGIN + 1000 * (int64_t)product; }

int64_t user_created_at(uint32_t user) {
    return TIME_BEGIN + 1000 * (PRODUCT_COUNT + (int64_t)user);
}

int64_t order_placed_at(uint64_t number) { return ORDERS_BEGIN + 10 * (int64_t)number; }

/* MARK: names */

static void store_big_endian(uint8_t *bytes, uint64_t value) {
    value = __builtin_bswap64(value);
    memcpy(bytes, &value, 8);
}

/* RFC 9562 section 5.7. */
struct identifier make_identifier(uint64_t *names, int64_t at) {
    struct identifier identifier;
    uint64_t milliseconds = (uint64_t)at / 1000;
    uint64_t high = milliseconds << 16 | 0x7000 | (next_random(names) & 0xFFF);
    uint64_t low = UINT64_C(1) << 63 | next_random(names) >> 2;
    store_big_endian(identifier.bytes, high);
    store_big_endian(identifier.bytes + 8, low);
    return identifier;
}

void order_text(const struct identifier *order_id, char text[ORDER_TEXT_LENGTH]) {
    __extension__ unsigned __int128 rest = 0;
    for (int index = 0; index < 16; index++) rest = rest << 8 | order_id->bytes[index];
    memcpy(text, "ord_", 4);
    for (int index = ORDER_TEXT_LENGTH - 1; index >= 4; index--, rest >>= 5)
        text[index] = "0123456789abcdefghjkmnpqrstvwxyz"[(unsigned)rest & 31];
}

void payment_reference(const struct identifier *order_id, char text[REFERENCE_LENGTH]) {
    order_text(order_id, text);
    memcpy(text + ORDER_TEXT_LENGTH, "/1", 2);
}

static void fill_random(uint8_t *bytes, size_t count, uint64_t *state) {
    for (size_t index = 0; index < count; index++) bytes[index] = (uint8_t)next_random(state);
}

struct user_secrets make_user_secrets(uint32_t user) {
    struct user_secrets secrets;
    uint64_t state = user;
    fill_random(secrets.digest, sizeof secrets.digest, &state);
    fill_random(secrets.sealed, sizeof secrets.sealed, &state);
    secrets.verification = make_identifier(&state, user_created_at(user));
    return secrets;
}

/* MARK: products, users, orders */

void workload_begin(struct workload *workload, uint64_t seed, bool skewed) {
    workload->state = seed;
    workload->names = ~seed;
    workload->order_count = 0;
    workload->skewed = skewed;
    for (uint32_t index = 0; index < PRODUCT_COUNT; index++) {
        struct product *product = &workload->products[index];
        snprintf(product->sku, sizeof product->sku, "P%04u", index % 10000);
        product->name_length =
            (uint8_t)snprintf(product->name, sizeof product->name, "Product %u", index % 1000);
        product->price = 199 + (int64_t)index * 7919 % 9800;
    }
    for (uint32_t index = 0; index < USER_COUNT; index++)
        workload->users[index] = make_identifier(&workload->names, user_created_at(index));
}

static uint32_t draw_line_count(uint64_t *state) {
    uint32_t drawn = below(state, 100);
    return drawn < 25 ? 1 : drawn < 55 ? 2 : drawn < 77 ? 3 : drawn < 93 ? 4 : 5;
}

static uint32_t draw_product(struct workload *workload) {
    if (!workload->skewed) return below(&workload->state, PRODUCT_COUNT);
    return below(&workload->state, 100) < 80 ? below(&workload->state, 10)
                                             : 10 + below(&workload->state, 990);
}

static bool holds_product(const struct order *order, uint32_t product) {
    for (uint32_t index = 0; index < order->line_count; index++) {
        if (order->lines[index].product == product) return true;
    }
    return false;
}

static void draw_line(struct workload *workload, struct order *order) {
    uint32_t product = draw_product(workload);
    while (holds_product(order, product)) product = (product + 1) % PRODUCT_COUNT;
    uint32_t quantity = 1 + below(&workload->state, 3);
    order->lines[order->line_count++] =
        (struct order_line){.product = (uint16_t)product, .quantity = (uint8_t)quantity};
    order->unit_count += quantity;
    order->payable += quantity * workload->products[product].price;
}

static void name_order(struct workload *workload, struct order *order) {
    uint64_t *names = &workload->names;
    order->order_id = make_identifier(names, order->placed_at);
    order->payment_id = make_identifier(names, order->placed_at);
    order->mail_id = make_identifier(names, order->captured_at);
    for (int index = 0; index < 4; index++)
        store_big_endian(order->fingerprint + 8 * index, next_random(names));
}

void workload_next(struct workload *workload, struct order *order) {
    order->number = ++workload->order_count;
    order->placed_at = order_placed_at(order->number);
    order->captured_at = order->placed_at + 5;
    order->payable = 0;
    order->unit_count = order->line_count = 0;
    order->user = below(&workload->state, USER_COUNT);
    uint32_t line_count = draw_line_count(&workload->state);
    while (order->line_count < line_count) draw_line(workload, order);
    name_order(workload, order);
}

void print_vector(uint64_t seed, bool skewed) {
    struct workload *workload = allocate(sizeof *workload);
    workload_begin(workload, seed, skewed);
    for (int count = 0; count < 5; count++) {
        struct order order;
        workload_next(workload, &order);
        printf("%u", order.user);
        for (uint32_t index = 0; index < order.line_count; index++)
            printf(" %u*%u", order.lines[index].product, order.lines[index].quantity);
        printf("\n");
    }
    free(workload);
}
