-- Read model `orders`, as DaybookProjections creates it.
-- Held equal to the code by a test; the hash below is stored in every file.
-- schema hash: 8c786b647f3ac8285ed16acc6e019ae1
-- projector 3 of LatePaymentReceived 1, OrderCancelled 1, OrderExpired 1, OrderPlaced 1, PaymentAmountMismatchDetected 1, PaymentAuthorized 1, PaymentCaptureRequested 1, PaymentCaptured 1, PaymentDeclined 1, PaymentOutcomeUnknown 1, PaymentRequested 1, PaymentVoidRequested 1, PaymentVoided 1, ProcessingStarted 1, RefundFailed 1, RefundRequested 1, RefundSucceeded 1, ReturnReceived 1, ReturnRequested 1, ShipmentDispatched 1

CREATE TABLE projection (
    name TEXT NOT NULL PRIMARY KEY,
    log_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    batch_number INTEGER NOT NULL,
    chain BLOB NOT NULL,
    schema_hash BLOB NOT NULL,
    digest BLOB,
    digest_position INTEGER,
    stopped_position INTEGER,
    stopped_reason TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
    order_number INTEGER NOT NULL PRIMARY KEY,
    order_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    currency TEXT NOT NULL,
    net_minor INTEGER NOT NULL,
    tax_minor INTEGER NOT NULL,
    payable_minor INTEGER NOT NULL,
    tax_rate_bps INTEGER NOT NULL,
    rounding TEXT NOT NULL,
    capture_mode TEXT NOT NULL,
    line_count INTEGER NOT NULL,
    unit_count INTEGER NOT NULL,
    origin TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    shipping_address BLOB,
    shipping_address_key INTEGER,
    lines TEXT NOT NULL,
    status TEXT NOT NULL,
    payment_state TEXT NOT NULL,
    fulfilment_state TEXT NOT NULL,
    closure TEXT NOT NULL,
    payment_id BLOB,
    payment_reference TEXT,
    charge TEXT NOT NULL,
    captured_minor INTEGER NOT NULL,
    refunded_minor INTEGER NOT NULL,
    shipped_units INTEGER NOT NULL,
    returned_units INTEGER NOT NULL,
    processing_since INTEGER,
    closed_reason TEXT,
    updated_at INTEGER NOT NULL,
    position INTEGER NOT NULL
) STRICT;

CREATE TABLE payments (
    order_number INTEGER NOT NULL,
    payment_id BLOB NOT NULL,
    attempt INTEGER NOT NULL,
    state TEXT NOT NULL,
    charge TEXT NOT NULL,
    capture_mode TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    authorized_minor INTEGER NOT NULL,
    captured_minor INTEGER NOT NULL,
    stray_minor INTEGER NOT NULL,
    refunded_minor INTEGER NOT NULL,
    held INTEGER NOT NULL,
    reference TEXT,
    failure_code TEXT,
    failure_reason TEXT,
    in_flight TEXT,
    in_flight_since INTEGER,
    authorization_expires_at INTEGER,
    requested_at INTEGER NOT NULL,
    capture_requested_at INTEGER,
    capture_unknown INTEGER NOT NULL,
    void_requested_at INTEGER,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (order_number, payment_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE refunds (
    order_number INTEGER NOT NULL,
    refund_id BLOB NOT NULL,
    payment_id BLOB NOT NULL,
    state TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    reason TEXT NOT NULL,
    reference TEXT,
    failure_code TEXT,
    requested_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (order_number, refund_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE shipments (
    order_number INTEGER NOT NULL,
    shipment_id BLOB NOT NULL,
    location TEXT NOT NULL,
    carrier TEXT,
    tracking TEXT,
    unit_count INTEGER NOT NULL,
    lines TEXT NOT NULL,
    dispatched_at INTEGER NOT NULL,
    PRIMARY KEY (order_number, shipment_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE returns (
    order_number INTEGER NOT NULL,
    return_id BLOB NOT NULL,
    state TEXT NOT NULL,
    requested_units INTEGER NOT NULL,
    received_units INTEGER NOT NULL,
    damaged_units INTEGER NOT NULL,
    lines TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    received_at INTEGER,
    PRIMARY KEY (order_number, return_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE user_products (
    user_id BLOB NOT NULL,
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    last_ordered INTEGER NOT NULL,
    times_ordered INTEGER NOT NULL,
    order_count INTEGER NOT NULL,
    ordered_units INTEGER NOT NULL,
    PRIMARY KEY (user_id, sku)
) STRICT, WITHOUT ROWID;

CREATE TABLE parked_events (
    position INTEGER NOT NULL,
    subject TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    payload BLOB NOT NULL,
    reason TEXT,
    PRIMARY KEY (position, subject)
) STRICT, WITHOUT ROWID;

CREATE VIEW order_lines AS
SELECT order_number,
    json_extract(line.value, '$[0]') AS line_number,
    json_extract(line.value, '$[1]') AS sku,
    json_extract(line.value, '$[2]') AS name,
    json_extract(line.value, '$[3]') AS quantity,
    json_extract(line.value, '$[4]') AS unit_price_minor,
    json_extract(line.value, '$[5]') AS price_overridden,
    json_extract(line.value, '$[6]') AS net_minor,
    json_extract(line.value, '$[7]') AS tax_minor,
    json_extract(line.value, '$[8]') AS unstocked,
    json_extract(line.value, '$[9]') AS shipped,
    json_extract(line.value, '$[10]') AS returned
FROM orders, json_each(orders.lines) AS line;

CREATE UNIQUE INDEX orders_by_id ON orders (order_id);

CREATE INDEX orders_by_time ON orders (created_at, order_id);

CREATE INDEX orders_by_user ON orders (user_id, created_at, order_id);

CREATE INDEX orders_active ON orders (user_id, created_at, order_id)
WHERE status IN ('pending', 'processing', 'shipped');

CREATE INDEX orders_by_expiry ON orders (expires_at, order_id)
WHERE status = 'pending' AND expires_at IS NOT NULL;

CREATE INDEX payments_in_flight ON payments (in_flight_since, payment_id)
WHERE in_flight IS NOT NULL;
