-- Read model `orders`, as DaybookProjections creates it.
-- Held equal to the code by a test; the hash below is stored in every file.
-- schema hash: 4f403bb77a1f7a18e08686ce50081f76
-- projector 6 of LatePaymentReceived 1, OrderCancelled 1, OrderExpired 1, OrderPlaced 1, PaymentAmountMismatchDetected 1, PaymentAuthorized 1, PaymentCaptureRequested 1, PaymentCaptured 1, PaymentDeclined 1, PaymentOutcomeUnknown 1, PaymentRequested 1, PaymentVoidRequested 1, PaymentVoided 1, ProcessingStarted 1, RefundFailed 1, RefundRequested 1, RefundSucceeded 1, ReturnReceived 1, ReturnRequested 1, ShipmentDispatched 1

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

CREATE TABLE stored_orders (
    order_number INTEGER NOT NULL PRIMARY KEY,
    order_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    currency TEXT NOT NULL,
    net_minor INTEGER NOT NULL,
    tax_minor INTEGER NOT NULL,
    payable_surplus INTEGER NOT NULL,
    tax_rate_bps INTEGER NOT NULL,
    rounding INTEGER NOT NULL,
    capture_mode INTEGER NOT NULL,
    line_count INTEGER NOT NULL,
    unit_count INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_shift INTEGER,
    shipping_address BLOB,
    shipping_address_key INTEGER,
    lines TEXT NOT NULL,
    status INTEGER NOT NULL,
    fulfilment_state INTEGER NOT NULL,
    closure INTEGER NOT NULL,
    shipped_units INTEGER NOT NULL,
    returned_units INTEGER NOT NULL,
    processing_since INTEGER,
    closed_reason TEXT,
    updated_after INTEGER NOT NULL,
    position INTEGER NOT NULL,
    payment_state INTEGER NOT NULL,
    payment_id_end BLOB,
    attempt INTEGER,
    charge INTEGER,
    payment_capture_mode INTEGER,
    amount_surplus INTEGER,
    authorized_minor INTEGER,
    uncaptured_minor INTEGER,
    stray_minor INTEGER,
    refunded_minor INTEGER,
    held INTEGER,
    payment_reference ANY,
    failure_code TEXT,
    failure_reason TEXT,
    in_flight INTEGER,
    in_flight_since INTEGER,
    authorization_expires_at INTEGER,
    requested_after INTEGER,
    capture_requested_at INTEGER,
    capture_unknown INTEGER,
    void_requested_at INTEGER,
    payment_updated_before INTEGER
) STRICT;

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

CREATE TABLE user_orders (
    user_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    order_number INTEGER NOT NULL,
    products TEXT NOT NULL,
    PRIMARY KEY (user_id, created_at, order_number)
) STRICT, WITHOUT ROWID;

