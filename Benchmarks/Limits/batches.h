#ifndef LIMITS_BATCHES_H
#define LIMITS_BATCHES_H

#include "workload.h"

/* The batches of the canonical workload, byte for byte as Daybook writes them:
   Schemas/log/batch.proto with the payloads of Schemas/{orders,inventory,payments,mail,users}. Each
   function writes one message behind its length, at most BATCH_BOUND bytes, and returns its end. */

enum { BATCH_BOUND = 2048 };

/* Order placed, stock reserved, payment requested. */
enum { PLACEMENT_EVENTS = 3 };
uint8_t *encode_placement(uint8_t *at, const struct workload *workload, const struct order *order);

/* Payment captured, mail requested; because of the payment's request at that position. */
enum { CAPTURE_EVENTS = 2 };
uint8_t *encode_capture(
    uint8_t *at, const struct workload *workload, const struct order *order, uint64_t cause);

/* Product added, stock received. */
enum { PRODUCT_EVENTS = 2 };
uint8_t *encode_product(uint8_t *at, const struct workload *workload, uint32_t product);

/* User registered, verification issued, e-mail verified. */
enum { USER_EVENTS = 3 };
uint8_t *encode_user(uint8_t *at, const struct workload *workload, uint32_t user);

/* The start of the message that a batch's bytes hold behind their length. */
const uint8_t *skip_length(const uint8_t *batch);

#endif
