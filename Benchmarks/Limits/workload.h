#ifndef LIMITS_WORKLOAD_H
#define LIMITS_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

/* The canonical workload: the same products, users and orders as in the Swift benchmarks and the
   peers' scripts, from the same seed. Names (identifiers, fingerprints) come from a stream of their
   own, and time is counted, not read, so that every run makes the same bytes. */

enum { PRODUCT_COUNT = 1000, USER_COUNT = 10000, LINE_LIMIT = 5 };

/* 2026-01-01, in microseconds; products and users come first, orders ORDERS_BEGIN later. */
#define TIME_BEGIN INT64_C(1767225600000000)
#define ORDERS_BEGIN (TIME_BEGIN + INT64_C(60000000))
#define PAYMENT_DEADLINE INT64_C(86400000000)
#define STOCK_RECEIVED 1000000000u

/* A UUIDv7, most significant byte first. */
struct identifier {
    uint8_t bytes[16];
};

struct product {
    char sku[6];
    char name[12];
    uint8_t name_length;
    int64_t price;
};

struct order_line {
    uint16_t product;
    uint8_t quantity;
};

struct order {
    uint64_t number;
    int64_t placed_at;
    int64_t captured_at;
    int64_t payable;
    uint32_t user;
    uint32_t unit_count;
    uint32_t line_count;
    struct order_line lines[LINE_LIMIT];
    struct identifier order_id, payment_id, mail_id;
    uint8_t fingerprint[32];
};

struct workload {
    struct product products[PRODUCT_COUNT];
    struct identifier users[USER_COUNT];
    uint64_t state;
    uint64_t names;
    uint64_t order_count;
    bool skewed;
};

/* What is secret about a user, in a shop random: digest and sealed address; and the link. */
struct user_secrets {
    uint8_t digest[32], sealed[48];
    struct identifier verification;
};

/* "ord_" and 26 characters; the reference of the Swift benchmarks' bank is that and "/1". */
enum { ORDER_TEXT_LENGTH = 30, REFERENCE_LENGTH = 32 };

void workload_begin(struct workload *workload, uint64_t seed, bool skewed);
void workload_next(struct workload *workload, struct order *order);

/* SplitMix64. */
uint64_t next_random(uint64_t *state);

int64_t product_created_at(uint32_t product);
int64_t user_created_at(uint32_t user);
int64_t order_placed_at(uint64_t number);
struct identifier make_identifier(uint64_t *names, int64_t at);
void order_text(const struct identifier *order_id, char text[ORDER_TEXT_LENGTH]);
void payment_reference(const struct identifier *order_id, char text[REFERENCE_LENGTH]);

struct user_secrets make_user_secrets(uint32_t user);

/* Prints the first five orders, one a line: user, then product*quantity for each line. */
void print_vector(uint64_t seed, bool skewed);

#endif