CREATE TABLE sold_products (
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    product_number INTEGER NOT NULL,
    unit_price_minor INTEGER NOT NULL,
    PRIMARY KEY (sku, name)
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

CREATE VIEW orders AS
SELECT order_number,
    order_id,
    user_id,
    currency,
    net_minor,
    tax_minor,
    net_minor + tax_minor + payable_surplus AS payable_minor,
    tax_rate_bps,
    CASE rounding WHEN 0 THEN 'half_up' WHEN 1 THEN 'half_even' END AS rounding,
    CASE capture_mode WHEN 0 THEN 'automatic' WHEN 1 THEN 'manual' END AS capture_mode,
    line_count,
    unit_count,
    CASE origin WHEN 0 THEN 'shop' WHEN 1 THEN 'imported' END AS origin,
    created_at,
    created_at + 86400000000 + expires_shift AS expires_at,
    shipping_address,
    shipping_address_key,
    CASE lines WHEN '' THEN '[]' ELSE '[[' || replace(lines, ';', '],[') || ']]' END AS lines,
    CASE status WHEN 0 THEN 'pending' WHEN 1 THEN 'paid' WHEN 2 THEN 'payment_failed' WHEN 3 THEN 'processing' WHEN 4 THEN 'shipped' WHEN 5 THEN 'delivered' WHEN 6 THEN 'returned' WHEN 7 THEN 'cancelled' WHEN 8 THEN 'expired' END AS status,
    CASE payment_state WHEN 0 THEN 'captured' WHEN 1 THEN 'pending' WHEN 2 THEN 'none' WHEN 3 THEN 'requires_action' WHEN 4 THEN 'unknown' WHEN 5 THEN 'authorized' WHEN 6 THEN 'partially_captured' WHEN 7 THEN 'partially_refunded' WHEN 8 THEN 'refunded' WHEN 9 THEN 'voided' WHEN 10 THEN 'declined' WHEN 11 THEN 'authorization_expired' END AS payment_state,
    CASE fulfilment_state WHEN 0 THEN 'unfulfilled' WHEN 1 THEN 'partially_shipped' WHEN 2 THEN 'shipped' WHEN 3 THEN 'partially_delivered' WHEN 4 THEN 'delivered' WHEN 5 THEN 'partially_returned' WHEN 6 THEN 'returned' END AS fulfilment_state,
    CASE closure WHEN 0 THEN 'open' WHEN 1 THEN 'cancelled' WHEN 2 THEN 'expired' END AS closure,
    CAST(substr(order_id, 1, 16 - length(payment_id_end)) || payment_id_end AS BLOB) AS payment_id,
    CASE typeof(payment_reference) WHEN 'integer'
THEN 'ord_' || (
    WITH RECURSIVE digit(bit, nibbles, text) AS (
        SELECT 2, '0' || hex(order_id), ''
        UNION ALL
        SELECT bit + 5, nibbles, text || substr('0123456789abcdefghjkmnpqrstvwxyz', 1 + (
            instr('123456789ABCDEF', substr(nibbles, bit / 4 + 1, 1)) * 16
                + instr('123456789ABCDEF', substr(nibbles, bit / 4 + 2, 1)) >> 3 - bit % 4 & 31
        ), 1)
        FROM digit WHERE bit < 132
    )
    SELECT text FROM digit WHERE bit = 132
) || '/' || payment_reference
ELSE payment_reference END AS payment_reference,
    coalesce(CASE charge WHEN 0 THEN 'in_flight' WHEN 1 THEN 'captured' WHEN 2 THEN 'unknown' WHEN 3 THEN 'authorized' WHEN 4 THEN 'declined' WHEN 5 THEN 'voided' WHEN 6 THEN 'mismatched' END, 'none') AS charge,
    coalesce(net_minor + tax_minor + payable_surplus + amount_surplus - uncaptured_minor, 0) AS captured_minor,
    coalesce(refunded_minor, 0) AS refunded_minor,
    shipped_units,
    returned_units,
    processing_since,
    closed_reason,
    created_at + updated_after AS updated_at,
    position
FROM stored_orders;

CREATE VIEW order_lines AS
SELECT order_number,
    line.key + 1 + coalesce(json_extract(line.value, '$[9]'), 0) AS line_number,
    sku, name,
    json_extract(line.value, '$[1]') AS quantity,
    unit_price_minor + coalesce(json_extract(line.value, '$[2]'), 0)
        AS unit_price_minor,
    coalesce(json_extract(line.value, '$[7]'), 0) AS price_overridden,
    json_extract(line.value, '$[1]')
        * (unit_price_minor + coalesce(json_extract(line.value, '$[2]'), 0))
        + coalesce(json_extract(line.value, '$[5]'), 0) AS net_minor,
    coalesce(json_extract(line.value, '$[6]'), 0) AS tax_minor,
    coalesce(json_extract(line.value, '$[8]'), 0) AS unstocked,
    coalesce(json_extract(line.value, '$[3]'), 0) AS shipped,
    coalesce(json_extract(line.value, '$[4]'), 0) AS returned
FROM stored_orders JOIN json_each(CASE stored_orders.lines WHEN '' THEN '[]' ELSE '[[' || replace(stored_orders.lines, ';', '],[') || ']]' END) AS line
    LEFT JOIN sold_products ON product_number = json_extract(line.value, '$[0]');

CREATE VIEW payments AS
SELECT order_number,
    CAST(substr(order_id, 1, 16 - length(payment_id_end)) || payment_id_end AS BLOB) AS payment_id,
    attempt,
    CASE payment_state WHEN 0 THEN 'captured' WHEN 1 THEN 'pending' WHEN 2 THEN 'none' WHEN 3 THEN 'requires_action' WHEN 4 THEN 'unknown' WHEN 5 THEN 'authorized' WHEN 6 THEN 'partially_captured' WHEN 7 THEN 'partially_refunded' WHEN 8 THEN 'refunded' WHEN 9 THEN 'voided' WHEN 10 THEN 'declined' WHEN 11 THEN 'authorization_expired' END AS state,
    CASE charge WHEN 0 THEN 'in_flight' WHEN 1 THEN 'captured' WHEN 2 THEN 'unknown' WHEN 3 THEN 'authorized' WHEN 4 THEN 'declined' WHEN 5 THEN 'voided' WHEN 6 THEN 'mismatched' END AS charge,
    CASE payment_capture_mode WHEN 0 THEN 'automatic' WHEN 1 THEN 'manual' END AS capture_mode,
    currency,
    net_minor + tax_minor + payable_surplus + amount_surplus AS amount_minor,
    authorized_minor,
    net_minor + tax_minor + payable_surplus + amount_surplus - uncaptured_minor AS captured_minor,
    stray_minor,
    refunded_minor,
    held,
    CASE typeof(payment_reference) WHEN 'integer'
THEN 'ord_' || (
    WITH RECURSIVE digit(bit, nibbles, text) AS (
        SELECT 2, '0' || hex(order_id), ''
        UNION ALL
        SELECT bit + 5, nibbles, text || substr('0123456789abcdefghjkmnpqrstvwxyz', 1 + (
            instr('123456789ABCDEF', substr(nibbles, bit / 4 + 1, 1)) * 16
                + instr('123456789ABCDEF', substr(nibbles, bit / 4 + 2, 1)) >> 3 - bit % 4 & 31
        ), 1)
        FROM digit WHERE bit < 132
    )
    SELECT text FROM digit WHERE bit = 132
) || '/' || payment_reference
ELSE payment_reference END AS reference,
    failure_code,
    failure_reason,
    CASE in_flight WHEN 0 THEN 'charge' WHEN 1 THEN 'capture' WHEN 2 THEN 'void' END AS in_flight,
    in_flight_since,
    authorization_expires_at,
    created_at + requested_after AS requested_at,
    capture_requested_at,
    capture_unknown,
    void_requested_at,
    created_at + updated_after - payment_updated_before AS updated_at
FROM stored_orders
WHERE payment_id_end IS NOT NULL;

CREATE VIEW user_products AS
SELECT user_id, sku, max(latest_name) AS name, max(created_at) AS last_ordered,
    count(*) AS times_ordered, count(DISTINCT order_number) AS order_count,
    sum(quantity) AS ordered_units
FROM (
    SELECT user_id, order_number, created_at, sku,
        json_extract(line.value, '$[1]') AS quantity,
        first_value(name) OVER (
            PARTITION BY user_id, sku
            ORDER BY created_at DESC, order_number DESC, line.key DESC
        ) AS latest_name
    FROM user_orders JOIN json_each(CASE user_orders.products WHEN '' THEN '[]' ELSE '[[' || replace(user_orders.products, ';', '],[') || ']]' END) AS line
        JOIN sold_products ON product_number = json_extract(line.value, '$[0]')
)
GROUP BY user_id, sku;

CREATE INDEX orders_by_id ON stored_orders (substr(order_id, 1, 9));

CREATE INDEX orders_by_time ON stored_orders (created_at);

CREATE UNIQUE INDEX sold_products_by_number ON sold_products (product_number);

CREATE INDEX orders_active ON stored_orders (user_id, created_at)
WHERE (status = 0 OR status = 3 OR status = 4);

CREATE INDEX orders_by_expiry ON stored_orders (created_at + 86400000000 + expires_shift)
WHERE status = 0 AND expires_shift IS NOT NULL;

CREATE INDEX payments_in_flight ON stored_orders (in_flight_since)
WHERE in_flight IS NOT NULL;
