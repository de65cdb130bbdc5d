#include "batches.h"

#include <string.h>

/* MARK: protobuf */

enum wire { WIRE_VARINT = 0, WIRE_BYTES = 2 };

static inline uint8_t *put_varint(uint8_t *at, uint64_t value) {
    for (; value >= 0x80; value >>= 7) *at++ = (uint8_t)(value | 0x80);
    *at++ = (uint8_t)value;
    return at;
}

static inline uint8_t *put_number(uint8_t *at, unsigned field, uint64_t value) {
    *at++ = (uint8_t)(field << 3 | WIRE_VARINT);
    return put_varint(at, value);
}

static inline uint8_t *put_bytes(uint8_t *at, unsigned field, const void *bytes, size_t count) {
    *at++ = (uint8_t)(field << 3 | WIRE_BYTES);
    at = put_varint(at, count);
    memcpy(at, bytes, count);
    return at + count;
}

#define put_literal(at, field, text) put_bytes((at), (field), (text), sizeof(text) - 1)

static inline uint8_t *put_identifier(uint8_t *at, unsigned field, const struct identifier *id) {
    return put_bytes(at, field, id->bytes, sizeof id->bytes);
}

/* A message whose length is not known yet: room for a length of `width` bytes is left. */
struct message {
    uint8_t *start;
    unsigned width;
};

static inline struct message open_delimited(uint8_t *at, unsigned width) {
    return (struct message){.start = at + width, .width = width};
}

static inline struct message open_message(uint8_t *at, unsigned field, unsigned width) {
    *at++ = (uint8_t)(field << 3 | WIRE_BYTES);
    return open_delimited(at, width);
}

/* Writes the length; moves the content when the guess of its width was wrong. */
static inline uint8_t *close_message(struct message message, uint8_t *end) {
    size_t count = (size_t)(end - message.start);
    unsigned width = count < 0x80 ? 1 : count < 0x4000 ? 2 : 3;
    if (width != message.width) {
        memmove(message.start + width - message.width, message.start, count);
        end = end + width - message.width;
    }
    put_varint(message.start - message.width, count);
    return end;
}

/* MARK: what batches have in common */

/* Fields of Batch. */
enum {
    BATCH_RECORDED_AT = 1, BATCH_ACTOR, BATCH_COMMAND, BATCH_KEY, BATCH_FINGERPRINT,
    BATCH_CORRELATION, BATCH_CAUSATION, BATCH_TYPES, BATCH_TAGS, BATCH_EVENTS,
};

/* Fields of Event. */
enum { EVENT_TYPE = 1, EVENT_SCHEMA_VERSION, EVENT_TAGS, EVENT_PAYLOAD };

static inline uint8_t *put_tag(
    uint8_t *at, const char *label, const void *value, size_t value_count) {
    size_t label_count = strlen(label);
    *at++ = BATCH_TAGS << 3 | WIRE_BYTES;
    at = put_varint(at, label_count + value_count);
    memcpy(at, label, label_count);
    memcpy(at + label_count, value, value_count);
    return at + label_count + value_count;
}

static inline uint8_t *put_identifier_tag(
    uint8_t *at, const char *label, const struct identifier *id) {
    return put_tag(at, label, id->bytes, sizeof id->bytes);
}

/* An event as far as its payload. */
struct open_event {
    struct message event, payload;
};

static inline struct open_event open_event(
    uint8_t *at, unsigned type, const uint8_t *tags, size_t tag_count, unsigned width) {
    struct open_event open;
    open.event = open_message(at, BATCH_EVENTS, width);
    at = open.event.start;
    if (type > 0) at = put_number(at, EVENT_TYPE, type);
    at = put_bytes(at, EVENT_TAGS, tags, tag_count);
    open.payload = open_message(at, EVENT_PAYLOAD, width);
    return open;
}

static inline uint8_t *close_event(struct open_event open, uint8_t *end) {
    return close_message(open.event, close_message(open.payload, end));
}

static inline uint8_t *put_money(uint8_t *at, unsigned field, int64_t minor) {
    struct message money = open_message(at, field, 1);
    at = put_number(money.start, 1, (uint64_t)minor << 1); /* zigzag of what is not negative */
    at = put_literal(at, 2, "EUR");
    return close_message(money, at);
}

const uint8_t *skip_length(const uint8_t *batch) {
    while (*batch & 0x80) batch++;
    return batch + 1;
}

/* MARK: batch 1 of an order */

static uint8_t *put_order_line(
    uint8_t *at, const struct product *product, struct order_line line, unsigned number) {
    struct message message = open_message(at, 4, 1);
    at = put_number(message.start, 1, number);
    at = put_bytes(at, 2, product->sku, 5);
    at = put_bytes(at, 3, product->name, product->name_length);
    at = put_number(at, 4, line.quantity);
    at = put_number(at, 5, (uint64_t)product->price);
    at = put_number(at, 7, (uint64_t)product->price * line.quantity);
    return close_message(message, at);
}

