#include "workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint32_t below(struct stream *stream, uint32_t limit) {
    uint64_t mixed = stream->state += 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
    return (uint32_t)((mixed ^ mixed >> 31) % limit);
}

struct stream stream_from(uint64_t seed, bool skewed) {
    return (struct stream){.state = seed, .skewed = skewed};
}

static bool contains(const struct order *order, uint32_t line_count, uint32_t product) {
    for (uint32_t line = 0; line < line_count; line++)
        if (order->product[line] == product) return true;
    return false;
}

static uint32_t next_product(struct stream *stream) {
    if (!stream->skewed) return below(stream, PRODUCTS);
    return below(stream, 100) < 80 ? below(stream, 10) : 10 + below(stream, PRODUCTS - 10);
}

void next_order(struct stream *stream, struct order *order) {
    order->number = stream->next_number++;
    order->user = below(stream, USERS);
    uint32_t r = below(stream, 100);
    order->line_count = r < 25 ? 1 : r < 55 ? 2 : r < 77 ? 3 : r < 93 ? 4 : 5;
    for (uint32_t line = 0; line < order->line_count; line++) {
        uint32_t product = next_product(stream);
        while (contains(order, line, product)) product = (product + 1) % PRODUCTS;
        order->product[line] = product;
        order->quantity[line] = 1 + below(stream, 3);
    }
}

uint32_t unit_price(uint32_t product) { return 199 + product * 7919 % 9800; }

static uint64_t amount(const struct order *order) {
    uint64_t sum = 0;
    for (uint32_t line = 0; line < order->line_count; line++)
        sum += (uint64_t)order->quantity[line] * unit_price(order->product[line]);
    return sum;
}

static void put_number(struct payload *payload, uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        payload->bytes[payload->length++] = (unsigned char)(value | 0x80);
    payload->bytes[payload->length++] = (unsigned char)value;
}

static void put_text(struct payload *payload, const char *text) {
    size_t length = strlen(text);
    put_number(payload, length);
    memcpy(payload->bytes + payload->length, text, length);
    payload->length += length;
}

static void put_lines(struct payload *payload, const struct order *order, bool with_price) {
    char sku[16];
    put_number(payload, order->line_count);
    for (uint32_t line = 0; line < order->line_count; line++) {
        snprintf(sku, sizeof sku, "P%04u", order->product[line]);
        put_text(payload, sku);
        put_number(payload, order->quantity[line]);
        if (with_price) put_number(payload, unit_price(order->product[line]));
    }
}

static void put_payment(struct payload *payload, const struct order *order) {
    put_number(payload, 1);
    put_number(payload, amount(order));
    put_text(payload, "EUR");
}

void encode_event(const struct order *order, enum event_type type, struct payload *payload) {
    char reference[32];
    payload->length = 0;
    put_number(payload, order->number);
    switch (type) {
    case ORDER_PLACED:
        put_number(payload, order->user);
        put_lines(payload, order, true);
        put_text(payload, "EUR");
        break;
    case STOCK_RESERVED:
        put_text(payload, "main");
        put_lines(payload, order, false);
        break;
    case PAYMENT_REQUESTED:
        put_payment(payload, order);
        break;
    case PAYMENT_CAPTURED:
        put_payment(payload, order);
        snprintf(reference, sizeof reference, "bank-%llu", (unsigned long long)order->number);
        put_text(payload, reference);
        break;
    case MAIL_REQUESTED:
        put_number(payload, order->user);
        put_text(payload, "order-confirmation");
        break;
    }
}

struct reader {
    const unsigned char *next, *end;
    bool failed;
};

static uint64_t take_number(struct reader *reader) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && reader->next < reader->end; shift += 7) {
        unsigned char byte = *reader->next++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
    reader->failed = true;
    return 0;
}

static void take_text(struct reader *reader) {
    uint64_t length = take_number(reader);
    if (length > (size_t)(reader->end - reader->next)) reader->failed = true;
    else reader->next += length;
}

static int64_t take_lines(struct reader *reader, bool with_price) {
    int64_t units = 0;
    for (uint64_t left = take_number(reader); left > 0 && !reader->failed; left--) {
        take_text(reader);
        units += (int64_t)take_number(reader);
        if (with_price) take_number(reader);
    }
    return units;
}

int64_t decode_event(enum event_type type, const unsigned char *bytes, size_t length) {
    struct reader reader = {bytes, bytes + length, false};
    int64_t units = 0;
    take_number(&reader);
    switch (type) {
    case ORDER_PLACED:
        take_number(&reader);
        units = take_lines(&reader, true);
        take_text(&reader);
        break;
    case STOCK_RESERVED:
        take_text(&reader);
        units = take_lines(&reader, false);
        break;
    case PAYMENT_REQUESTED:
    case PAYMENT_CAPTURED:
        take_number(&reader);
        take_number(&reader);
        take_text(&reader);
        if (type == PAYMENT_CAPTURED) take_text(&reader);
        break;
    case MAIL_REQUESTED:
        take_number(&reader);
        take_text(&reader);
        break;
    default:
        return -1;
    }
    return reader.failed || reader.next != reader.end ? -1 : units;
}

double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

void print_measurement(struct measurement *measured) {
    printf("{\"orders\": %llu, \"seconds\": %.6f", (unsigned long long)measured->orders,
           measured->seconds);
    if (measured->latencies && measured->orders) {
        qsort(measured->latencies, measured->orders, sizeof(double), ascending);
        printf(", \"p50_us\": %.1f, \"p99_us\": %.1f",
               measured->latencies[measured->orders / 2] * 1e6,
               measured->latencies[measured->orders * 99 / 100] * 1e6);
    }
    if (measured->bytes_per_order > 0)
        printf(", \"bytes_per_order\": %.1f", measured->bytes_per_order);
    if (measured->replay_events_per_second > 0)
        printf(", \"replay_events_per_second\": %.0f", measured->replay_events_per_second);
    printf("}\n");
}

void stop_with(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}
