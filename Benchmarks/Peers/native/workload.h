/* The canonical workload in C: ../workload.py is the same stream; vector.c lets run.py compare.
   Also the stored form of the five events of an order, shared by the programs that store bytes. */
#ifndef DAYBOOK_PEERS_WORKLOAD_H
#define DAYBOOK_PEERS_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PRODUCTS = 1000, USERS = 10000, LINES_MAX = 5, EVENTS_PER_ORDER = 5, FIRST_BATCH = 3,
       GROUP = 1000, PAYLOAD_MAX = 128 };

enum event_type { ORDER_PLACED = 1, STOCK_RESERVED, PAYMENT_REQUESTED, PAYMENT_CAPTURED,
                  MAIL_REQUESTED };

struct stream {
    uint64_t state;
    uint64_t next_number;
    bool skewed;
};

struct order {
    uint64_t number;
    uint32_t user;
    uint32_t line_count;
    uint32_t product[LINES_MAX];
    uint32_t quantity[LINES_MAX];
};

struct payload {
    size_t length;
    unsigned char bytes[PAYLOAD_MAX];
};

struct stream stream_from(uint64_t seed, bool skewed);
void next_order(struct stream *stream, struct order *order);
uint32_t unit_price(uint32_t product);

/* Encodes one event of an order: varints and length-prefixed text. */
void encode_event(const struct order *order, enum event_type type, struct payload *payload);

/* Reads every field of a stored event; returns the number of units it speaks of, or -1 if it is not
   well formed. */
int64_t decode_event(enum event_type type, const unsigned char *bytes, size_t length);

double seconds_now(void);

/* Sorts, and prints the measurements that every program here reports, as one JSON object. */
struct measurement {
    uint64_t orders;
    double seconds;
    double *latencies; /* seconds an order, or NULL */
    double bytes_per_order;
    double replay_events_per_second;
};
void print_measurement(struct measurement *measured);

void stop_with(const char *what, const char *why) __attribute__((noreturn));

#endif