static uint8_t *put_order_placed(
    uint8_t *at, const struct workload *workload, const struct order *order) {
    struct open_event event = open_event(at, 0, (uint8_t[]){0, 1}, 2, 2);
    at = put_identifier(event.payload.start, 1, &order->order_id);
    at = put_number(at, 2, order->number);
    at = put_identifier(at, 3, &workload->users[order->user]);
    for (uint32_t index = 0; index < order->line_count; index++) {
        struct order_line line = order->lines[index];
        at = put_order_line(at, &workload->products[line.product], line, index + 1);
    }
    at = put_literal(at, 5, "EUR");
    at = put_number(at, 6, (uint64_t)order->payable);
    at = put_number(at, 8, (uint64_t)order->payable);
    at = put_number(at, 10, 1); /* half up */
    at = put_number(at, 11, 1); /* automatic capture */
    at = put_number(at, 12, (uint64_t)(order->placed_at + PAYMENT_DEADLINE));
    return close_event(event, at);
}

static uint8_t *put_stock_reserved(
    uint8_t *at, const struct workload *workload, const struct order *order) {
    uint8_t tags[1 + LINE_LIMIT] = {0};
    for (uint32_t index = 0; index < order->line_count; index++)
        tags[1 + index] = (uint8_t)(2 + index);
    struct open_event event = open_event(at, 1, tags, 1 + order->line_count, 1);
    at = put_identifier(event.payload.start, 1, &order->order_id);
    for (uint32_t index = 0; index < order->line_count; index++) {
        struct order_line line = order->lines[index];
        struct message message = open_message(at, 2, 1);
        at = put_number(message.start, 1, index + 1);
        at = put_bytes(at, 2, workload->products[line.product].sku, 5);
        at = put_literal(at, 3, "main");
        at = put_number(at, 4, line.quantity);
        at = close_message(message, at);
    }
    return close_event(event, at);
}

static uint8_t *put_payment_requested(uint8_t *at, const struct order *order) {
    uint8_t tags[2] = {0, (uint8_t)(2 + order->line_count)};
    struct open_event event = open_event(at, 2, tags, 2, 1);
    at = put_identifier(event.payload.start, 1, &order->payment_id);
    at = put_identifier(at, 2, &order->order_id);
    at = put_number(at, 3, 1); /* first attempt */
    at = put_money(at, 4, order->payable);
    at = put_number(at, 5, 1); /* automatic capture */
    return close_event(event, at);
}

/* "w" and the order's number in the stream, from 0. */
static uint8_t *put_key(uint8_t *at, uint64_t number) {
    char digits[21];
    size_t start = sizeof digits;
    do digits[--start] = (char)('0' + number % 10);
    while (number /= 10);
    digits[--start] = 'w';
    return put_bytes(at, BATCH_KEY, digits + start, sizeof digits - start);
}

static uint8_t *put_placement_tags(
    uint8_t *at, const struct workload *workload, const struct order *order) {
    at = put_identifier_tag(at, "order=", &order->order_id);
    at = put_identifier_tag(at, "user=", &workload->users[order->user]);
    for (uint32_t index = 0; index < order->line_count; index++)
        at = put_tag(at, "sku:", workload->products[order->lines[index].product].sku, 5);
    return put_identifier_tag(at, "payment=", &order->payment_id);
}

uint8_t *encode_placement(uint8_t *at, const struct workload *workload, const struct order *order) {
    struct message batch = open_delimited(at, 2);
    at = put_number(batch.start, BATCH_RECORDED_AT, (uint64_t)order->placed_at);
    at = put_literal(at, BATCH_ACTOR, "operator:workload");
    at = put_literal(at, BATCH_COMMAND, "CreateOrder");
    at = put_key(at, order->number - 1);
    at = put_bytes(at, BATCH_FINGERPRINT, order->fingerprint, sizeof order->fingerprint);
    at = put_literal(at, BATCH_TYPES, "OrderPlaced");
    at = put_literal(at, BATCH_TYPES, "StockReserved");
    at = put_literal(at, BATCH_TYPES, "PaymentRequested");
    at = put_placement_tags(at, workload, order);
    at = put_order_placed(at, workload, order);
    at = put_stock_reserved(at, workload, order);
    at = put_payment_requested(at, order);
    return close_message(batch, at);
}

/* MARK: batch 2 of an order */

static uint8_t *put_payment_captured(uint8_t *at, const struct order *order) {
    char reference[REFERENCE_LENGTH];
    payment_reference(&order->order_id, reference);
    struct open_event event = open_event(at, 0, (uint8_t[]){0, 1}, 2, 1);
    at = put_identifier(event.payload.start, 1, &order->payment_id);
    at = put_identifier(at, 2, &order->order_id);
    at = put_money(at, 4, order->payable);
    at = put_bytes(at, 5, reference, sizeof reference);
    return close_event(event, at);
}

static uint8_t *put_mail_requested(
    uint8_t *at, const struct identifier *user, const struct order *order) {
    struct open_event event = open_event(at, 1, (uint8_t[]){2, 3, 0}, 3, 1);
    at = put_identifier(event.payload.start, 1, &order->mail_id);
    at = put_number(at, 2, 1); /* order confirmed */
    at = put_identifier(at, 3, user);
    at = put_identifier(at, 4, &order->order_id);
    return close_event(event, at);
}

