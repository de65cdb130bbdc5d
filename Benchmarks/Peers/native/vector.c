/* Prints the first five orders of a seed, or their events as stored, for comparison with
   ../workload.py and ../events.py: vector SEED uniform|skewed [events] */
#include "workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_order(const struct order *order) {
    printf("%u", order->user);
    for (uint32_t line = 0; line < order->line_count; line++)
        printf(" %u*%u", order->product[line], order->quantity[line]);
    printf("\n");
}

static void print_events(const struct order *order) {
    for (int type = ORDER_PLACED; type <= MAIL_REQUESTED; type++) {
        struct payload payload;
        encode_event(order, (enum event_type)type, &payload);
        if (decode_event((enum event_type)type, payload.bytes, payload.length) < 0)
            stop_with("vector", "an event that was encoded cannot be decoded");
        for (size_t index = 0; index < payload.length; index++)
            printf("%02x", payload.bytes[index]);
        printf("\n");
    }
}

int main(int argc, char **argv) {
    if (argc < 3) stop_with("usage", "vector SEED uniform|skewed [events]");
    struct stream stream = stream_from(strtoull(argv[1], NULL, 10), strcmp(argv[2], "skewed") == 0);
    for (int row = 0; row < 5; row++) {
        struct order order;
        next_order(&stream, &order);
        if (argc > 3) print_events(&order);
        else print_order(&order);
    }
}