uint8_t *encode_capture(
    uint8_t *at, const struct workload *workload, const struct order *order, uint64_t cause) {
    const struct identifier *user = &workload->users[order->user];
    struct message batch = open_delimited(at, 2);
    at = put_number(batch.start, BATCH_RECORDED_AT, (uint64_t)order->captured_at);
    at = put_literal(at, BATCH_ACTOR, "gateway");
    at = put_literal(at, BATCH_COMMAND, "RecordPaymentOutcome");
    at = put_number(at, BATCH_CAUSATION, cause);
    at = put_literal(at, BATCH_TYPES, "PaymentCaptured");
    at = put_literal(at, BATCH_TYPES, "MailRequested");
    at = put_identifier_tag(at, "order=", &order->order_id);
    at = put_identifier_tag(at, "payment=", &order->payment_id);
    at = put_identifier_tag(at, "mail=", &order->mail_id);
    at = put_identifier_tag(at, "user=", user);
    at = put_payment_captured(at, order);
    at = put_mail_requested(at, user, order);
    return close_message(batch, at);
}

/* MARK: what is there before the first order */

static uint8_t *put_head(uint8_t *at, int64_t recorded_at) {
    at = put_number(at, BATCH_RECORDED_AT, (uint64_t)recorded_at);
    at = put_literal(at, BATCH_ACTOR, "operator");
    return put_literal(at, BATCH_COMMAND, "Transaction");
}

uint8_t *encode_product(uint8_t *at, const struct workload *workload, uint32_t index) {
    const struct product *product = &workload->products[index];
    struct message batch = open_delimited(at, 2);
    at = put_head(batch.start, product_created_at(index));
    at = put_literal(at, BATCH_TYPES, "ProductAdded");
    at = put_literal(at, BATCH_TYPES, "StockReceived");
    at = put_tag(at, "sku:", product->sku, 5);
    struct open_event added = open_event(at, 0, (uint8_t[]){0}, 1, 1);
    at = put_bytes(added.payload.start, 1, product->sku, 5);
    at = put_bytes(at, 2, product->name, product->name_length);
    at = put_money(at, 3, product->price);
    at = put_number(at, 4, 1); /* stocked */
    at = close_event(added, at);
    struct open_event received = open_event(at, 1, (uint8_t[]){0}, 1, 1);
    at = put_bytes(received.payload.start, 1, product->sku, 5);
    at = put_literal(at, 2, "main");
    at = put_number(at, 3, STOCK_RECEIVED);
    return close_message(batch, close_event(received, at));
}

static uint8_t *put_user_events(
    uint8_t *at, const struct identifier *user, const struct user_secrets *secrets,
    int64_t expires_at) {
    struct open_event registered = open_event(at, 0, (uint8_t[]){0, 1}, 2, 1);
    at = put_identifier(registered.payload.start, 1, user);
    at = put_bytes(at, 2, secrets->digest, sizeof secrets->digest);
    struct message email = open_message(at, 3, 1);
    at = put_bytes(email.start, 1, secrets->sealed, sizeof secrets->sealed);
    at = put_number(at, 2, 1); /* key version */
    at = close_event(registered, close_message(email, at));
    struct open_event issued = open_event(at, 1, (uint8_t[]){2, 0}, 2, 1);
    at = put_identifier(issued.payload.start, 1, &secrets->verification);
    at = put_identifier(at, 2, user);
    at = put_number(at, 3, 1); /* e-mail verification */
    at = put_bytes(at, 4, secrets->digest, sizeof secrets->digest);
    at = put_number(at, 5, (uint64_t)expires_at);
    at = close_event(issued, at);
    struct open_event verified = open_event(at, 2, (uint8_t[]){2, 0}, 2, 1);
    at = put_identifier(verified.payload.start, 1, user);
    at = put_identifier(at, 2, &secrets->verification);
    return close_event(verified, at);
}

/* The tag shows the digest as 64 hexadecimal digits. */
static uint8_t *put_email_tag(uint8_t *at, const uint8_t digest[32]) {
    char text[64];
    for (int place = 0; place < 64; place++)
        text[place] = "0123456789abcdef"[digest[place / 2] >> (place % 2 ? 0 : 4) & 15];
    return put_tag(at, "email:", text, sizeof text);
}

uint8_t *encode_user(uint8_t *at, const struct workload *workload, uint32_t index) {
    const struct identifier *user = &workload->users[index];
    struct user_secrets secrets = make_user_secrets(index);
    int64_t created_at = user_created_at(index);
    struct message batch = open_delimited(at, 2);
    at = put_head(batch.start, created_at);
    at = put_literal(at, BATCH_TYPES, "UserRegistered");
    at = put_literal(at, BATCH_TYPES, "VerificationIssued");
    at = put_literal(at, BATCH_TYPES, "EmailVerified");
    at = put_identifier_tag(at, "user=", user);
    at = put_email_tag(at, secrets.digest);
    at = put_identifier_tag(at, "verification=", &secrets.verification);
    at = put_user_events(at, user, &secrets, created_at + PAYMENT_DEADLINE);
    return close_message(batch, at);
}
